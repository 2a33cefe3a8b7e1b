import { asIs, type Said, say } from '../core/said.ts';
import { DAY, HOUR } from '../core/time.ts';
import type { StoredEvent } from '../ecs/event.ts';
import { textOf } from '../ecs/event.ts';
import type { Query } from '../query/ast.ts';
import { and, field, or } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import type { Clocks } from './clocks.ts';
import type { Act } from './model.ts';
import { accountOf, acts, collect, hostOf, timeOf } from './read.ts';

/** Late-stage acts read from the records themselves, so that an anchor is found whatever rules were loaded. */

const FIELDS = [
  'einfallstor.act',
  'einfallstor.stream',
  'host.name',
  'host.hostname',
  'winlog.computer_name',
  'user.name',
  'service.name',
  'process.command_line',
  'process.executable',
  'message',
] as const;
const MOST = 50_000;
/** Installing on fewer hosts is what administrators do by hand. */
const FAN_OUT = 5;
/** From so many on, with a path no vendor uses, it needs no second sign. */
const MANY = 10;
/** A fan-out that takes longer is a rollout. */
const BURST = 2 * HOUR;
/** Nats. Agents and updates are installed on many hosts within minutes, too. */
const ROLLOUT = 1.2;

// \\127.0.0.1\ADMIN$\x.exe  C:\Windows\Temp\x.exe  C:\Users\Public\x.exe  C:\ProgramData\x.exe  %COMSPEC% /c …  C:\Windows\x.exe
const ODD_PATH =
  /admin\$|\\temp\\|\\users\\|\\perflogs\\|\\programdata\\[^\\]{1,64}\.(?:exe|bat|dll)|%comspec%|cmd(?:\.exe)? \/[cq]|powershell|\\windows\\[^\\]{1,64}\.exe|%systemroot%\\[^\\]{1,64}\.exe|psexesvc|paexec/i;
// vssadmin delete shadows /all · wmic shadowcopy delete · wbadmin delete catalog · bcdedit /set {default} recoveryenabled no
const RECOVERY = [
  'vssadmin*delete*shadow',
  'vssadmin*resize*shadowstorage',
  'wmic*shadowcopy*delete',
  'wbadmin*delete',
  'bcdedit*recoveryenabled*no',
  'win32_shadowcopy*delete',
];

const containing = (name: string, text: string): Query =>
  field(name, {
    op: 'like',
    cased: false,
    pattern: [{ wild: 'any' }, ...text.split('*').flatMap((part) => [part, { wild: 'any' } as const])],
  });

interface Seen {
  readonly event: StoredEvent;
  readonly time: number;
  readonly host: string;
  readonly account: string | undefined;
}

const seen = (events: readonly StoredEvent[], clocks: Clocks): Seen[] =>
  events.flatMap((event) => {
    const raw = timeOf(event);
    const host = hostOf(event.fields);
    if (raw === undefined || host === undefined) return [];
    const time = raw - clocks.offsetOf(textOf(event.fields, 'einfallstor.stream') ?? '');
    return [{ event, time, host, account: accountOf(event.fields) }];
  });

/** Groups by key, cut where more than `apart` passes without one. */
const bursts = (all: readonly Seen[], keyOf: (s: Seen) => string, apart: number): Seen[][] => {
  const groups = new Map<string, Seen[][]>();
  for (const one of [...all].sort((a, b) => a.time - b.time || (a.event.id < b.event.id ? -1 : 1))) {
    const key = keyOf(one);
    const list = groups.get(key) ?? [];
    const last = list[list.length - 1];
    const previous = last?.[last.length - 1];
    if (last !== undefined && previous !== undefined && one.time - previous.time <= apart) last.push(one);
    else list.push([one]);
    groups.set(key, list);
  }
  return [...groups.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, lists]) => lists);
};

const single = (values: readonly (string | undefined)[]): string | undefined => {
  const set = [
    ...new Set(
      values.filter((v): v is string => v !== undefined && !v.endsWith('$') && v !== 'system' && v !== 'local service'),
    ),
  ];
  return set.length === 1 ? set[0] : undefined;
};

const actOf = (
  group: readonly Seen[],
  clocks: Clocks,
  name: string,
  rest: Pick<Act, 'stage' | 'technique' | 'summary'> & { nats: number; family: string },
): Act => {
  const first = group[0] as Seen;
  const hosts = [...new Set(group.map((s) => s.host))];
  const ids = group.map((s) => s.event.id);
  return {
    key: `${name}:${first.event.id}`,
    kind: 'impact',
    stage: rest.stage,
    technique: rest.technique,
    from: first.time,
    to: (group[group.length - 1] as Seen).time,
    slack: clocks.slackOf(textOf(first.event.fields, 'einfallstor.stream') ?? ''),
    account: single(group.map((s) => s.account)),
    host: hosts.length === 1 ? hosts[0] : undefined,
    targets: hosts.slice(0, 50),
    events: ids.slice(0, 60),
    count: group.length,
    summary: rest.summary,
    marks: [{ family: rest.family, nats: rest.nats, because: rest.summary, events: ids.slice(0, 20) }],
    labels: [],
  };
};

