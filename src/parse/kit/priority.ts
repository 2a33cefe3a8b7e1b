/** Names of RFC 5424 §6.2.1, in the order of their codes, as BSD, Linux, AIX and Kiwi Syslog Server spell them. */
// biome-ignore format: a table
const FACILITY_WORDS: readonly string[] = [
  'kernel|kern', 'user', 'mail', 'daemon|system', 'auth|security', 'syslog', 'lpr|printer', 'news', 'uucp', 'cron', 'authpriv|system0', 'ftp|system1',
  'ntp|system2', 'audit|system3', 'alert|console|system4', 'clock|system5', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7',
];
const SEVERITY_WORDS: readonly string[] = [
  'emerg|emergency|panic',
  'alert',
  'crit|critical',
  'err|error',
  'warning|warn',
  'notice',
  'info|informational',
  'debug',
];

const codes = (words: readonly string[]): ReadonlyMap<string, number> =>
  new Map(words.flatMap((names, code) => names.split('|').map((name): [string, number] => [name, code])));
const FACILITY_CODES = codes(FACILITY_WORDS);
const SEVERITY_CODES = codes(SEVERITY_WORDS);

/** The code of a facility by any of its names. */
export const facilityCode = (name: string): number | undefined => FACILITY_CODES.get(name.toLowerCase());

/** The code of a severity by any of its names. */
export const severityCode = (name: string): number | undefined => SEVERITY_CODES.get(name.toLowerCase());

/** `Local7.Notice`, `authpriv.info`, AIX `auth|security:info` → 189, 86, 38; undefined for other words. */
export const readWordPriority = (text: string): number | undefined => {
  const [facility, severity] = text.toLowerCase().split(/[.:]/);
  const [f, s] = [FACILITY_CODES.get(facility?.split('|')[0] ?? ''), SEVERITY_CODES.get(severity ?? '')];
  return f === undefined || s === undefined ? undefined : f * 8 + s;
};
