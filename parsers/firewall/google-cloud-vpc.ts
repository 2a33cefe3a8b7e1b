import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { type Civil, readIso } from '../../src/parse/kit/civil.ts';
import { putSpan, turnAnswer } from '../../src/parse/kit/flow.ts';
import { isObject, type Json, keepJson, readObject, textAt } from '../../src/parse/kit/json.ts';
import { once } from '../../src/parse/kit/once.ts';
import { categorise, put, putIp, putNumber, putTransport, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import {
  BLANK,
  type Outcome,
  type ParseContext,
  type Parser,
  type RawRecord,
  rejected,
} from '../../src/parse/parser.ts';

// projects/shop-prod/logs/compute.googleapis.com%2Fvpc_flows
const LOG = /\/logs\/(?:compute|networkmanagement)\.googleapis\.com(?:%2F|\/)(vpc_flows|firewall|nat_flows)$/i;

interface Entry {
  readonly log: string;
  readonly entry: Json;
  readonly payload: Json;
}

/** A LogEntry with what the network tells in `jsonPayload`: its five values of a connection, and more by the kind of log. */
const readEntry = once(({ text }: RawRecord): Entry | undefined => {
  if (!text.includes('"jsonPayload"')) return undefined;
  const entry = readObject(text);
  const log = LOG.exec(textAt(entry, 'logName') ?? '')?.[1]?.toLowerCase();
  const payload = entry?.['jsonPayload'];
  return entry !== undefined && log !== undefined && isObject(payload) && isObject(payload['connection'])
    ? { log, entry, payload }
    : undefined;
});

const civil = (text: string | undefined): Civil | undefined => readIso(text ?? '')?.civil;

const putConnection = (fields: Fields, payload: Json): void => {
  const at = (name: string): string | undefined => textAt(payload, `connection.${name}`);
  putTransport(fields, at('protocol'));
  for (const [side, prefix] of [
    ['source', 'src'],
    ['destination', 'dest'],
    ['source.nat', 'nat'],
  ] as const) {
    putIp(fields, `${side}.ip`, at(`${prefix}_ip`));
    const port = at(`${prefix}_port`);
    if (port !== '0') putNumber(fields, `${side}.port`, port);
  }
};

/** The machine at one end; the log is of the network between them. */
const putMachine = (fields: Fields, side: 'source' | 'destination', payload: Json, name: string): void =>
  put(fields, `${side}.domain`, textAt(payload, `${name}.vm_name`)?.toLowerCase());

type Reader = (fields: Fields, entry: Entry, context: ParseContext) => Act;

/** https://docs.cloud.google.com/vpc/docs/about-flow-logs-records */
const readFlow: Reader = (fields, { payload }, { clock }) => {
  const [start, end] = [civil(textAt(payload, 'start_time')), civil(textAt(payload, 'end_time'))];
  if (end !== undefined || start !== undefined) clock.stamp(fields, end ?? start);
  putSpan(fields, clock.instant(start), clock.instant(end));
  putMachine(fields, 'source', payload, 'src_instance');
  putMachine(fields, 'destination', payload, 'dest_instance');
  for (const [unit, name] of [
    ['bytes', 'bytes_sent'],
    ['packets', 'packets_sent'],
  ] as const) {
    putNumber(fields, `source.${unit}`, textAt(payload, name));
    putNumber(fields, `network.${unit}`, textAt(payload, name));
  }
  const reporter = textAt(payload, 'reporter')?.toUpperCase() ?? '';
  const side = reporter.startsWith('DEST') ? 'dest' : 'src';
  put(fields, 'observer.name', textAt(payload, `${side}_vpc.subnetwork_name`, `${side}_vpc.vpc_name`));
  put(fields, 'cloud.region', textAt(payload, `${side}_instance.region`));
  put(fields, 'event.action', 'flow');
  // packets are sampled before the rules for what goes out and behind those for what comes in
  const arrived = side === 'dest' && reporter !== '';
  categorise(
    fields,
    ['network'],
    arrived ? ['connection', 'allowed'] : ['connection'],
    arrived ? 'success' : undefined,
  );
  // the answer is a record of its own
  turnAnswer(fields);
  return 'flow';
};

/** https://docs.cloud.google.com/firewall/docs/firewall-rules-logging; intercepted: handed on to an inspection. */
const DISPOSITIONS: Readonly<Record<string, readonly [Act, types: readonly string[], outcome: 'success' | undefined]>> =
  {
    ALLOWED: ['flow', ['connection', 'allowed'], 'success'],
    DENIED: ['flow-denied', ['connection', 'denied'], 'success'],
    INTERCEPTED: ['other', ['connection', 'info'], undefined],
  };

const readFirewall: Reader = (fields, { payload }) => {
  const disposition = textAt(payload, 'disposition')?.toUpperCase() ?? '';
  put(fields, 'event.action', disposition.toLowerCase());
  // network:shop/firewall:allow-ssh
  const reference = textAt(payload, 'rule_details.reference');
  put(fields, 'rule.id', reference);
  put(fields, 'rule.name', reference?.slice(reference.lastIndexOf(':') + 1));
  const outgoing = textAt(payload, 'rule_details.direction')?.toUpperCase() === 'EGRESS';
  putMachine(fields, outgoing ? 'source' : 'destination', payload, 'instance');
  putMachine(fields, outgoing ? 'destination' : 'source', payload, 'remote_instance');
  put(fields, 'observer.name', textAt(payload, 'vpc.subnetwork_name', 'vpc.vpc_name'));
  put(fields, 'cloud.region', textAt(payload, 'instance.region'));
  const found = own(DISPOSITIONS, disposition);
  if (found === undefined) warn(fields, 'value-odd:disposition');
  const [act, types, outcome] = found ?? (['other', ['connection', 'info'], undefined] as const);
  categorise(fields, ['network'], types, outcome);
  return act;
};

/** https://docs.cloud.google.com/nat/docs/monitoring; dropped: no port was free. */
const readNat: Reader = (fields, { payload }) => {
  const status = textAt(payload, 'allocation_status')?.toUpperCase();
  put(fields, 'event.action', `nat-${status?.toLowerCase() ?? 'unknown'}`);
  putMachine(fields, 'source', payload, 'endpoint');
  put(fields, 'observer.name', textAt(payload, 'gateway_identifiers.gateway_name'));
  put(fields, 'cloud.region', textAt(payload, 'gateway_identifiers.region', 'endpoint.region'));
  const dropped = status === 'DROPPED';
  categorise(fields, ['network'], ['connection', dropped ? 'denied' : 'info'], dropped ? 'failure' : 'success');
  return dropped ? 'flow-denied' : 'nat';
};

const READERS: Readonly<Record<string, Reader>> = { vpc_flows: readFlow, firewall: readFirewall, nat_flows: readNat };

const MAPPED = new Set(['connection', 'start_time', 'end_time', 'bytes_sent', 'packets_sent']);

const claims = (record: RawRecord): boolean => readEntry(record) !== undefined;

const open: Parser['open'] =
  (context) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const found = readEntry(record);
    if (found === undefined) return rejected('not-this-format', 'no entry of a network log of Google Cloud');
    const { log, entry, payload } = found;
    const time = civil(textAt(entry, 'timestamp', 'receiveTimestamp'));
    const fields: Fields = {
      'observer.vendor': 'Google',
      'observer.type': 'firewall',
      'cloud.provider': 'gcp',
      'event.dataset': log,
    };
    context.clock.stamp(fields, time);
    putConnection(fields, payload);
    const act = (READERS[log] as Reader)(fields, found, context);
    if (fields['@timestamp'] === undefined) return rejected('bad-time', 'no time in the entry');
    put(fields, 'cloud.account.id', textAt(entry, 'resource.labels.project_id'));
    if (fields['observer.name'] === undefined)
      put(fields, 'observer.name', textAt(entry, 'resource.labels.subnetwork_name'));
    keepJson(fields, 'gcp.network', payload, MAPPED);
    return { kind: 'event', act, fields };
  };

