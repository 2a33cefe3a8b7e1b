import type { Random } from './random.ts';

/** A /16 or /24 from which addresses are drawn. `prefix` is its fixed part. */
interface Pool {
  readonly prefix: string;
  readonly country: string;
}

const pools = (country: string, ...prefixes: readonly string[]): Pool[] =>
  prefixes.map((prefix) => ({ prefix, country }));

/** German access networks: where the company's people live. */
const HOME = pools(
  'Germany',
  '84.147',
  '87.158',
  '91.34',
  '93.212',
  '79.231',
  '217.91',
  '88.72',
  '178.4',
  '92.76',
  '95.88',
  '77.4',
  '2.203',
  '5.146',
  '37.24',
  '46.5',
  '89.15',
);
/** German mobile networks: few addresses shared by many (carrier NAT). */
const MOBILE = pools('Germany', '80.187', '109.41', '176.1', '77.186', '46.114');
/**
 * The rest of the world. Travellers, scanners, mail servers and attackers all draw from here, so that no address
 * says by itself what its holder is. The RFC 5737 ranges stand for rented servers.
 */
const WORLD: readonly Pool[] = [
  ...pools('United States', '198.51.100', '203.0.113', '24.12', '73.22', '68.44', '98.110', '138.68', '159.65'),
  ...pools('China', '218.92', '222.186', '61.177', '112.85', '125.64'),
  ...pools('Russian Federation', '31.173', '95.24', '188.162', '178.176', '213.87'),
  ...pools('India', '117.200', '122.160', '49.36'),
  ...pools('Viet Nam', '14.161', '113.160', '171.224'),
  ...pools('Brazil', '177.54', '187.19'),
  ...pools('Indonesia', '36.72', '125.162', '180.244'),
  ...pools('France', '51.75'),
  ...pools('Spain', '83.51', '88.14'),
  ...pools('Italy', '151.42', '79.22', '93.56'),
  ...pools('Romania', '86.120', '89.136'),
  ...pools('Poland', '83.25', '31.0'),
  ...pools('Portugal', '85.240', '94.62', '188.37', '2.81'),
  ...pools('Nigeria', '102.89', '105.112'),
  ...pools('Canada', '99.240', '76.64'),
  ...HOME.slice(0, 5),
];
/** Large services that every office talks to all day. */
const SERVICES: readonly Pool[] = [
  ...pools('United States', '52.109', '13.107', '20.190', '140.82', '104.16', '151.101', '34.117', '23.45', '17.253'),
  ...pools('Ireland', '52.97', '40.126', '34.242'),
  ...pools('Germany', '18.184', '3.120', '142.250', '157.240', '185.15', '95.100', '62.138'),
];

const COUNTRIES = new Map<string, string>(
  [...WORLD, ...SERVICES, ...MOBILE, ...HOME].map((p) => [p.prefix, p.country]),
);

const fill = (random: Random, pool: Pool): string => {
  let address = pool.prefix;
  while (address.split('.').length < 4) address += `.${random.int(1, 254)}`;
  return address;
};

export const homeAddress = (random: Random): string => fill(random, random.pick(HOME));
export const mobileAddress = (random: Random): string => fill(random, random.pick(MOBILE));
export const foreignAddress = (random: Random): string => fill(random, random.pick(WORLD));
export const serviceAddress = (random: Random): string => fill(random, random.pick(SERVICES));

/** Another address of the same access network: what a forced nightly reconnect gives. */
export const neighbour = (random: Random, address: string): string => {
  const [a, b] = address.split('.');
  return `${a}.${b}.${random.int(1, 254)}.${random.int(1, 254)}`;
};

/** `203.0.113.7` → `203.0.113` */
export const prefix24 = (address: string): string => address.slice(0, address.lastIndexOf('.'));

const PRIVATE = /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/;
export const isPrivate = (address: string): boolean => PRIVATE.test(address);

/** The country as a firewall's own data base calls it. */
export const countryOf = (address: string): string => {
  if (isPrivate(address)) return 'Reserved';
  const parts = address.split('.');
  return COUNTRIES.get(parts.slice(0, 3).join('.')) ?? COUNTRIES.get(parts.slice(0, 2).join('.')) ?? 'Germany';
};
