import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { epochMicros } from '../../src/parse/kit/civil.ts';
import { sumPackets } from '../../src/parse/kit/flow.ts';
import { resourcePart } from '../../src/parse/kit/microsoft.ts';
import { categorise, put, putIp, putMac, putNumber, putTransport, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import {
  BLANK,
  type Outcome,
  type ParseContext,
  type Parser,
  type RawRecord,
  rejected,
} from '../../src/parse/parser.ts';

// ---------------------------------------------------------------- tuple

// 1635840930,198.51.100.23,10.0.0.5,41022,3389,T,I,D                                  NSG, version 1
// 1635840930,198.51.100.23,10.0.0.5,41022,3389,T,I,A,E,20,4249,18,9120                NSG, version 2
// 1635840930123,198.51.100.23,10.0.0.5,41022,3389,6,I,E,NX,20,4249,18,9120            virtual network
const TUPLE =
  /^\d{9,13},[\da-fA-F.:]{2,45},[\da-fA-F.:]{2,45},\d{0,5},\d{0,5},(?:[TU],[IO],[AD](?:,[BCE]?(?:,\d{0,18}){4})?|\d{1,3},[IO],[BCED],[A-Z_]{0,32}(?:,\d{0,18}){4})$/;

interface Tuple {
  readonly time: string;
  readonly from: readonly [ip: string, port: string];
  readonly to: readonly [ip: string, port: string];
  readonly transport: string;
  readonly inbound: boolean;
  /** `denied`, or what the tuple tells of a flow that passed; version 1 of NSG only that it did. */
  readonly state: keyof typeof STATES;
  readonly encryption: string | undefined;
  /** Packets and bytes there, packets and bytes back: since the tuple before. */
  readonly counts: readonly string[];
}

const NAMES: Readonly<Record<string, keyof typeof STATES>> = {
  A: 'allowed',
  B: 'begin',
  C: 'continuing',
  D: 'denied',
  E: 'end',
};

const readTuple = (text: string): Tuple | undefined => {
  if (!TUPLE.test(text)) return undefined;
  const [time, source, destination, sport, dport, transport, direction, verdict, next, ...counts] = text.split(',') as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string | undefined,
    ...string[],
  ];
  const ofNsg = transport === 'T' || transport === 'U';
  // NSG: the decision, then the flow's state; virtual networks: the state, of which refused is one, then the encryption
  const letter = ofNsg && verdict === 'A' ? next || 'A' : verdict;
  return {
    time,
    from: [source, sport],
    to: [destination, dport],
    transport: transport === 'T' ? 'tcp' : transport === 'U' ? 'udp' : transport,
    inbound: direction === 'I',
    state: NAMES[letter] as keyof typeof STATES,
    encryption: ofNsg ? undefined : next,
    counts,
  };
};

// ---------------------------------------------------------------- what stands around it

