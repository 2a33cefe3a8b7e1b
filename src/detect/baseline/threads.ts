import { asIs, say } from '../../core/said.ts';
import { numberOf, textOf, valuesOf } from '../../ecs/event.ts';
import { and, field, isAny } from '../../query/ast.ts';
import { findingOf, type Meaning } from '../build.ts';
import type { Finding } from '../finding.ts';
import { durationText } from '../words.ts';
import type { Baseline } from './baseline.ts';
import { registeredOf } from './likeness.ts';
import { SETTINGS } from './settings.ts';

const TITLE = 'Reply within a known exchange of mails by a stranger';

const QUERY = and(
  isAny('einfallstor.act', ['mail-received', 'mail-delivery']),
  field('email.subject', { op: 'exists' }),
  field('email.from.address', { op: 'exists' }),
);
const FIELDS = ['email.subject', 'email.from.address', 'email.to.address', 'email.reply_to.address', 'event.outcome'];

/** `Re: `, `AW: `, `Antw: `, `Re[2]: `, `[EXTERN] AW: `; Outlook's words of several languages for a reply. */
const REPLY = /^(?:\[[^\]]{1,30}\] ?)?(?:re|aw|antw|antwort|sv|rv|rif|odp)(?:\[\d{1,3}\])? ?: ?/i;
/** What stands in front of a subject besides: forwards, marks of gateways. */
const FRONT = /^(?:\[[^\]]{1,30}\] ?|(?:re|aw|antw|antwort|sv|rv|rif|odp|fwd?|wg|tr|vs)(?:\[\d{1,3}\])? ?: ?)+/i;

/** The subject that all messages of an exchange share; undefined when it is too short to tell exchanges apart. */
const threadOf = (subject: string): string | undefined => {
  const bare = subject.trim().replace(FRONT, '').trim().toLowerCase();
  return bare.length >= SETTINGS.threadShortest ? bare : undefined;
};

const domainOf = (address: string): string | undefined =>
  registeredOf(address.slice(address.lastIndexOf('@') + 1))?.domain;

interface Thread {
  readonly first: number;
  last: number;
  readonly domains: Set<string>;
}

interface Mail {
  readonly id: string;
  readonly time: number;
  readonly from: string;
  readonly to: string | undefined;
  readonly subject: string;
  readonly stranger: string;
}

const findingFor = ({ id, time, from, to, subject, stranger }: Mail, thread: Thread, begin: number): Finding => {
  const isYoung = time - begin < SETTINGS.learning;
  const meaning: Meaning = {
    id: 'baseline-thread-stranger',
    title: TITLE,
    level: isYoung ? 'low' : 'medium',
    techniques: ['T1566'],
    chain: {
      stage: 'initial-access',
      vector: 'mail-phishing',
      requires: [],
      provides: [],
      weight: SETTINGS.threadWeight * (isYoung ? 0.5 : 1),
    },
  };
  const after = durationText(time - begin);
  const others = [...thread.domains].sort().slice(0, 3).join(', ');
  const doubt = isYoung
    ? say('; insufficient history to call it new', '; zu wenig Vorgeschichte, um sie neu zu nennen')
    : asIs('');
  const fact = say(
    `${from} answered "${subject}", an exchange with ${others}; ${stranger} had written to nobody here in ${after.en}${doubt.en}`,
    `${from} antwortete auf „${subject}“, einen Schriftwechsel mit ${others}; ${stranger} hatte hier seit ${after.de} niemandem geschrieben${doubt.de}`,
  );
  const entities: Record<string, string> = { 'email.from.address': from };
  if (to !== undefined) entities['email.to.address'] = to;
  return findingOf(
    meaning,
    { from: time, to: time, at: time, ids: [id], count: 1 },
    { stranger, subject },
    entities,
    fact,
  );
};

/** Stolen exchanges: an answer under a subject that runs between others, from a domain that never wrote or was written to. */
export const threadStrangers: Baseline = {
  title: TITLE,
  run: async ({ store }) => {
    const known = new Set<string>();
    const threads = new Map<string, Thread>();
    const findings: Finding[] = [];
    let begin: number | undefined;
    for await (const { id, fields } of store.scan(QUERY, { order: 'time', fields: FIELDS })) {
      const time = numberOf(fields, '@timestamp');
      const [subject, from] = [
        textOf(fields, 'email.subject') as string,
        textOf(fields, 'email.from.address') as string,
      ];
      if (time === undefined || textOf(fields, 'event.outcome') === 'failure') continue;
      begin ??= time;
      const recipients = valuesOf(fields, 'email.to.address').map(String);
      const senders = [from, ...valuesOf(fields, 'email.reply_to.address').map(String)];
      const key = threadOf(subject);
      let thread = key === undefined ? undefined : threads.get(key);
      if (thread !== undefined && time - thread.last > SETTINGS.threadAge) thread = undefined;
      const strangers = senders.flatMap((address) => domainOf(address) ?? []).filter((domain) => !known.has(domain));
      if (thread !== undefined && strangers[0] !== undefined && REPLY.test(subject)) {
        findings.push(
          findingFor({ id, time, from, to: recipients[0], subject, stranger: strangers[0] }, thread, begin),
        );
      }
      if (key !== undefined && thread === undefined) {
        thread = { first: time, last: time, domains: new Set() };
        threads.set(key, thread);
      }
      for (const address of [...senders, ...recipients]) {
        const domain = domainOf(address);
        if (domain === undefined) continue;
        known.add(domain);
        thread?.domains.add(domain);
      }
      if (thread !== undefined) thread.last = time;
    }
    return findings;
  },
};
