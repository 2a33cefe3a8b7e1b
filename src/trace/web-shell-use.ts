import { type Said, say } from '../core/said.ts';
import { DAY } from '../core/time.ts';
import { bytesText } from '../detect/words.ts';
import type { StoredEvent } from '../ecs/event.ts';
import { numberOf, textOf } from '../ecs/event.ts';
import { and, is } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import type { Clocks } from './clocks.ts';
import { type Act, weightOf } from './model.ts';
import { acts, atLeast, collect, eventsOf, hostOf, isPublic, timeOf } from './read.ts';

/**
 * A planted script that is used: whoever planted it only had a way in; who has it run commands acts on the server. The
 * findings name the scripts; what was done by them is read from the requests themselves.
 */

const SCRIPT = /\.(?:php\d?|phtml|aspx?|ashx|jspx?|cgi)$/i;
/** Programs that a visitor of a site has no reason to name at the start of a parameter. */
const COMMAND =
  /^(?:\/(?:usr\/)?s?bin\/)?(?:whoami|id|uname|hostname|ifconfig|ipconfig|netstat|ps|pwd|ls|dir|cat|type|head|tail|find|grep|wget|curl|tar|zip|unzip|chmod|chown|rm|mv|cp|mkdir|echo|bash|sh|python3?|perl|php|ncat|nc|net1?|nltest|systeminfo|tasklist|certutil|powershell|cmd|reg|wmic|schtasks|crontab|useradd)(?:\.exe)?(?:[\s;|&>]|$)/i;

/** A script of the house is called up by its visitors; a planted one by who knows of it. */
const MOST_USERS = 3;
const MOST_SCRIPTS = 20;
const MOST_REQUESTS = 2_000;
/** Findings weaker than this name no planted script. */
const WEIGHTY = 1;
/** A script that takes its commands in the body is told by being called again and again, and by being new. */
const CALLED_AGAIN = 5;
const LEARNING = 2 * DAY;
/** What was fetched from beside the script, in one answer, is more than a page. */
const LARGE = 10_000_000;

const FIELDS = [
  'einfallstor.stream',
  'source.ip',
  'url.path',
  'url.query',
  'http.request.method',
  'http.response.status_code',
  'http.response.body.bytes',
  'host.name',
  'host.hostname',
];

const answered = (event: StoredEvent): boolean => {
  const status = numberOf(event.fields, 'http.response.status_code') ?? 0;
  return status >= 200 && status < 300;
};

const commandOf = (event: StoredEvent): string | undefined =>
  [...new URLSearchParams(textOf(event.fields, 'url.query') ?? '').values()].find((value) =>
    COMMAND.test(value.trim()),
  );

const streamOf = (event: StoredEvent): string => textOf(event.fields, 'einfallstor.stream') ?? '';
const sourceOf = (event: StoredEvent): string | undefined => textOf(event.fields, 'source.ip');
const pathOf = (event: StoredEvent): string => textOf(event.fields, 'url.path') ?? '';

/** Scripts that findings of planted scripts speak of, with the weightiest finding of each. */
const suspects = async (stated: readonly Act[], store: StoreReader): Promise<Map<string, Act>> => {
  const findings = stated
    .filter((a) => a.kind === 'web-request' && a.technique.startsWith('T1505') && weightOf(a) >= WEIGHTY)
    .sort((a, b) => weightOf(b) - weightOf(a) || a.from - b.from || (a.key < b.key ? -1 : 1));
  const events = await eventsOf(
    findings.flatMap((f) => f.events),
    store,
  );
  const found = new Map<string, Act>();
  for (const finding of findings)
    for (const id of finding.events) {
      const event = events.get(id);
      const path = event === undefined ? '' : pathOf(event);
      if (SCRIPT.test(path) && !found.has(path) && found.size < MOST_SCRIPTS) found.set(path, finding);
    }
  return found;
};

/** Requests that are one late act, and what it amounts to. */
interface Use {
  readonly uses: readonly StoredEvent[];
  readonly summary: Said;
  readonly nats: number;
}

const actOf = (
  finding: Act,
  { uses, nats, ...own }: Use & Pick<Act, 'key' | 'stage' | 'technique' | 'bytes'>,
  clocks: Clocks,
): Act => {
  const first = uses[0] as StoredEvent;
  const shift = clocks.offsetOf(streamOf(first));
  const events = uses.slice(0, 20).map((e) => e.id);
  return {
    ...own,
    kind: 'impact',
    from: (timeOf(first) ?? finding.from) - shift,
    to: (timeOf(uses[uses.length - 1] as StoredEvent) ?? finding.to) - shift,
    slack: clocks.slackOf(streamOf(first)),
    remote: sourceOf(first),
    host: hostOf(first.fields) ?? finding.host,
    targets: finding.targets,
    events,
    count: uses.length,
    marks: [{ family: own.stage, nats, because: own.summary, events }],
    labels: finding.labels,
  };
};

