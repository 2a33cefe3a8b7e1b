// Takes one part out of the trace, to see what it is good for: `node --import …/without.mjs`, the part in EINFALLSTOR_WITHOUT.
// The built modules are replaced as they are loaded; the program itself knows nothing of it.
import { register } from 'node:module';

register('./without-hooks.mjs', import.meta.url);
