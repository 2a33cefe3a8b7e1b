import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, readIso } from '../../src/parse/kit/civil.ts';
import { type Json, keepJson, readObject, textAt } from '../../src/parse/kit/json.ts';
import { add, categorise, put, putIp, putNumber, putTransport, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

type Meaning = readonly [act: Act, category: string, type: string, outcome?: 'success' | 'failure'];

/**
 * https://docs.cowrie.org/en/latest/OUTPUT.html. Who is let in here is let into the trap, not into the network: what is done in
 * it is a threat that was seen, neither a login nor a program that ran.
 */
const EVENTS: Readonly<Record<string, Meaning>> = {
  'cowrie.session.connect': ['flow-start', 'network', 'start'],
  'cowrie.session.closed': ['flow', 'network', 'end'],
  'cowrie.login.success': ['threat', 'authentication', 'start', 'success'],
  'cowrie.login.failed': ['threat', 'authentication', 'info', 'failure'],
  'cowrie.command.input': ['threat', 'process', 'start'],
  'cowrie.command.success': ['threat', 'process', 'start', 'success'],
  'cowrie.command.failed': ['threat', 'process', 'start', 'failure'],
  'cowrie.session.file_download': ['threat', 'file', 'creation', 'success'],
  'cowrie.session.file_download.failed': ['threat', 'file', 'creation', 'failure'],
  'cowrie.session.file_upload': ['threat', 'file', 'creation', 'success'],
  'cowrie.direct-tcpip.request': ['flow-start', 'network', 'connection'],
  'cowrie.direct-tcpip.data': ['other', 'network', 'info'],
};
const UNKNOWN: Meaning = ['other', 'network', 'info'];

// ------------------------------------------------------------------------------------------------------------- JSON

const jsonOf = (text: string): Json | undefined => {
  if (!text.includes('"cowrie.')) return undefined;
  const object = readObject(text);
  const id = textAt(object, 'eventid');
  return object !== undefined && id?.startsWith('cowrie.') ? object : undefined;
};

const MAPPED = new Set(
  'eventid src_ip src_port dst_ip dst_port username session timestamp message sensor shasum'.split(' '),
);

const readJson = (fields: Fields, event: Json): Act => {
  const id = textAt(event, 'eventid') as string;
  const [act, category, type, outcome] = own(EVENTS, id) ?? UNKNOWN;
  categorise(fields, [category], [type], outcome);
  fields['event.action'] = id.slice('cowrie.'.length);
  putIp(fields, 'source.ip', textAt(event, 'src_ip'));
  putNumber(fields, 'source.port', textAt(event, 'src_port'));
  if (!putIp(fields, 'destination.ip', textAt(event, 'dst_ip')))
    put(fields, 'destination.domain', textAt(event, 'dst_ip')?.toLowerCase());
  putNumber(fields, 'destination.port', textAt(event, 'dst_port'));
  put(fields, 'user.name', textAt(event, 'username'));
  put(fields, 'session.id', textAt(event, 'session'));
  put(fields, 'observer.name', textAt(event, 'sensor'));
  put(fields, 'network.protocol', textAt(event, 'protocol'));
  put(fields, 'process.command_line', textAt(event, 'input'));
  put(fields, 'user_agent.original', id === 'cowrie.client.version' ? textAt(event, 'version') : undefined);
  put(fields, 'einfallstor.ssh.key_fingerprint', textAt(event, 'fingerprint'));
  put(fields, 'file.hash.sha256', textAt(event, 'shasum')?.toLowerCase());
  put(fields, 'file.path', textAt(event, 'filename', 'destfile'));
  putUrl(fields, textAt(event, 'url'));
  const seconds = Number(textAt(event, 'duration') ?? Number.NaN);
  if (id === 'cowrie.session.closed' && seconds >= 0) putNumber(fields, 'event.duration', Math.round(seconds * 1e9));
  put(fields, 'message', textAt(event, 'message'));
  keepJson(fields, 'cowrie', event, MAPPED);
  return act;
};

// ------------------------------------------------------------------------------------------------------------- text

// 2021-11-02T08:15:30+0000 [cowrie.ssh.factory.CowrieSSHFactory] New connection: 192.0.2.7:47630 (10.0.0.5:2222) [session: 3e5a9212b91f]
// 2021-11-02T08:15:31.123456Z [HoneyPotSSHTransport,12,192.0.2.7] login attempt [b'root'/b'123456'] failed
const TEXT =
  /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d{4})) \[((?:cowrie\.|HoneyPot|Cowrie|SSHChannel|SSHService|twisted\.|-)[^\]]{0,200})\] (.*)$/s;