/** Answers of more than a page, from beside the script, to whoever used it. */
const fetched = async (path: string, use: Act, finding: Act, store: StoreReader, clocks: Clocks): Promise<Act[]> => {
  const query = and(
    acts('http-request'),
    is('source.ip', use.remote as string),
    atLeast('http.response.body.bytes', LARGE),
  );
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const all = await collect(store, query, {
    order: 'time',
    from: use.from - clocks.widest,
    limit: MOST_REQUESTS,
    fields: FIELDS,
  });
  const taken = all.filter((e) => answered(e) && pathOf(e).startsWith(folder));
  if (taken.length === 0) return [];
  const bytes = taken.reduce((sum, e) => sum + (numberOf(e.fields, 'http.response.body.bytes') ?? 0), 0);
  const what = [...new Set(taken.map(pathOf))].slice(0, 3).join(', ');
  const summary = say(
    `${bytesText(bytes)} fetched by ${use.remote} from beside the script: ${what}`,
    `${bytesText(bytes)} von ${use.remote} aus dem Ordner des Skripts abgeholt: ${what}`,
  );
  const key = `shell-fetch:${path}`;
  return [
    actOf(finding, { uses: taken, key, stage: 'exfiltration', technique: 'T1041', summary, nats: 1.5, bytes }, clocks),
  ];
};

/** How the requests of one address show a script in use; undefined where they do not. */
const shownBy = (path: string, own: readonly StoredEvent[], isNew: boolean): Use | undefined => {
  const remote = sourceOf(own[0] as StoredEvent);
  const commands = own.filter((e) => commandOf(e) !== undefined);
  const distinct = [...new Set(commands.flatMap((e) => commandOf(e) ?? []))];
  if (distinct.length > 0) {
    const shown = distinct.slice(0, 3).join(' · ');
    const summary = say(
      `${remote} had ${path} run commands on the server, ${commands.length} times: ${shown}`,
      `${remote} ließ ${path} auf dem Server Befehle ausführen, ${commands.length}-mal: ${shown}`,
    );
    return { uses: commands, summary, nats: distinct.length > 1 ? 3 : 2 };
  }
  const posts = own.filter((e) => textOf(e.fields, 'http.request.method') === 'POST');
  if (posts.length < CALLED_AGAIN || !isNew) return undefined;
  const summary = say(
    `${remote} called up ${path}, which nobody had before, ${posts.length} times with content`,
    `${remote} rief ${path}, zuvor von niemandem aufgerufen, ${posts.length}-mal mit Inhalt auf`,
  );
  return { uses: posts, summary, nats: 2.5 };
};

/** What was done by one script; `begin` of the web logs, epoch µs. */
const doneBy = async (
  path: string,
  finding: Act,
  begin: number,
  store: StoreReader,
  clocks: Clocks,
): Promise<Act[]> => {
  const query = and(acts('http-request'), is('url.path', path));
  const all = await collect(store, query, { order: 'time', limit: MOST_REQUESTS, fields: FIELDS });
  const served = all.filter((e) => answered(e) && isPublic(sourceOf(e)));
  const user = served.find((e) => commandOf(e) !== undefined) ?? served[0];
  if (user === undefined || new Set(served.map(sourceOf)).size > MOST_USERS) return [];
  const own = served.filter((e) => sourceOf(e) === sourceOf(user));
  const use = shownBy(path, own, (timeOf(all[0] as StoredEvent) ?? begin) - begin >= LEARNING);
  if (use === undefined) return [];
  const act = actOf(finding, { ...use, key: `shell-use:${path}`, stage: 'execution', technique: 'T1059' }, clocks);
  return [act, ...(await fetched(path, act, finding, store, clocks))];
};

/** Commands run by planted scripts, and what was fetched from beside them. */
export const shellUses = async (stated: readonly Act[], store: StoreReader, clocks: Clocks): Promise<Act[]> => {
  const scripts = await suspects(stated, store);
  if (scripts.size === 0) return [];
  const [first] = await collect(store, acts('http-request'), { order: 'time', limit: 1, fields: [] });
  const begin = (first === undefined ? undefined : timeOf(first)) ?? 0;
  const out: Act[] = [];
  for (const [path, finding] of scripts) out.push(...(await doneBy(path, finding, begin, store, clocks)));
  return out;
};
