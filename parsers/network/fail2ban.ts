import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, readIso } from '../../src/parse/kit/civil.ts';
import { categorise, put, putIp, putNumber, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// 2026-11-27 05:02:33,487 fail2ban.actions        [60]: NOTICE  [sshd] Ban 203.0.113.66 · until 0.8: 2013-01-02 05:02:33,487 fail2ban.actions: WARNING [ssh] Ban …
const OWN =
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:,\d{3})? (fail2ban(?:\.\w{1,24}){0,2}) {0,24}(?:\[(\d{1,10})\])?: ([A-Z]{4,12}) {1,8}(.*)$/s;
const PROGRAM = /^fail2ban(?:\.\w{1,24}){0,2}$|^fail2ban-server$/;
/** `NOTICE  [sshd] …`, with the part of the program in front in a syslog target of 0.11: `fail2ban.actions        [60]: NOTICE  [sshd] …` */
const LEVEL = /^(?:(fail2ban(?:\.\w{1,24}){1,2}) {0,24}(?:\[\d{1,10}\])?: )?([A-Z]{4,12}) {1,8}(.*)$/s;

interface Line {
  readonly civil: Civil | undefined;
  readonly part: string;
  readonly pid: string | number | undefined;
  readonly level: string | undefined;
  readonly text: string;
  readonly host: string | undefined;
}

const lineOf = ({ text: whole, envelope }: RawRecord): Line | undefined => {
  const own = OWN.exec(whole);
  if (own !== null) {
    const [, part, pid, level, text] = own as unknown as [string, string, string | undefined, string, string];
    return { civil: readIso(whole.slice(0, 23))?.civil, part, pid, level, text: text.trim(), host: undefined };
  }
  const { program, pid, civil, host, message } = envelope;
  if (program === undefined || !PROGRAM.test(program)) return undefined;
  const m = LEVEL.exec(message);
  return { civil, part: m?.[1] ?? program, pid, level: m?.[2], text: (m?.[3] ?? message).trim(), host };
};

// [sshd] Ban 203.0.113.66 · [sshd] Restore Ban 2001:db8::7 · [sshd] Found 203.0.113.66 - 2026-11-27 05:02:31 · [sshd] 203.0.113.66 already banned
// [sshd] Increase Ban 203.0.113.66 (2 # 8s -> 2026-11-27 05:02:51) · [sshd] Ignore 198.51.100.7 by ip
const ACTION =
  /^\[(?<jail>[^\]]{1,64})\] (?:(?<word>Restore Ban|Increase Ban|Ban|Unban|Found|Ignore) (?<ip>[\da-fA-F.:]{2,45}?)(?=,|\s|$)|(?<banned>[\da-fA-F.:]{2,45}) already banned)/;

const readAction = (fields: Fields, text: string): Act | undefined => {
  const g = ACTION.exec(text)?.groups;
  if (g === undefined) return undefined;
  const word = g['word'] ?? 'Already banned';
  put(fields, 'rule.name', g['jail']);
  putIp(fields, 'source.ip', g['ip'] ?? g['banned']);
  put(fields, 'event.action', word.toLowerCase().replace(' ', '-'));
  // what was found stands in the log of the service itself: only the ban is this one's act
  if (!/^(?:Restore )?Ban$/.test(word)) {
    categorise(fields, ['intrusion_detection'], ['info']);
    return 'other';
  }
  fields['event.kind'] = 'alert';
  categorise(fields, ['intrusion_detection', 'network'], ['denied']);
  return 'threat';
};

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const line = lineOf(record);
    if (line === undefined) return rejected('not-this-format', 'no line of Fail2ban');
    const fields: Fields = { 'observer.product': 'Fail2ban' };
    if (line.civil === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, line.civil);
    put(fields, 'host.name', line.host);
    put(fields, 'process.name', 'fail2ban');
    putNumber(fields, 'process.pid', line.pid);
    put(fields, 'log.logger', line.part);
    put(fields, 'log.level', line.level?.toLowerCase());
    put(fields, 'message', line.text);
    const text = line.text.slice(0, 2048);
    const act = readAction(fields, text);
    if (act === undefined) categorise(fields, ['process'], ['info']);
    relateAddresses(fields, text);
    const state =
      act === undefined &&
      /^(?:Starting Fail2ban|Exiting Fail2ban|Shutdown in progress|Jail '.{1,64}' (?:started|stopped))/.test(text);
    return { kind: 'event', act: act ?? (state ? 'source-state' : 'other'), fields };
  };

const claims = (record: RawRecord): boolean => lineOf(record) !== undefined;

export default {
  id: 'fail2ban',
  title: 'Fail2ban',
  references: [
    {
      title: 'fail2ban(1), fail2ban-jail.conf(5)',
      url: 'https://manpages.debian.org/stable/fail2ban/jail.conf.5.en.html',
    },
    { title: 'Fail2ban source: server/actions.py, server/filter.py', url: 'https://github.com/fail2ban/fail2ban' },
  ],
  framing: 'line',
  states: { zone: 'unstated', year: 'varies', resolution: 'ms' },
  families: [
    'addresses banned, let go, found, ignored; jails and the daemon; own file and syslog, versions 0.8 to 1.0',
  ],
  limits: ['what was found is no login of its own: the log of the service tells it'],
  recognise: recogniseBy(claims, 'are of Fail2ban', 0.98),
  claims,
  open,
} satisfies Parser as Parser;