export default {
  id: 'google-cloud-vpc',
  title: 'Google Cloud VPC flow logs, firewall rules logging, Cloud NAT',
  references: [
    {
      title: 'Google Cloud: VPC Flow Logs records',
      url: 'https://docs.cloud.google.com/vpc/docs/about-flow-logs-records',
    },
    {
      title: 'Google Cloud: firewall policy rules log format',
      url: 'https://docs.cloud.google.com/firewall/docs/firewall-policy-log-format',
    },
    {
      title: 'Google Cloud: VPC firewall rules logging',
      url: 'https://docs.cloud.google.com/firewall/docs/firewall-rules-logging',
    },
    { title: 'Google Cloud: Cloud NAT logs', url: 'https://docs.cloud.google.com/nat/docs/monitoring' },
  ],
  framing: 'json',
  states: { zone: 'stated', year: 'stated', resolution: 'ns' },
  families: [
    'entries of Cloud Logging, one a line or in a list: flows of networks, decisions of firewall rules, translations of Cloud NAT',
  ],
  limits: [
    "a record of a flow counts one direction only; where just one end has a service's port, answers are turned so that source is who called",
    'flows are sampled and their bytes scaled up; a flow that its sender reports may still have been refused on its way out',
    'firewall rules count no bytes; a flow between two machines is told by both',
  ],
  recognise: recogniseBy(claims, 'are of networks of Google Cloud', 0.98),
  claims,
  open,
} satisfies Parser as Parser;