const named = (hosts: readonly string[]): Said =>
  hosts.length <= 3 ? asIs(hosts.join(', ')) : say(`${hosts.length} hosts`, `${hosts.length} Rechnern`);
const hostsOf = (group: readonly Seen[]): string[] => [...new Set(group.map((s) => s.host))];

const installs = async (store: StoreReader, clocks: Clocks): Promise<Act[]> => {
  const all = seen(
    await collect(store, acts('service-installed', 'task-created'), {
      order: 'time-desc',
      limit: MOST,
      fields: FIELDS,
    }),
    clocks,
  );
  const what = (s: Seen): string =>
    textOf(s.event.fields, 'process.command_line') ??
    textOf(s.event.fields, 'process.executable') ??
    textOf(s.event.fields, 'service.name') ??
    '';
  const fanOuts: Act[] = [];
  // by name first; attackers' tools may give each host another name: then by the time alone, odd paths only
  const byName = bursts(all, (s) => textOf(s.event.fields, 'service.name') ?? what(s), HOUR).filter(
    (g) => hostsOf(g).length >= FAN_OUT && (g[g.length - 1] as Seen).time - (g[0] as Seen).time <= BURST,
  );
  const covered = new Set(byName.flat().map((s) => s.event.id));
  const byPath = bursts(
    all.filter((s) => !covered.has(s.event.id) && ODD_PATH.test(what(s))),
    () => '',
    HOUR / 2,
  ).filter((g) => hostsOf(g).length >= FAN_OUT);
  for (const group of [...byName, ...byPath]) {
    const odd = group.some((s) => ODD_PATH.test(what(s)));
    const service = textOf((group[0] as Seen).event.fields, 'service.name');
    const task = textOf((group[0] as Seen).event.fields, 'einfallstor.act') === 'task-created';
    const noun = task ? say('scheduled task', 'geplante Aufgabe') : say('service', 'Dienst');
    const [name, count] = [service === undefined ? '' : `${service} `, hostsOf(group).length];
    fanOuts.push(
      actOf(group, clocks, 'fan-out', {
        stage: odd ? 'impact' : 'execution',
        technique: task ? 'T1053.005' : 'T1569.002',
        family: odd ? 'impact' : 'fan-out',
        nats: odd ? (hostsOf(group).length >= MANY ? 4 : 3.5) : ROLLOUT,
        summary: say(
          `${noun.en} ${name}installed on ${count} hosts`,
          `${noun.de} ${name}auf ${count} Rechnern eingerichtet`,
        ),
      }),
    );
  }
  return fanOuts;
};

const recovery = async (store: StoreReader, clocks: Clocks): Promise<Act[]> => {
  const fields = ['process.command_line', 'message'];
  const query = and(
    acts('process-start', 'service-installed', 'task-created'),
    or(...RECOVERY.flatMap((r) => fields.map((f) => containing(f, r)))),
  );
  const all = seen(await collect(store, query, { order: 'time-desc', limit: 2_000, fields: FIELDS }), clocks);
  return bursts(all, () => '', 6 * HOUR).map((g) =>
    actOf(g, clocks, 'recovery', {
      stage: 'impact',
      technique: 'T1490',
      family: 'impact',
      nats: 4,
      summary: say(
        `shadow copies or backups deleted on ${named(hostsOf(g)).en}`,
        `Schattenkopien oder Sicherungen gelöscht auf ${named(hostsOf(g)).de}`,
      ),
    }),
  );
};

const cleared = async (store: StoreReader, clocks: Clocks): Promise<Act[]> => {
  const all = seen(
    await collect(store, acts('log-cleared'), { order: 'time-desc', limit: 2_000, fields: FIELDS }),
    clocks,
  );
  return bursts(all, () => '', DAY / 2).map((g) => {
    const hosts = hostsOf(g);
    return actOf(g, clocks, 'cleared', {
      stage: 'defense-evasion',
      technique: 'T1070.001',
      family: 'log-clearing',
      nats: hosts.length >= 3 ? 3 : 1.5,
      summary: say(`event logs cleared on ${named(hosts).en}`, `Ereignisprotokolle gelöscht auf ${named(hosts).de}`),
    });
  });
};

export const signals = async (store: StoreReader, clocks: Clocks): Promise<Act[]> => [
  ...(await installs(store, clocks)),
  ...(await recovery(store, clocks)),
  ...(await cleared(store, clocks)),
];
