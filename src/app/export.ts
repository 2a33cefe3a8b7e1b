import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Case } from '../case/case.ts';
import { verifyCase } from '../case/verify.ts';
import { EinfallstorError } from '../core/errors.ts';
import { jsonText } from '../core/json.ts';
import { nest } from '../ecs/nest.ts';
import { verifyCustody } from '../evidence/custody.ts';
import { sha256Of } from '../evidence/digest.ts';
import { writeBag } from '../export/bag.ts';
import { csvHead, csvRow } from '../export/csv.ts';
import { kibanaObjects } from '../export/kibana.ts';
import { packagePayloads } from '../export/package.ts';
import { ALL } from '../query/ast.ts';
import { toHtml } from '../report/html.ts';
import { toMarkdown } from '../report/markdown.ts';
import { report } from '../report/report.ts';
import { WORDS } from '../report/words.ts';
import type { StoreReader } from '../store/store.ts';
import { agent, now } from './agent.ts';
import { withStore } from './case-view.ts';
import { findingsOf } from './detect.ts';
import { TOOL } from './package.ts';
import type { OnProgress } from './progress.ts';
import { reportInput, requireTrace } from './report-input.ts';
import type { StorePlace, StoreWish } from './stores.ts';
import { traceOf } from './trace.ts';

export interface ExportRequest {
  readonly caseDir: string;
  readonly format: 'package' | 'report' | 'kibana' | 'ndjson' | 'csv';
  readonly out: string;
  /** Date the report and the package speak of; the day of the last act in the custody log otherwise. */
  readonly asOf: string | undefined;
  readonly store?: StoreWish;
  readonly onProgress: OnProgress;
}

/** Nothing is ever written over: an export is an act of its own. */
const mustBeNew = async (out: string): Promise<void> => {
  const taken =
    existsSync(out) &&
    !(await readdir(out)
      .then((names) => names.length === 0)
      .catch(() => false));
  if (taken) throw new EinfallstorError('USAGE', `${out} is there already`, 'Name a path that is not there yet.');
};

async function* eventLines(
  store: StoreReader,
  format: 'ndjson' | 'csv',
  onProgress: OnProgress,
): AsyncGenerator<string> {
  const total = await store.count(ALL);
  let done = 0;
  let lines: string[] = format === 'csv' ? [csvHead()] : [];
  for await (const { fields } of store.scan(ALL, { order: 'locator' })) {
    lines.push(format === 'csv' ? csvRow(fields) : `${jsonText(nest(fields))}\n`);
    done += 1;
    if (lines.length < 1000) continue;
    yield lines.join('');
    lines = [];
    onProgress({ phase: 'exporting', done, total, unit: 'events' });
  }
  yield lines.join('');
}

const reports = async (
  opened: Case,
  store: StoreReader,
  request: ExportRequest,
): Promise<{ path: string; text: string }[]> => {
  const input = await reportInput(opened, store, await requireTrace(opened, request.caseDir), request.asOf);
  return (['de', 'en'] as const).flatMap((language) => {
    const blocks = report(input, language);
    const title = `${WORDS[language].title} – ${input.caseName}`;
    return [
      { path: `${language}/report.html`, text: toHtml(blocks, title, language) },
      { path: `${language}/report.md`, text: toMarkdown(blocks) },
    ];
  });
};

/** Originals that are no longer what was taken in must not be packed as if they were. */
const mustBeUnchanged = async (opened: Case, onProgress: OnProgress): Promise<void> => {
  let done = 0;
  const problems = await verifyCase(opened, [], (bytes) => {
    done += bytes;
    onProgress({ phase: 'verifying', done, total: undefined, unit: 'bytes' });
  });
  if (problems.length === 0) return;
  const named = problems.map((p) => `${p.path}: ${p.code}: ${p.detail}`).join('\n  ');
  throw new EinfallstorError(
    'EVIDENCE_CHANGED',
    `the evidence is not as it was taken in:\n  ${named}`,
    'Bring back the original files, or ingest the changed ones into a case of their own.',
  );
};