const TEXT_HEAD = 200;
const TRAP = /cowrie|HoneyPot/i;
const CONNECTION =
  /^New connection: ([\da-fA-F.:]{2,45}):(\d{1,5}) \(([\da-fA-F.:]{2,45}):(\d{1,5})\) \[session: (\w{1,64})\]/;
// a password may hold anything: the end of the line decides
const ATTEMPT = /^login attempt \[(?:b'(.{0,256}?)'|(.{0,256}?))\/(.{0,512})\] (succeeded|failed)$/s;

interface Text {
  readonly time: Civil | undefined;
  readonly system: string;
  readonly message: string;
}
const textOf = ({ text, envelope }: RawRecord): Text | undefined => {
  const m = TEXT.exec(text.slice(0, 8192));
  if (m === null || m.index > TEXT_HEAD || !(TRAP.test(m[2] as string) || envelope.program === 'cowrie'))
    return undefined;
  return { time: readIso(m[1] as string)?.civil, system: m[2] as string, message: m[3] as string };
};

const readText = (fields: Fields, { system, message }: Text): Act => {
  // HoneyPotSSHTransport,12,192.0.2.7
  putIp(fields, 'source.ip', /,([\da-fA-F.:]{2,45})$/.exec(system)?.[1]);
  put(fields, 'log.logger', system);
  put(fields, 'message', message);
  const connection = CONNECTION.exec(message);
  const attempt = ATTEMPT.exec(message);
  if (connection !== null) {
    putIp(fields, 'source.ip', connection[1]);
    putNumber(fields, 'source.port', connection[2]);
    putIp(fields, 'destination.ip', connection[3]);
    putNumber(fields, 'destination.port', connection[4]);
    put(fields, 'session.id', connection[5]);
    fields['event.action'] = 'session.connect';
    categorise(fields, ['network'], ['start']);
    return 'flow-start';
  }
  if (attempt !== null) {
    put(fields, 'user.name', attempt[1] ?? attempt[2]);
    const passed = attempt[4] === 'succeeded';
    fields['event.action'] = passed ? 'login.success' : 'login.failed';
    categorise(fields, ['authentication'], [passed ? 'start' : 'info'], passed ? 'success' : 'failure');
    return 'threat';
  }
  const command = /^(?:CMD|Command found): (.{1,4096})$/s.exec(message)?.[1];
  put(fields, 'process.command_line', command);
  categorise(fields, [command === undefined ? 'network' : 'process'], [command === undefined ? 'info' : 'start']);
  return command === undefined ? 'other' : 'threat';
};

const claims = (record: RawRecord): boolean => jsonOf(record.text) !== undefined || textOf(record) !== undefined;

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const json = jsonOf(record.text);
    const text = json === undefined ? textOf(record) : undefined;
    if (json === undefined && text === undefined) return rejected('not-this-format', 'no record of Cowrie');
    const fields: Fields = { 'observer.product': 'Cowrie', 'observer.type': 'honeypot' };
    const time = text === undefined ? readIso(textAt(json, 'timestamp') ?? '')?.civil : text.time;
    if (time === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, time);
    put(fields, 'observer.name', record.envelope.host);
    const act = json === undefined ? readText(fields, text as Text) : readJson(fields, json);
    if (act === 'threat') fields['event.kind'] = 'alert';
    putTransport(fields, 'tcp');
    fields['service.type'] = /telnet/i.test(String(fields['network.protocol'] ?? text?.system ?? ''))
      ? 'telnet'
      : 'ssh';
    add(fields, 'tags', 'honeypot');
    relateAddresses(fields, record.text.slice(0, 16_384));
    return { kind: 'event', act, fields };
  };

export default {
  id: 'cowrie',
  title: 'Cowrie SSH and Telnet honeypot',
  references: [
    { title: 'Cowrie: output event code reference', url: 'https://docs.cowrie.org/en/latest/OUTPUT.html' },
    { title: 'Cowrie', url: 'https://github.com/cowrie/cowrie' },
  ],
  framing: 'line',
  states: { zone: 'stated', year: 'stated', resolution: 'us' },
  families: [
    'connections, login attempts, commands, downloads, uploads, forwarding requests, client versions and keys; JSON and text log',
  ],
  limits: [
    'logins and commands are threats, for they reach the trap only; all events carry the tag honeypot',
    'passwords that were tried stay under cowrie.password',
  ],
  recognise: recogniseBy(claims, 'are records of Cowrie'),
  claims,
  open,
} satisfies Parser as Parser;
