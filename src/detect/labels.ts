import { type IpRange, inRange, parseCidr } from '../core/net.ts';
import type { CaseContext } from './context.ts';
import type { Finding, Level } from './finding.ts';

/** Rules that a journey explains: what they find is that somebody came from elsewhere. Ids of the baselines. */
export const TRAVEL_EXPLAINS: ReadonlySet<string> = new Set([
  'baseline-new-network',
  'baseline-new-country',
  'baseline-impossible-travel',
  'baseline-concurrent-sessions',
]);

/** Announced noise: stays in the findings, never above this level. */
const NOISE: ReadonlySet<string> = new Set(['pentest', 'scanner', 'backup', 'known-service']);

type Labeller = (finding: Finding) => string | undefined;

const ranges = (cidrs: readonly string[]): readonly IpRange[] => cidrs.flatMap((cidr) => parseCidr(cidr) ?? []);
const within = (all: readonly IpRange[], address: string | undefined): boolean =>
  address !== undefined && all.some((range) => inRange(range, address));

/** Epoch µs of the context's own ISO text. */
const micros = (iso: string): number => Date.parse(iso) * 1000;

const during = ({ from, to }: { readonly from: string; readonly to: string }): ((finding: Finding) => boolean) => {
  const [first, last] = [micros(from), micros(to)];
  return (finding) => finding.at >= first && finding.at <= last;
};

const same = (a: string | undefined, b: string): boolean => a?.toLowerCase() === b.toLowerCase();
const userOf = ({ entities }: Finding): string | undefined => entities['user.name'];
const remoteOf = ({ entities }: Finding): string | undefined => entities['source.ip'];

const pentests = (context: CaseContext): readonly Labeller[] =>
  context.pentests.map((test) => {
    const isDuring = during(test);
    const [source, internal] = [ranges([test.source]), ranges(test.internal)];
    return (finding) => {
      const isTheirs =
        within(source, remoteOf(finding)) ||
        within(internal, remoteOf(finding)) ||
        test.accounts.some((account) => same(userOf(finding), account));
      return isTheirs && isDuring(finding) ? 'pentest' : undefined;
    };
  });

const travel = (context: CaseContext): readonly Labeller[] =>
  context.travel.map((journey) => {
    const isDuring = during(journey);
    return (finding) => {
      if (!TRAVEL_EXPLAINS.has(finding.rule) || !same(userOf(finding), journey.user) || !isDuring(finding))
        return undefined;
      const country = finding.entities['source.geo.country_iso_code'];
      const fits =
        country === undefined || journey.countries.length === 0 || journey.countries.some((one) => same(country, one));
      return fits ? 'known-travel' : undefined;
    };
  });

const people = (context: CaseContext): readonly Labeller[] => [
  ...context.leavers.map(({ user, left }): Labeller => {
    const since = micros(left);
    return (finding) => (same(userOf(finding), user) && finding.at >= since ? 'leaver' : undefined);
  }),
  ...context.maintenance.map((window): Labeller => {
    const isDuring = during(window);
    return (finding) => {
      const concerns = window.users.length === 0 || window.users.some((user) => same(userOf(finding), user));
      return concerns && isDuring(finding) ? 'maintenance' : undefined;
    };
  }),
];

const places = (context: CaseContext): readonly Labeller[] => {
  const [scanners, jumpHosts] = [ranges(context.scanners), ranges(context.jumpHosts)];
  const [partners, providers] = [context.partners, context.providers].map((list) =>
    ranges(list.map(({ source }) => source)),
  );
  // regular calls to oneself, and to those whose services one uses, are monitoring and updates
  const services = ranges([
    ...context.networks,
    ...context.sites.flatMap(({ networks }) => networks),
    ...context.providers.map(({ source }) => source),
  ]);
  const backups = context.backups.map(({ destination }) => destination.toLowerCase());
  const backupRanges = ranges(backups);
  return [
    (finding) => (within(scanners, remoteOf(finding)) ? 'scanner' : undefined),
    (finding) => (within(partners ?? [], remoteOf(finding)) ? 'partner' : undefined),
    (finding) => (within(providers ?? [], remoteOf(finding)) ? 'provider' : undefined),
    (finding) => (within(jumpHosts, remoteOf(finding)) ? 'jump-host' : undefined),
    ({ rule, entities }) =>
      rule === 'baseline-beacon' && within(services, entities['destination.ip']) ? 'known-service' : undefined,
    ({ entities }) => {
      const [ip, domain] = [entities['destination.ip'], entities['destination.domain']?.toLowerCase()];
      return within(backupRanges, ip) || (domain !== undefined && backups.includes(domain)) ? 'backup' : undefined;
    },
  ];
};

const levelOf = (level: Level, labels: readonly string[]): Level => {
  if (labels.some((label) => NOISE.has(label)) && level !== 'informational') return 'low';
  return labels.includes('leaver') && (level === 'low' || level === 'medium') ? 'high' : level;
};

/**
 * Labels what the context explains or aggravates. A finding is never dropped; its weight stays, as the trace sets labels
 * against it with their own terms; its level falls (announced noise) or rises (leavers).
 */
export const labeller = (context: CaseContext): ((finding: Finding) => Finding) => {
  const labellers = [...pentests(context), ...travel(context), ...people(context), ...places(context)];
  if (labellers.length === 0) return (finding) => finding;
  return (finding) => {
    const labels = [...new Set(labellers.flatMap((label) => label(finding) ?? []))].sort();
    return labels.length === 0 ? finding : { ...finding, context: labels, level: levelOf(finding.level, labels) };
  };
};
