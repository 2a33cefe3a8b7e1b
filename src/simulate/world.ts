import { foreignAddress, homeAddress, isPrivate, mobileAddress } from './addresses.ts';
import type { Random } from './random.ts';

export interface Host {
  readonly name: string;
  readonly address: string;
}

export interface User {
  readonly name: string;
  readonly login: string;
  readonly mail: string;
  readonly admin: boolean;
  readonly workstation: Host;
  /** Where he dials in from: an access network whose address changes, a mobile network, one place abroad. */
  readonly home: string;
  readonly homeChanges: boolean;
  readonly mobile: string;
  /** Working day by the wall clock, in hours. */
  readonly begins: number;
  readonly ends: number;
  /** Weekdays (1–5) on which he works from home. */
  readonly homeDays: readonly number[];
  /** Probability that a login is preceded by a wrong password. */
  readonly clumsiness: number;
  /** Index into the client versions of a VPN product: people update at their own pace. */
  readonly clientVersion: number;
}

type Role =
  | 'dc1'
  | 'dc2'
  | 'files'
  | 'mail'
  | 'backup'
  | 'hypervisor'
  | 'database'
  | 'terminal'
  | 'app'
  | 'update'
  | 'web';

export interface World {
  readonly domain: string;
  readonly netbios: string;
  readonly users: readonly User[];
  readonly admins: readonly User[];
  readonly servers: Readonly<Record<Role, Host>>;
  /** All servers and, after them, workstations that forward their Windows logs. */
  readonly windowsHosts: readonly Host[];
  readonly publicNet: string;
  readonly gateway: string;
  readonly vpnPool: string;
  readonly sideOf: (address: string) => Side;
  readonly correspondents: readonly Correspondent[];
  readonly sid: string;
}

export type Side = 'lan' | 'server' | 'dmz' | 'vpn' | 'partner' | 'wan';

/** A mail domain the company exchanges mail with. */
interface Correspondent {
  readonly domain: string;
  readonly relay: string;
  readonly address: string;
  readonly people: readonly string[];
}

const FIRST =
  'Anna,Bernd,Carla,Dieter,Elif,Frank,Gesine,Holger,Ines,Jonas,Katrin,Lars,Monika,Nadine,Olaf,Petra,Ralf,Sabine,Timo,Ulrike,Volker,Wiebke,Yusuf,Zoran,Andrea,Birgit,Christian,Doreen,Erik,Franziska'.split(
    ',',
  );
const LAST =
  'Maier,Roth,Lang,Ott,Wolf,Beck,Kuhn,Albers,Brandt,Conrad,Demir,Ehlers,Fuchs,Graf,Heine,Imhof,Jansen,Keller,Lorenz,Metz,Neumann,Oswald,Peters,Quast,Reuter,Seidel,Thoma,Ullrich,Vogt,Winkler,Yilmaz,Zander,Arnold,Busch,Cramer,Dorn,Engel,Fink,Gebhardt,Hahn,Irmer,Jung,Kraft,Ludwig,Martens,Nolte,Opitz,Pohl,Rieger,Simon'.split(
    ',',
  );
const COMPANY =
  'nordwerk,halmos,rheintal-technik,brinkmann-bau,kaltenbach,medilog,ostsee-druck,lindhorst,weserkontor,tannhof'.split(
    ',',
  );
const PARTNERS =
  'auerhahn,bellmer-logistik,cortex-labor,druckhaus-sued,elbtal,forsthoff,glasbau-jung,hanseport,ibis-reisen,jenastahl,kornblume,laborverbund-mitte,moebel-dahl,nordlicht-energie,optik-brauer,papier-union,quelle-bad,ruhrnetz,steuerbuero-hain,transalpin,uhlmann,vereinskasse,wasserverband,zahntechnik-west'.split(
    ',',
  );

const ROLE_STEMS: readonly (readonly [Role, string])[] = [
  ['dc1', 'DC01'],
  ['dc2', 'DC02'],
  ['files', 'FS01'],
  ['mail', 'EX01'],
  ['backup', 'BKP01'],
  ['hypervisor', 'HV01'],
  ['database', 'SQL01'],
  ['terminal', 'TS01'],
  ['app', 'APP01'],
  ['update', 'WSUS01'],
  ['web', 'WEB01'],
];

export interface WorldOptions {
  readonly users?: number;
  /** People the story needs by name; they come first. */
  readonly cast?: readonly string[];
  readonly company?: string;
  readonly publicNet?: string;
  readonly vpnPool?: string;
}