/** Objects begin and end; strings, names among them. A value that is no string says nothing of a flow. */
const TOKEN = /"([^"\\]*(?:\\.[^"\\]*)*)("(\s*:)?)?|[{}]/gs;

/** What the objects around a tuple have said before it. */
interface Around {
  category?: string;
  resourceId?: string;
  targetResourceID?: string;
  flowLogResourceID?: string;
  macAddress?: string;
  mac?: string;
  aclID?: string;
  rule?: string;
}
const KEPT: ReadonlySet<string> = new Set<keyof Around>([
  'category', 'resourceId', 'targetResourceID', 'flowLogResourceID', 'macAddress', 'mac', 'aclID', 'rule',
]); // biome-ignore format: a list

/** Names that only records of flow logs have, and what begins a record of any diagnostic setting. */
const NAME =
  /^(?:records|time|systemId|macAddress|category|resourceId|operationName|properties|Version|flows|rule|mac|flowTuples|flowLogVersion|flowLogGUID|flowLogResourceID|targetResourceID|flowRecords|aclID|flowGroups)$/;
/** Only what stands between values. */
const BRACKETS = /^[\s{}[\],]*$/;

interface Piece {
  readonly tuples: readonly { readonly tuple: Tuple; readonly around: Around }[];
  /** `other`: not of a flow log, or a tuple of no known form; `torn`: a string in it has no end. */
  readonly rest: 'known' | 'other' | 'torn';
}

/** Objects within objects of a record; more leaves a damaged one open. */
const DEEPEST = 16;

/**
 * Reads the pieces of a stream. What an object says holds within it only: where a tool has sorted the names, a rule that stands
 * behind its tuples is not taken for that of the next ones.
 */
const openPieces = (): ((text: string) => Piece) => {
  const open: Around[] = [];
  const top = (): Around => open.at(-1) ?? {};
  return (text) => {
    const tuples: Piece['tuples'][number][] = [];
    let name: string | undefined;
    let [known, odd, torn] = [BRACKETS.test(text), false, false];
    for (const [whole, string, close, colon] of text.matchAll(TOKEN)) {
      if (whole === '{') {
        open.push({ ...top() });
        if (open.length > DEEPEST) open.shift();
      } else if (whole === '}') open.pop();
      if (string === undefined) continue;
      if (close === undefined) {
        torn = true;
        break;
      }
      if (colon !== undefined) {
        name = string;
        known ||= NAME.test(name);
        // every record begins with its time, whatever a damaged one left open
        if (name === 'time') open.splice(0, open.length, {});
        continue;
      }
      const tuple = readTuple(string);
      if (tuple !== undefined) tuples.push({ tuple, around: top() });
      else if (name === undefined || name === 'flowTuples') odd = true;
      else if (KEPT.has(name)) open.splice(-1, 1, { ...top(), [name]: string });
      name = undefined;
    }
    return { tuples, rest: torn ? 'torn' : known && !odd ? 'known' : 'other' };
  };
};

// ---------------------------------------------------------------- event

/** https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-overview#log-format */
const STATES = {
  allowed: ['flow', ['connection', 'allowed']],
  begin: ['flow-start', ['connection', 'start', 'allowed']],
  continuing: ['flow', ['connection', 'info', 'allowed']],
  end: ['flow', ['connection', 'end', 'allowed']],
  denied: ['flow-denied', ['connection', 'denied']],
} as const satisfies Readonly<Record<string, readonly [Act, readonly string[]]>>;

const putSide = (fields: Fields, side: string, [ip, port]: readonly [string, string]): void => {
  putIp(fields, `${side}.ip`, ip);
  // ICMP and the like have none
  if (port !== '0') putNumber(fields, `${side}.port`, port);
};

const COUNTS = ['source.packets', 'source.bytes', 'destination.packets', 'destination.bytes'];

const eventOf = ({ clock }: ParseContext, tuple: Tuple, around: Around): Outcome => {
  const ofNsg = tuple.encryption === undefined;
  const fields: Fields = {
    'observer.vendor': 'Microsoft',
    'observer.product': ofNsg ? 'NSG flow logs' : 'VNet flow logs',
    'observer.type': 'firewall',
    'cloud.provider': 'azure',
  };
  clock.stamp(fields, epochMicros(tuple.time));
  putSide(fields, 'source', tuple.from);
  putSide(fields, 'destination', tuple.to);
  putTransport(fields, tuple.transport);
  // the interface that reports is the near end's
  putMac(fields, `${tuple.inbound ? 'destination' : 'source'}.mac`, around.mac ?? around.macAddress);
  const [act, type] = STATES[tuple.state];
  // a flow that begins, or is refused, has no counts; zeros stand in their place
  if (act === 'flow') {
    tuple.counts.forEach((count, n) => void putNumber(fields, COUNTS[n] as string, count));
    sumPackets(fields);
  }
  const resource = ofNsg ? around.resourceId : around.targetResourceID;
  if (resource === undefined) warn(fields, 'context-missing');
  // the path is written in capitals in one log and as it was created in another
  put(fields, 'observer.name', resource?.slice(resource.lastIndexOf('/') + 1).toLowerCase());
  put(fields, 'cloud.account.id', resourcePart(resource, 'subscriptions')?.toLowerCase());
  put(fields, 'rule.name', around.rule);
  put(fields, 'event.action', tuple.state);
  put(fields, 'azure.flow.direction', tuple.inbound ? 'inbound' : 'outbound');
  put(fields, 'azure.flow.encryption', tuple.encryption);
  put(fields, 'azure.flow.acl', around.aclID);
  put(fields, 'azure.flow.resource', resource);
  put(fields, 'azure.flow.log', around.flowLogResourceID);
  categorise(fields, ['network'], type, 'success');
  return { kind: 'event', act, fields };
};

const open = (context: ParseContext): ((record: RawRecord) => Outcome) => {
  const readPiece = openPieces();
  return (record) => {
    if (record.text.trim() === '') return BLANK;
    const { tuples, rest } = readPiece(record.text);
    const [first, second] = tuples;
    if (second !== undefined) return rejected('bad-value', 'a record of several flows in one piece');
    if (first !== undefined) return eventOf(context, first.tuple, first.around);
    if (rest === 'known') return { kind: 'skipped', reason: 'header' };
    if (rest === 'torn') return rejected('truncated', 'the text ends within a value');
    return rejected('not-this-format', 'no flow of a flow log of Azure');
  };
};

// ---------------------------------------------------------------- parser

const CATEGORY = /"category"\s*:\s*"(?:NetworkSecurityGroupFlowEvent|FlowLogFlowEvent)"/;
/** A tuple with its quotes, the first of its list too; what follows it does not matter. */
const QUOTED = /^\s{0,100}(?:"flowTuples"\s{0,9}:\s{0,9}\[\s{0,9})?"(\d{9,13},[^"]{20,200})"/;

const claims = ({ text }: RawRecord): boolean => {
  const tuple = QUOTED.exec(text)?.[1];
  return tuple === undefined ? CATEGORY.test(text.slice(0, 4096)) : readTuple(tuple) !== undefined;
};

export default {
  id: 'azure-flow-logs',
  title: 'Azure flow logs of network security groups and virtual networks',
  references: [
    {
      title: 'Microsoft: network security group flow logs',
      url: 'https://learn.microsoft.com/azure/network-watcher/nsg-flow-logs-overview',
    },
    {
      title: 'Microsoft: virtual network flow logs',
      url: 'https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-overview',
    },
  ],
  // a blob is one line of any length: it ends behind each tuple, and behind each other value in front of them
  framing: { startsWith: /^\s*(?:"(?![,:}\]])|[{}[\]])/, endsBehind: '",' },
  states: { zone: 'stated', year: 'stated', resolution: 'ms' },
  versions: ['NSG flow logs 1 and 2', 'VNet flow logs 4'],
  families: [
    'blobs of a storage account (PT1H.json) and their records, on one line or indented: an event for each tuple, with the rule, the group or network and the interface that it stands under',
  ],
  limits: [
    'version 1 of NSG flow logs counts no bytes and does not tell a beginning from an end',
    'bytes of a long flow are those since its tuple before; a flow between two machines with flow logs is told by both',
    'where a tool has sorted the names, the rule and the group are left out; on one line, such records are rejected',
    'aggregates of Traffic Analytics in Log Analytics are not read',
    'records that a collector put into JSON of its own, several flows in one, are read as plain JSON',
  ],
  recognise: recogniseBy(claims, 'are of flow logs', 0.98),
  claims,
  open,
} satisfies Parser as Parser;
