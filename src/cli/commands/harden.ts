import type { CommandModule } from 'yargs';
import { jsonText } from '../../core/json.ts';
import { withCase, withJson, withLanguage } from '../options.ts';
import { bold, print, safe, say } from '../terminal.ts';

const WORDS = {
  en: {
    evidence: 'evidence',
    check: 'must find nothing afterwards',
    block: 'BLOCK LIST (review before use)',
    left: 'left out',
    none: 'no measure in the catalogue',
    empty: 'The verdict is none: there is no chain to break.',
  },
  de: {
    evidence: 'Beleg',
    check: 'darf danach nichts finden',
    block: 'SPERRLISTE (vor Gebrauch prüfen)',
    left: 'ausgelassen',
    none: 'keine Maßnahme im Katalog',
    empty: 'Kein Ergebnis: es gibt keine Kette, die zu brechen wäre.',
  },
} as const;

export const hardenCommand: CommandModule<object, { case: string; lang: 'en' | 'de'; json: boolean }> = {
  command: 'harden',
  describe: 'for each step of the leading hypotheses the measure that breaks it, and a block list to review',
  builder: (y) => withJson(withLanguage(withCase(y))),
  handler: async (args) => {
    const { hardenCase } = await import('../../app/harden.ts');
    const hardening = await hardenCase(args.case, args.lang);
    if (args.json) {
      await print(`${jsonText(hardening)}\n`);
      return;
    }
    const words = WORDS[args.lang];
    if (hardening.steps.length === 0) say(words.empty);
    for (const step of hardening.steps) {
      await print(
        `${bold(`${step.timestamp.slice(0, 16).replace('T', ' ')}  ${step.technique}  ${safe(step.summary)}`)}\n`,
      );
      const first = step.events[0];
      if (first !== undefined)
        await print(
          `    ${words.evidence}: ${safe(first.evidence.path)} ${first.evidence.line ?? first.evidence.record ?? ''}\n`,
        );
      for (const measure of step.measures) {
        await print(
          `  → ${measure.title}  [ATT&CK ${measure.mitigations.join(' ')} · BSI ${measure.grundschutz.join(' ')} · CIS ${measure.cis.join(' ')}]\n`,
        );
        await print(`    ${measure.action}\n`);
        if (measure.check !== null) await print(`    ${words.check}: ${measure.check}\n`);
      }
    }
    for (const { technique, summary } of hardening.without)
      await print(`${technique}  ${safe(summary)}: ${words.none}\n`);
    if (hardening.blockList.length === 0) return;
    await print(`\n${bold(words.block)}\n`);
    for (const { address, block, because } of hardening.blockList)
      await print(
        `  ${block ? address.padEnd(40) : `(${address})`.padEnd(40)} ${block ? '' : `${words.left}: `}${safe(because)}\n`,
      );
  },
};
