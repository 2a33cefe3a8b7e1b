// Adds to package-lock.json the optional platform packages that npm left out because the registry at hand did not offer
// them: `npm ci` refuses a lock file without them, on every platform. Run it after each change of dependencies.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const path = join(import.meta.dirname, '..', 'package-lock.json');
const lock = JSON.parse(readFileSync(path, 'utf8'));

const OS = ['darwin', 'linux', 'win32', 'android', 'freebsd', 'openbsd', 'netbsd', 'sunos', 'aix', 'openharmony'];
const CPU = ['x64', 'arm64', 'arm', 'ia32', 'riscv64', 'loong64', 'mips64el', 'ppc64', 's390x', 'wasm32'];

/** What npm would have read in the package's own manifest: `@x/binding-linux-arm64-musl` */
const platformOf = (name) => {
  const parts = name.split('/').at(-1).split('-');
  const os = OS.filter((one) => parts.includes(one));
  const cpu = CPU.filter((one) => parts.includes(one));
  const libc = parts.includes('musl') ? ['musl'] : parts.includes('gnu') ? ['glibc'] : [];
  return { ...(os.length > 0 && { os }), ...(cpu.length > 0 && { cpu }), ...(libc.length > 0 && { libc }) };
};

/** Folders whose node_modules a package at `key` sees, nearest first: `node_modules/a/node_modules/b` → that, `node_modules/a`, ''. */
const seenFrom = (key) => {
  const folders = [key];
  for (let at = key.lastIndexOf('/node_modules/'); at >= 0; at = folders.at(-1).lastIndexOf('/node_modules/'))
    folders.push(folders.at(-1).slice(0, at));
  return [...folders, ''];
};
const inside = (folder, name) => `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;

let added = 0;
for (const [key, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (!/^\d+\.\d+\.\d+/.test(version)) continue;
    const folders = seenFrom(key);
    const found = folders.find((folder) => lock.packages[inside(folder, name)] !== undefined);
    if (found !== undefined && lock.packages[inside(found, name)].version === version) continue;
    // as high as no other version stands in the way
    const free = folders.filter((folder) => lock.packages[inside(folder, name)] === undefined);
    const place =
      found === undefined
        ? free.at(-1)
        : free.filter((folder) => folders.indexOf(folder) < folders.indexOf(found)).at(-1);
    lock.packages[inside(place, name)] = {
      version,
      ...platformOf(name),
      optional: true,
      ...(entry.dev && { dev: true }),
    };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} platform packages added`);
