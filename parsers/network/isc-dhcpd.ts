import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type DhcpMessage, putLease } from '../../src/parse/kit/dhcp.ts';
import { categorise, put, putIp, putNumber } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

const IP = '(?:\\d{1,3}\\.){3}\\d{1,3}|[0-9a-fA-F]{0,4}:[0-9a-fA-F:.]{1,42}';
const MAC = '(?<mac>(?:[0-9a-fA-F]{1,2}:){5,19}[0-9a-fA-F]{1,2})';
// 00:00:5e:00:53:01 (LAPTOP-7) via eth0: network 10.0.0.0/24: no free leases · via 10.1.1.1
// via eth1 relay 10.1.1.1 lease-duration 3600 offered-duration 7200 (RENEW) uid 01:00:00:5e:00:53:01   (Infoblox)
const DEVICE = `${MAC}(?: \\((?<name>[^)]{0,255})\\))?`;
const VIA =
  '(?: via (?<via>[^\\s:]{1,64}))?(?: TransID \\w{1,12})?(?: uid \\S{1,128})?(?: \\((?:not )?found\\))?(?: relay \\S{1,64})?(?: lease-duration \\d{1,10})?(?: offered-duration \\d{1,10})?(?: \\([A-Z_-]{2,24}\\))?(?: uid \\S{1,128})?(?:: (?<reason>.{1,512}))?$';

const forms = (...rows: readonly [DhcpMessage, string][]): readonly { message: DhcpMessage; pattern: RegExp }[] =>
  rows.map(([message, source]) => ({ message, pattern: new RegExp(`^${source}`, 's') }));

/** As dhcp.c of the server writes them. */
const SERVER = forms(
  ['discover', `DHCPDISCOVER from ${DEVICE}${VIA}`],
  ['offer', `DHCPOFFER on (?<ip>${IP}) to ${DEVICE}${VIA}`],
  ['request', `DHCPREQUEST for (?<ip>${IP})(?: \\((?<server>${IP})\\))? from ${DEVICE}${VIA}`],
  ['ack', `DHCPACK on (?<ip>${IP}) to ${DEVICE}${VIA}`],
  ['ack', `DHCPACK to (?<ip>${IP}) \\(${MAC}\\)${VIA}`],
  ['nak', `DHCPNAK on (?<ip>${IP}) to ${DEVICE}${VIA}`],
  ['decline', `DHCPDECLINE of (?<ip>${IP}) from ${DEVICE}${VIA}`],
  ['release', `DHCPRELEASE of (?<ip>${IP}) from ${DEVICE}${VIA}`],
  ['expire', `DHCPEXPIRE (?:on|of) (?<ip>${IP}) (?:to|from) ${DEVICE}${VIA}`],
  ['inform', `DHCPINFORM from (?<ip>${IP})${VIA}`],
  ['query', `DHCPLEASEQUERY from (?<server>${IP})${VIA}`],
  ['conflict', `Abandoning IP address (?<ip>${IP})(?:: (?<reason>.{1,200}))?`],
  // Reply NA: address 2001:db8::5 to client with duid 00:01:… iaid = 1 valid for 600 seconds
  [
    'ack',
    `Reply (?:NA|TA|PD): (?:address|prefix) (?<ip>${IP})(?:/\\d{1,3})? to client with duid (?<duid>[0-9a-fA-F:]{2,400})`,
  ],
  [
    'offer',
    `Advertise (?:NA|TA|PD): (?:address|prefix) (?<ip>${IP})(?:/\\d{1,3})? to client with duid (?<duid>[0-9a-fA-F:]{2,400})`,
  ],
  ['discover', `Solicit message from (?<link>${IP}) port \\d{1,5}`],
  ['request', `(?:Request|Renew|Rebind|Confirm) message from (?<link>${IP}) port \\d{1,5}`],
  ['release', `(?:Client (?<duid>[0-9a-fA-F:]{2,400}) releases|Release of) address (?<ip>${IP})`],
);

/** As dhclient.c writes them: the host of the log is the one that gets the address. */
const CLIENT = forms(
  ['ack', `bound to (?<ip>${IP}) --`],
  ['ack', `DHCPACK (?:of (?<ip>${IP}) )?from (?<server>${IP})`],
  ['offer', `DHCPOFFER (?:of (?<ip>${IP}) )?from (?<server>${IP})`],
  ['nak', `DHCPNAK (?:of (?<ip>${IP}) )?from (?<server>${IP})`],
  ['request', `DHCPREQUEST (?:(?:for|of) (?<ip>${IP}) )?on (?<via>\\S{1,64}) to (?<server>${IP}) port`],
  ['discover', `DHCPDISCOVER on (?<via>\\S{1,64}) to (?<server>${IP}) port`],
  ['release', `DHCPRELEASE (?:of (?<ip>${IP}) )?on (?<via>\\S{1,64}) to (?<server>${IP}) port`],
  ['decline', `DHCPDECLINE (?:of (?<ip>${IP}) )?on (?<via>\\S{1,64}) to (?<server>${IP}) port`],
);

