// `npm run build`
import { build, install } from './install.mjs';

install();
build({ always: true });
