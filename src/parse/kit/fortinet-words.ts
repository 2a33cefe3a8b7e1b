import type { Act } from '../../ecs/acts.ts';
import { table, words } from './field-map.ts';

/** What the words of FortiOS mean: values of `status`, `result` and `action`, and subtypes of its UTM logs. */

const NETWORK = ['network'];
const ATTACK = ['intrusion_detection', 'network'];
const INFO = ['info'];

export const SUCCESS = new Set(words('success succeed succeeded ok logon pass passed'));
export const FAILURE = new Set(
  words('failure failed fail error negotiate_error dpd_failure timed_out timeout denied deny refused'),
);
export const BLOCKED = new Set(
  words(`block blocked deny denied drop dropped reset reset_client reset_server drop_session drop-session clear_session
    quarantine ban redirect block-infected blocked-infected discard discarded filtered perm-block`),
);
export const PASSED = new Set(
  words('pass passed passthrough allow allowed permit monitored detected exempt log-only accept bypass'),
);
export const LOGONS = new Set(
  words('authentication auth-logon fsso-logon auth-timeout login logon rsso-logon dot1x-auth'),
);
export const CHANGES = new Map(table('add=creation delete=deletion edit=change move=change rename=change'));

interface Kind {
  readonly category: readonly string[];
  readonly types: readonly string[];
  /** A verdict on an attack, whatever was done about it. */
  readonly grave?: true;
  readonly act?: Act;
}
const PROBE: Kind = { category: ATTACK, types: INFO, grave: true };
/** UTM subtypes; FortiOS 5.0 and 6.0 wrote some as types of their own. */
export const UTM = new Map<string, Kind>([
  ['virus', { category: ['malware', 'network'], types: INFO, grave: true }],
  ...words('ips attack anomaly virtual-patch').map((key) => [key, PROBE] as const),
  ['waf', { category: ['intrusion_detection', 'web'], types: ['access'], grave: true }],
  ['webfilter', { category: ['web', 'network'], types: ['access'] }],
  ['dns', { category: NETWORK, types: ['protocol', 'info'], act: 'dns-query' }],
  ['emailfilter', { category: ['email'], types: INFO, act: 'mail-filter' }],
  ['dlp', { category: ['network', 'file'], types: ['access'] }],
  ['file-filter', { category: ['network', 'file'], types: ['access'] }],
]);
