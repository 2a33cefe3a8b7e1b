import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { type Civil, readIso } from '../../src/parse/kit/civil.ts';
import { type Head, putHead } from '../../src/parse/kit/head.ts';
import { addMailAddress, nameMailEnds, putMessageId } from '../../src/parse/kit/mail.ts';
import { ADDRESS, type MailPhrase, mailPhrases, mean, putClient } from '../../src/parse/kit/mail-phrases.ts';
import { put, putNumber, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// own file: 2021-11-02 08:14:07 #842(normal) <de4dd5>; task; rspamd_task_write_log: … · syslog: <1c7c3b>; proxy; rspamd_message_parse: … · #842(main) text · <>; ; rspamd_controller_check_password: …
const BODY =
  /^(?:#(\d{1,10})\((\w{1,32})\) |\((\w{1,32})\) )?(?:<([\w-]{0,64})>; )?(?:([\w-]{0,32}); )?(?:([\w.:]{3,80}): )?(.*)$/s;
const OWN = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})? (?=#\d{1,10}\(\w{1,32}\) )/;

interface Line {
  readonly head: Head;
  readonly worker: string | undefined;
  readonly tag: string | undefined;
  readonly module: string | undefined;
  readonly func: string | undefined;
  readonly text: string;
}

const split = ({ text, envelope }: RawRecord): Line | undefined => {
  const own = OWN.exec(text);
  if (own === null && envelope.program !== 'rspamd' && envelope.program !== 'rspamd_proxy') return undefined;
  const m = BODY.exec(own === null ? envelope.message : text.slice(own[0].length)) as RegExpExecArray;
  const civil: Civil | undefined = own === null ? envelope.civil : readIso(text)?.civil;
  return {
    head: {
      civil,
      host: own === null ? envelope.host : undefined,
      program: 'rspamd',
      pid: m[1] ?? (own === null ? envelope.pid : undefined),
    },
    worker: m[2] ?? m[3],
    tag: m[4],
    module: m[5],
    func: m[6],
    text: m[7] as string,
  };
};

// (default: T (reject): [51.90/15.00] [SYMBOL(9.29){option;},…])
const RESULT =
  /\((\w{1,64}): ([TFS]) \(([a-z ]{2,32})\): \[(-?[\d.nan]{1,12})\/(-?[\d.nan]{1,12})\] \[(.{0,32000}?)\]\)(?:, |$)/s;
// id: <1@x>, qid: <4F…>, ip: 192.0.2.7, user: kim, from: <a@b>, … len: 4123, time: 12.5ms, dns req: 30, digest: <…>, rcpts: <a,b>, mime_rcpts: <a>
const PAIR = /(?:^|, )([a-z][a-z_ ]{1,20}): (<[^>]{0,4000}>|(?:(?!, [a-z][a-z_ ]{1,20}: )[^(]){0,998}?)(?=, |$)/g;
const READ = new Set(['id', 'qid', 'ip', 'user', 'from', 'rcpts', 'mime_rcpts', 'len', 'helo', 'subject']);

/** Symbols of the authentication checks and the word for what they found. */
const CHECKS: readonly (readonly [RegExp, string])[] = [
  [/^R_SPF_([A-Z]{2,12})$/, 'einfallstor.email.spf'],
  [/^R_DKIM_([A-Z]{2,12})$/, 'einfallstor.email.dkim'],
  [/^DMARC_(?:POLICY_)?([A-Z]{2,12})$/, 'einfallstor.email.dmarc'],
];
const WORDS: Readonly<Record<string, string>> = {
  ALLOW: 'pass', FAIL: 'fail', REJECT: 'fail', QUARANTINE: 'fail', SOFTFAIL: 'softfail', NEUTRAL: 'neutral', NA: 'none', DNSFAIL: 'temperror',
  TEMPFAIL: 'temperror', PERMFAIL: 'permerror', BAD: 'permerror',
}; // biome-ignore format: a table

const putSymbols = (fields: Fields, text: string): void => {
  const names: string[] = [];
  for (const [, name] of text.matchAll(/(?:^|,)([A-Z][A-Z0-9_]{1,80})(?=[({,]|$)/g)) {
    if (names.length >= 500) break;
    names.push(name as string);
    for (const [pattern, field] of CHECKS) {
      const found = pattern.exec(name as string)?.[1];
      if (found !== undefined && fields[field] === undefined) put(fields, field, WORDS[found]);
    }
  }
  if (names.length > 0) fields['rspamd.symbols'] = names;
};

const readTask = (fields: Fields, text: string): Act => {
  const result = RESULT.exec(text);
  const rest = result === null ? text : `${text.slice(0, result.index)}${text.slice(result.index + result[0].length)}`;
  const pairs = new Map<string, string>();
  for (const [, key, value] of rest.slice(0, 16_384).matchAll(PAIR))
    if (!pairs.has(key as string)) pairs.set(key as string, (value as string).replace(/^<|>$/g, ''));
  putMessageId(fields, pairs.get('id') === 'undef' ? undefined : pairs.get('id'));
  put(fields, 'email.local_id', pairs.get('qid'));
  putClient(fields, pairs.get('ip'));
  putUser(fields, 'user', pairs.get('user'), true);
  put(fields, 'einfallstor.email.auth_user', pairs.get('user'));
  addMailAddress(fields, 'email.from.address', pairs.get('from') ?? pairs.get('smtp_from'));
  for (const to of (pairs.get('rcpts') ?? pairs.get('mime_rcpts') ?? '').split(',').slice(0, 500))
    addMailAddress(fields, 'email.to.address', to);
  nameMailEnds(fields, pairs.get('helo'), undefined);
  put(fields, 'email.subject', pairs.get('subject'));
  putNumber(fields, 'einfallstor.email.size', pairs.get('len'));
  for (const [key, value] of pairs) if (!READ.has(key)) put(fields, `rspamd.${key.replaceAll(' ', '_')}`, value);
  if (result === null) return mean(fields, 'task', 'verdict');
  const [, metric, , action, score, required, symbols] = result as unknown as string[];
  put(fields, 'rspamd.metric', metric === 'default' ? undefined : metric);
  putNumber(fields, 'rspamd.score', score);
  putNumber(fields, 'rspamd.required_score', required);
  putSymbols(fields, symbols as string);
  return mean(
    fields,
    (action as string).replaceAll(' ', '-'),
    /^(?:reject|discard)$/.test(action as string) ? 'rejected' : 'verdict',
  );
};

const IP = `\\[?(?<ip>${ADDRESS})\\]?`;
const PHRASES: readonly MailPhrase[] = [
  // got connection from 203.0.113.7:40350 · accepted milter connection from 127.0.0.1 port 51234 · accepted connection from ::1 port 53562, task ptr: …
  [
    new RegExp(`^(?:got|accepted)(?: \\w{1,16})? connection from ${IP}(?:(?::| port )(?<port>\\d{1,5}))?`),
    'connect',
    'connect',
  ],
  [
    /^(?:finished|closed?|ended) (?:\w{1,16} )?connection|^(?:milter|client) connection (?:closed|lost)/,
    'disconnect',
    'disconnect',
  ],
  // loaded message; id: <1@x>; queue-id: <4F…>; size: 30863; checksum: <…>
  [
    /^loaded message; id: <(?:undef(?=>)|(?<id>[^>]{0,998}))>; queue-id: <(?:undef(?=>)|(?<queue>[^>]{0,64}))>; size: (?<size>\d{1,12})/,
    'loaded',
    'note',
  ],
  // controller: web interface and rspamc
  [
    new RegExp(
      `^(?:allow |allowed )?(?:unauthorized|authorized|passwordless) connection from (?:a )?(?:trusted IP|unix socket|${IP})`,
    ),
    'controller-trusted',
    'note',
  ],
  // absent or incorrect password has been specified; source ip: 192.0.2.7:41450
  [
    new RegExp(
      `^(?:absent|invalid|wrong|no) (?:or (?:absent|incorrect|invalid|wrong) )?(?:enable )?password(?:.{0,80}; source ip: ${IP}:(?<port>\\d{1,5})$)?`,
    ),
    'controller-refused',
    'admin-refused',
  ],
  [
    /^(?:rspamd )?.{0,24}(?:is loading configuration|starting|is starting|terminating|spawn|restarting|listening|workers? process|process \S{1,40} (?:spawned|terminated|exited))/,
    'daemon',
    'state',
  ],
  [/(?:virus|signature) found: "?(?<rule>[^"]{1,255})"?/, 'virus', 'verdict'],
];
const readPhrase = mailPhrases('rspamd', PHRASES);

const claims = (record: RawRecord): boolean => split(record) !== undefined;

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const line = split(record);
    if (line === undefined) return rejected('not-this-format', 'rspamd did not write it');
    const fields: Fields = {};
    const act =
      line.func === 'rspamd_task_write_log'
        ? readTask(fields, line.text.slice(0, 65_536))
        : (readPhrase(fields, line.text.slice(0, 8192)) ?? mean(fields, line.func ?? 'message', 'note'));
    put(fields, 'rspamd.worker', line.worker);
    put(fields, 'rspamd.tag', line.tag);
    put(fields, 'rspamd.module', line.module);
    put(fields, 'rspamd.function', line.func);
    // 7.2.0.192.zen.example.net: an address turned round, to ask a DNS list, is none
    putHead(fields, clock, line.head, line.text.replaceAll(/(?:\d{1,3}\.){4}(?=[A-Za-z])/g, ''));
    put(fields, 'message', line.text);
    return { kind: 'event', act, fields };
  };

export default {
  id: 'rspamd',
  title: 'Rspamd spam filter',
  references: [{ title: 'Rspamd: Logging, log format', url: 'https://docs.rspamd.com/configuration/logging' }],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 'us' },
  families: [
    'results of scans with action, score, symbols, client, envelope, authenticated user, queue and message id; SPF, DKIM and DMARC from the symbols',
    'messages loaded, connections of milter and workers, the controller’s passwords, the daemon itself; syslog and own file',
  ],
  limits: ['a log_format of one’s own is read as far as it keeps `key: value`'],
  recognise: recogniseBy(claims, 'are of Rspamd', 0.97),
  claims,
  open,
} satisfies Parser as Parser;
