import { canonicalIp } from '../../core/net.ts';
import { words } from './field-map.ts';

/** What the message of a legacy log says, under the names that the structured logs give it; `table`: the one it would be in. */
export interface AzureFirewallMessage {
  readonly table: string;
  readonly values: Readonly<Record<string, string>>;
}

// TCP request from 10.1.0.4:50112 to 203.0.113.9:443. Action: …
// TCP request from 198.51.100.23:41022 to 192.0.2.10:3389 was DNAT'ed to 10.1.0.4:3389
// ICMP Type=8 request from 10.1.0.4: to 10.1.1.5:. Action: …
// HTTPS request from 10.1.0.5:55640. Action: Deny. Reason: SNI TLS extension was missing.
const REQUEST =
  /^([A-Za-z][A-Za-z\d]{1,15})(?: Type=(\d{1,3}))? request from ([^\s,]{2,64}?)\.?(?: to ([^\s,]{1,300}?)\.?)?(?: was DNAT'ed to ([^\s,]{2,64}?)\.?)?(?= |$)/;
// . Action: Deny. Rule Collection: web. Rule: allow-all   each part begins with its name
const PART =
  /\. (Action|Policy|Rule Collection Group|Rule Collection|Rule|Reason|ThreatIntel|Url|Web Category|Signature|IDS|Priority|Classification): /;

const NAMES: Readonly<Record<string, string>> = {
  Action: 'Action',
  Policy: 'Policy',
  'Rule Collection Group': 'RuleCollectionGroup',
  'Rule Collection': 'RuleCollection',
  Rule: 'Rule',
  Reason: 'ActionReason',
  ThreatIntel: 'ThreatDescription',
  Url: 'TargetUrl',
  'Web Category': 'WebCategory',
  Signature: 'SignatureId',
  IDS: 'Description',
  Priority: 'Severity',
  Classification: 'Category',
};

// 10.1.0.4:50112 · www.example.com:443 · [2001:db8::4]:443 · 10.1.0.4:
const END = /^(\[[\da-fA-F:.]{2,45}\]|[^:]{1,255})(?::(\d{0,5}))?$/;

const putEnd = (values: Record<string, string>, side: string, text: string | undefined): void => {
  const [, host, port] = END.exec(text ?? '') ?? [undefined, canonicalIp(text ?? '')];
  if (host === undefined) return;
  values[`${side}Ip`] = host.replaceAll(/[[\]]/g, '');
  if (port) values[`${side}Port`] = port;
};

// . No rule matched. Proceeding with default action   a sentence without a name, behind an action or a policy
const DEFAULT = /\. (?=No rule matched)/;

const putParts = (values: Record<string, string>, text: string): void => {
  const parts = text.split(PART);
  for (let n = 1; n + 1 < parts.length; n += 2) {
    const [value = '', reason] = (parts[n + 1] as string).replace(/\.\s*$/, '').split(DEFAULT);
    values[NAMES[parts[n] as string] as string] = value;
    if (reason !== undefined) values['ActionReason'] = reason;
  }
};

const tableOf = (category: string, values: Readonly<Record<string, string>>): string => {
  if (values['ThreatDescription'] !== undefined) return 'AZFWThreatIntel';
  if (values['SignatureId'] !== undefined || values['Description'] !== undefined) return 'AZFWIdpsSignature';
  if (values['TranslatedIp'] !== undefined) return 'AZFWNatRule';
  return /ApplicationRule/i.test(category) ? 'AZFWApplicationRule' : 'AZFWNetworkRule';
};

// DNS Request: 10.1.0.4:57890 - 45001 A IN www.example.com. udp 45 false 512 NOERROR qr,rd,ra 72 0.0123s
const DNS_REQUEST =
  /^DNS Request: (\S{2,64}) - (\d{1,6}) (\S{1,16}) (\S{1,8}) (\S{1,255}) (\S{1,8}) (\d{1,9}) (\S{1,5}) (\d{1,9}) (\S{1,16}) (\S{1,64}) (\d{1,9}) ([\d.]{1,20})s/;
const DNS_NAMES =
  words(`QueryId QueryType QueryClass QueryName Protocol RequestSize DnssecOkBit EDNS0BufferSize ResponseCode
    ResponseFlags ResponseSize RequestDurationSecs`);

/** The text that `msg` holds in logs of the category AzureFirewall…, whose fields are words. */
export const readAzureFirewallMessage = (category: string, text: string): AzureFirewallMessage | undefined => {
  const values: Record<string, string> = {};
  const dns = DNS_REQUEST.exec(text);
  if (dns !== null) {
    putEnd(values, 'Source', dns[1]);
    DNS_NAMES.forEach((name, n) => {
      values[name] = dns[n + 2] as string;
    });
    return { table: 'AZFWDnsQuery', values };
  }
  const m = REQUEST.exec(text);
  if (m === null) return undefined;
  const [whole, protocol = '', icmpType, source, destination, translated] = m;
  values['Protocol'] = protocol;
  if (icmpType !== undefined) values['IcmpType'] = icmpType;
  putEnd(values, 'Source', source);
  putEnd(values, 'Destination', destination);
  putEnd(values, 'Translated', translated);
  // a sentence without its full stop ends the same
  const rest = text.slice(whole.length).trimStart();
  putParts(values, rest.startsWith('.') ? rest : `. ${rest}`);
  return { table: tableOf(category, values), values };
};
