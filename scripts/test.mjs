// `npm test`: installs what is missing, builds (the command-line tests run the built program) and runs the tests.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build, install, root } from './install.mjs';

install();
build();
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const done = spawnSync(process.execPath, [vitest, 'run', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
if (!process.env.ELASTICSEARCH_URL)
  console.error(
    'Left out: all tests of the Elasticsearch store. `npm run elasticsearch -- npm test` runs them, too (Java and Maven).',
  );
process.exit(done.status ?? 1);