const writePackage = async (opened: Case, store: StoreReader, request: ExportRequest): Promise<string[]> => {
  await mustBeUnchanged(opened, request.onProgress);
  const trace = await requireTrace(opened, request.caseDir);
  const texts = await reports(opened, store, request);
  await opened.record(agent(), { action: 'export', params: { format: 'package', asOf: request.asOf ?? null } }, now());
  const custody = await verifyCustody(opened.custodyLog);
  const day = request.asOf ?? (custody.entries.at(-1)?.ts ?? '').slice(0, 10);
  const { tagManifestSha256, files, bytes } = await writeBag(
    request.out,
    packagePayloads({
      items: await opened.items(),
      events: eventLines(store, 'ndjson', request.onProgress),
      custodyLog: opened.custodyLog,
      findings: `${JSON.stringify(await findingsOf(opened))}\n`,
      trace: `${JSON.stringify(trace)}\n`,
      annotations: (await opened.annotations()).map((a) => `${JSON.stringify(a)}\n`).join(''),
      reports: texts,
    }),
    [
      ['External-Identifier', opened.name],
      ['Bagging-Date', day],
      ['Bag-Software-Agent', `${TOOL.name} ${TOOL.version}`],
      ['Audit-Head-SHA256', custody.head.sha256],
    ],
  );
  return [
    `package: ${request.out}, ${files} files, ${bytes} bytes`,
    `SHA-256 of tagmanifest-sha256.txt: ${tagManifestSha256}`,
    'Give that digest to the recipient by another way; `sha256sum -c manifest-sha256.txt` and `einfallstor verify` check the package.',
  ];
};

const writeReports = async (opened: Case, store: StoreReader, request: ExportRequest): Promise<string[]> => {
  const texts = await reports(opened, store, request);
  const written: string[] = [];
  for (const { path, text } of texts) {
    const target = join(request.out, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text, { flag: 'wx' });
    written.push(`${target}  SHA-256 ${sha256Of(text)}`);
  }
  await opened.record(
    agent(),
    {
      action: 'export',
      object: texts.map(({ path, text }) => ({ path, sha256: sha256Of(text) })),
      params: { format: 'report' },
    },
    now(),
  );
  return written;
};

const writeEvents = async (
  opened: Case,
  store: StoreReader,
  format: 'ndjson' | 'csv',
  request: ExportRequest,
): Promise<string[]> => {
  await pipeline(
    Readable.from(eventLines(store, format, request.onProgress)),
    createWriteStream(request.out, { flags: 'wx' }),
  );
  await opened.record(agent(), { action: 'export', params: { format } }, now());
  return [`events: ${request.out}`];
};

const writeKibana = async (
  opened: Case,
  store: StoreReader,
  place: StorePlace,
  request: ExportRequest,
): Promise<string[]> => {
  if (place.kind !== 'elasticsearch')
    throw new EinfallstorError(
      'USAGE',
      'Kibana shows cases that are in Elasticsearch; this one is in DuckDB',
      `Take it there first: einfallstor case move --case ${request.caseDir} --to https://host:9200`,
    );
  const text = kibanaObjects({
    caseName: opened.name,
    index: place.index,
    span: await store.span(),
    trace: await traceOf(opened),
  });
  await writeFile(request.out, text, { flag: 'wx' });
  await opened.record(
    agent(),
    { action: 'export', object: [{ path: request.out, sha256: sha256Of(text) }], params: { format: 'kibana' } },
    now(),
  );
  return [`saved objects: ${request.out}`, 'Kibana: Stack Management, Saved Objects, Import.'];
};

/** `export`: writes what was asked for and says what was written. */
export const exportCase = async (request: ExportRequest): Promise<string[]> => {
  await mustBeNew(request.out);
  return withStore(
    request.caseDir,
    (opened, store, place) => {
      switch (request.format) {
        case 'package':
          return writePackage(opened, store, request);
        case 'report':
          return writeReports(opened, store, request);
        case 'kibana':
          return writeKibana(opened, store, place, request);
        default:
          return writeEvents(opened, store, request.format, request);
      }
    },
    request.store,
  );
};