const makeUser = (random: Random, name: string, index: number, domain: string, net: number): User => {
  const [first = '', last = ''] = name.split(' ');
  const login = `${first.charAt(0)}.${last}`.toLowerCase();
  const begins = random.pick([6.5, 7, 7.5, 8, 8, 8.5, 9]) + random.between(-0.2, 0.2);
  return {
    name,
    login,
    mail: `${login}@${domain}`,
    admin: index % 17 === 5,
    workstation: {
      name: `WS-${String(101 + index).padStart(3, '0')}`,
      address: `10.${net}.${20 + (index % 3)}.${21 + index}`,
    },
    home: homeAddress(random),
    homeChanges: random.chance(0.4),
    mobile: mobileAddress(random),
    begins,
    ends: begins + random.between(7.5, 9.5),
    homeDays: [1, 2, 3, 4, 5].filter(() => random.chance(0.4)),
    clumsiness: random.chance(0.2) ? 0.25 : 0.06,
    clientVersion: random.pick([0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 4]),
  };
};

const makePeople = (random: Random, options: WorldOptions): string[] => {
  const names = [...(options.cast ?? [])];
  const count = Math.max(options.users ?? 60, names.length);
  const lasts = random.sample(LAST, LAST.length);
  for (let i = 0; names.length < count; i += 1) {
    const last = lasts[i % lasts.length] as string;
    const name = `${random.pick(FIRST)} ${last}`;
    const key = `${name.charAt(0)} ${last}`;
    if (!names.some((n) => `${n.charAt(0)} ${n.split(' ')[1]}` === key)) names.push(name);
  }
  return names;
};

const makeCorrespondents = (random: Random): Correspondent[] =>
  PARTNERS.map((stem) => {
    const domain = `${stem}.example`;
    const people = Array.from({ length: 4 }, () =>
      `${random.pick(FIRST)}.${random.pick(LAST)}@${domain}`.toLowerCase(),
    );
    const address = random.chance(0.75) ? homeAddress(random) : foreignAddress(random);
    return { domain, relay: `${random.pick(['mail', 'mx1', 'smtp', 'mout', 'gw'])}.${domain}`, address, people };
  });

export const makeWorld = (random: Random, options: WorldOptions = {}): World => {
  const company = options.company ?? random.pick(COMPANY);
  const domain = `${company}.example`;
  const vpnPool = options.vpnPool ?? `10.${random.int(2, 250)}.${random.int(8, 250)}`;
  const vpnNet = Number(vpnPool.split('.')[1]);
  const net = vpnNet === 40 ? 41 : random.pick([16, 20, 32, 40, 64, 112].filter((n) => n !== vpnNet));
  const users = makePeople(random, options).map((name, i) => makeUser(random, name, i, domain, net));
  const prefix = random.pick(['', '', 'SRV-', `${company.slice(0, 2).toUpperCase()}-`]);
  const server = (stem: string, i: number): Host => ({ name: `${prefix}${stem}`, address: `10.${net}.10.${11 + i}` });
  const servers = Object.fromEntries(ROLE_STEMS.map(([role, stem], i) => [role, server(stem, i)])) as Record<
    Role,
    Host
  >;
  const more = ['FS02', 'SQL02', 'APP02', 'APP03', 'PRT01', 'HV02', 'MON01'].map((stem, i) => server(stem, i + 20));
  const publicNet = options.publicNet ?? homeAddress(random).replace(/\.\d+$/, '');
  return {
    domain,
    netbios: company
      .replace(/[^a-z]/g, '')
      .slice(0, 12)
      .toUpperCase(),
    users,
    admins: users.filter((u) => u.admin),
    servers,
    windowsHosts: [...Object.values(servers), ...more, ...users.map((u) => u.workstation)],
    publicNet,
    gateway: `${publicNet}.${random.int(2, 30)}`,
    vpnPool,
    sideOf: (address) => {
      if (address.startsWith(`10.${vpnNet}.`)) return 'vpn';
      if (address.startsWith(`10.${net}.10.`)) return 'server';
      if (address.startsWith(`10.${net}.50.`)) return 'dmz';
      if (address.startsWith('172.')) return 'partner';
      return isPrivate(address) ? 'lan' : 'wan';
    },
    correspondents: makeCorrespondents(random),
    sid: `S-1-5-21-${random.int(1e8, 4e9)}-${random.int(1e8, 4e9)}-${random.int(1e8, 4e9)}`,
  };
};

export const dmzAddress = (world: World, last: number): string =>
  world.servers.dc1.address.replace(/\.10\.\d+$/, `.50.${last}`);
export const fqdn = (world: World, host: Host): string => `${host.name}.${world.domain}`;
export const sidOf = (world: World, login: string): string => {
  const index = world.users.findIndex((u) => u.login === login);
  let sum = 0;
  for (const c of login) sum = (sum * 31 + c.charCodeAt(0)) % 4000;
  return `${world.sid}-${1105 + (index < 0 ? 5000 + sum : index)}`;
};
