import { say } from '../../core/said.ts';
import { numberOf, textOf } from '../../ecs/event.ts';
import { and, field, is } from '../../query/ast.ts';
import { findingOf, type Meaning } from '../build.ts';
import type { Finding } from '../finding.ts';
import { EventSample } from '../sample.ts';
import { durationText } from '../words.ts';
import type { Baseline } from './baseline.ts';
import { SETTINGS } from './settings.ts';

const MEANING: Meaning = {
  id: 'baseline-rare-script',
  title: 'Script that appeared late and that very few addresses use',
  level: 'medium',
  techniques: ['T1505.003'],
  chain: { stage: 'persistence', vector: 'web-exploit', requires: [], provides: ['foothold(host.name)'], weight: 1.5 },
};

/** Paths of one site beyond this are a scan, not a site. */
const MAX_PATHS = 200_000;

interface Script {
  readonly path: string;
  readonly first: number;
  last: number;
  posts: number;
  readonly clients: Set<string>;
  readonly sample: EventSample;
}

// /owa/auth/x.aspx  /a/b.php7
const QUERY = and(
  is('einfallstor.act', 'http-request'),
  field('http.response.status_code', { op: 'compare', comparison: 'gte', value: 200 }),
  field('http.response.status_code', { op: 'compare', comparison: 'lt', value: 300 }),
  field('url.path', { op: 'regex', source: '\\.(php\\d?|phtml|aspx?|ashx|jspx?|cgi)$', flags: 'i' }),
);
const FIELDS = ['source.ip', 'url.path', 'http.request.method', 'host.name'];

const findingFor = (script: Script, begin: number): Finding | undefined => {
  if (script.posts < SETTINGS.scriptPosts || script.posts * 2 < script.sample.count) return undefined;
  if (script.clients.size > SETTINGS.scriptClients) return undefined;
  const span = {
    from: script.first,
    to: script.last,
    at: script.first,
    ids: script.sample.ids(),
    count: script.sample.count,
  };
  const clients = [...script.clients].sort();
  const [after, whom] = [durationText(script.first - begin), clients.join(', ')];
  const fact = say(
    `${script.path} was first answered ${after.en} into the logs, then ${script.sample.count} times, ${script.posts} of them POST, for ${whom} only`,
    `${script.path} wurde erst nach ${after.de} der Protokolle beantwortet, dann ${script.sample.count}-mal, davon ${script.posts} POST, nur für ${whom}`,
  );
  const entities: Record<string, string> = { 'url.path': script.path };
  if (clients.length === 1) entities['source.ip'] = clients[0] as string;
  return findingOf(MEANING, span, { path: script.path }, entities, fact);
};

/** Scripts unlike those of the site: late, mostly POST, used by hardly anybody. How web shells look from outside. */
export const rareScripts: Baseline = {
  title: MEANING.title,
  run: async ({ store }) => {
    const scripts = new Map<string, Script>();
    let begin: number | undefined;
    for await (const { id, fields } of store.scan(QUERY, { order: 'time', fields: FIELDS })) {
      const time = numberOf(fields, '@timestamp');
      const [path, client] = [textOf(fields, 'url.path'), textOf(fields, 'source.ip')];
      if (time === undefined || path === undefined || client === undefined) continue;
      begin ??= time;
      let script = scripts.get(path);
      if (script === undefined) {
        if (scripts.size >= MAX_PATHS) continue;
        script = { path, first: time, last: time, posts: 0, clients: new Set(), sample: new EventSample() };
        scripts.set(path, script);
      }
      script.last = time;
      if (textOf(fields, 'http.request.method')?.toUpperCase() === 'POST') script.posts += 1;
      if (script.clients.size <= SETTINGS.scriptClients) script.clients.add(client);
      script.sample.add(id);
    }
    const start = begin ?? 0;
    return [...scripts.values()]
      .filter((script) => script.first - start >= SETTINGS.scriptLearning)
      .flatMap((script) => findingFor(script, start) ?? []);
  },
};