// Added new forward map from laptop-7.werft.example to 10.0.0.5 · Added reverse map from 5.0.0.10.in-addr.arpa. to laptop-7.werft.example
const MAP = /^(?<what>Added(?: new)?|Removed) (?<way>forward|reverse) map from (?<from>\S{1,255}) to (?<to>\S{1,255})/i;

// wrong network. · no free leases · booting disallowed · lease 10.0.0.5 unavailable.
const FAILED =
  /no free leases|wrong network|unavailable|unknown (?:network segment|lease|subnet|client)|booting disallowed|peer holds all|transition state|not authoritative|ignored|duplicate/;

/** What dhcpd writes in the place of a name with a letter such as `ü`. */
const UNPRINTABLE = 'Hostname Unsuitable for Printing';

const readDhcp = (fields: Fields, text: string, isClient: boolean): Act | undefined => {
  for (const { message, pattern } of isClient ? CLIENT : SERVER) {
    const g = pattern.exec(text)?.groups;
    if (g === undefined) continue;
    const failed =
      message === 'nak' || message === 'decline' || message === 'conflict' || FAILED.test(g['reason'] ?? '');
    putLease(
      fields,
      message,
      { address: g['ip'], mac: g['mac'], name: g['name'] === UNPRINTABLE ? undefined : g['name'], reason: g['reason'] },
      failed,
    );
    putIp(fields, 'server.ip', g['server'] === '255.255.255.255' ? undefined : g['server']);
    putIp(fields, 'isc.dhcp.link_local', g['link']);
    put(fields, 'isc.dhcp.duid', g['duid']);
    relateAddresses(fields, g['via'] ?? '');
    if (!putIp(fields, 'isc.dhcp.relay', g['via'])) put(fields, 'observer.ingress.interface.name', g['via']);
    return 'dhcp-lease';
  }
  return undefined;
};

/** What the server told the name server: also who has the address. */
const readMap = (fields: Fields, text: string): void => {
  const g = MAP.exec(text)?.groups;
  if (g === undefined) return;
  put(
    fields,
    'event.action',
    `${g['way']}-map-${g['what']?.slice(0, 5).toLowerCase() === 'added' ? 'added' : 'removed'}`,
  );
  put(fields, 'source.domain', (g['way'] === 'forward' ? g['from'] : g['to'])?.toLowerCase().replace(/\.$/, ''));
  const reversed = /^((?:\d{1,3}\.){4})in-addr\.arpa/
    .exec(g['from'] as string)?.[1]
    ?.split('.')
    .slice(0, 4)
    .reverse()
    .join('.');
  putIp(fields, 'source.ip', g['way'] === 'forward' ? g['to'] : reversed);
};

const PROGRAMS = /^(?:dhcpd6?|dhclient(?:-\w{1,16})?|isc-dhcp-server|dhcrelay6?)$/;

const isDhcp = ({ envelope }: RawRecord): boolean =>
  envelope.program === undefined
    ? /^DHCP(?:DISCOVER|OFFER|REQUEST|ACK|NAK|RELEASE|DECLINE|INFORM) /.test(envelope.message) &&
      readDhcp({}, envelope.message, false) !== undefined
    : PROGRAMS.test(envelope.program);

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    if (!isDhcp(record)) return rejected('not-this-format', 'neither dhcpd nor dhclient wrote it');
    const { civil, host, program, pid, message } = record.envelope;
    const isClient = program?.startsWith('dhclient') === true;
    const fields: Fields = {};
    clock.stamp(fields, civil);
    put(fields, isClient ? 'host.name' : 'observer.name', host);
    put(fields, 'process.name', program);
    putNumber(fields, 'process.pid', pid);
    fields['message'] = message;
    const act = readDhcp(fields, message.slice(0, 4096).trimEnd(), isClient);
    if (act === undefined) {
      categorise(fields, ['network'], ['info']);
      readMap(fields, message.slice(0, 1024));
      if (fields['source.domain'] === undefined) relateAddresses(fields, message.slice(0, 4096));
    }
    const state =
      act === undefined && /^(?:Server starting service\.|Internet Systems Consortium DHCP Server )/.test(message);
    return { kind: 'event', act: act ?? (state ? 'source-state' : 'other'), fields };
  };

export default {
  id: 'isc-dhcpd',
  title: 'ISC DHCP server and client',
  references: [
    { title: 'dhcpd(8)', url: 'https://kb.isc.org/docs/isc-dhcp-44-manual-pages-dhcpd' },
    { title: 'dhclient(8)', url: 'https://kb.isc.org/docs/isc-dhcp-44-manual-pages-dhclient' },
    { title: 'ISC DHCP, server/dhcp.c', url: 'https://github.com/isc-projects/dhcp/blob/master/server/dhcp.c' },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 'us' },
  families: [
    'every message of an exchange with address, device and name, DHCPv4 and DHCPv6',
    'changes in DNS, abandoned addresses',
    'dhclient',
  ],
  recognise: recogniseBy(isDhcp, 'are of dhcpd or dhclient', 0.97),
  claims: isDhcp,
  open,
} satisfies Parser as Parser;
