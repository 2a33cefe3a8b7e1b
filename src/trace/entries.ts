import { asIs, type Said, say } from '../core/said.ts';
import { HOUR } from '../core/time.ts';
import { labelsOf } from './context.ts';
import type { RemoteLogin } from './logons.ts';
import type { Act, World } from './model.ts';
import { isInner } from './read.ts';
import type { Vector } from './result.ts';
import type { VpnSession } from './sessions.ts';

/** Acts by which somebody may have come in, made from sessions and logins. */

const from = (remote: string | undefined): Said =>
  remote === undefined
    ? say('an address the log does not tell', 'einer Adresse, die das Protokoll nicht nennt')
    : asIs(remote);

const sessionText = ({ account, remote, addresses }: VpnSession): Said => {
  const inner = addresses[0]?.ip;
  return say(
    `VPN login as ${account} from ${from(remote).en}${inner === undefined ? '' : `, address ${inner}`}`,
    `VPN-Anmeldung als ${account} von ${from(remote).de}${inner === undefined ? '' : `, Adresse ${inner}`}`,
  );
};

export const sessionAct = (session: VpnSession, world: World): Act => ({
  key: session.key,
  kind: 'vpn-session',
  stage: 'initial-access',
  technique: 'T1133',
  from: session.begin,
  to: session.end,
  slack: world.clocks.slackOf(session.stream) + world.clocks.doubtOf(session.stream),
  account: session.account,
  remote: isInner(session.remote) ? undefined : session.remote,
  address: isInner(session.remote) ? session.remote : undefined,
  device: session.device,
  targets: session.addresses.map((a) => a.ip),
  events: session.events,
  count: session.events.length,
  summary: sessionText(session),
  vector: 'vpn-valid-account',
  marks: [],
  labels: labelsOf(world.context, { account: session.account, remote: session.remote }, session.begin),
});

const VECTOR_OF: Readonly<Record<RemoteLogin['kind'], Vector>> = {
  'remote-login': 'exposed-remote-service',
  'mail-login': 'mail-account-takeover',
  'admin-login': 'exposed-remote-service',
};

/** A management login from no real place: loopback, a resolver, the console of the web interface. */
export const isForged = (login: RemoteLogin): boolean =>
  login.kind === 'admin-login' &&
  (login.service === 'jsconsole' ||
    login.remote.startsWith('127.') ||
    login.remote === '::1' ||
    login.remote === '8.8.8.8' ||
    login.remote === '1.1.1.1');

const placeOf = (login: RemoteLogin): string | undefined => login.host ?? login.device;

const SERVICE_NAMES: Readonly<Record<string, string>> = {
  ssh: 'SSH',
  rdp: 'RDP',
  imap: 'IMAP',
  pop3: 'POP3',
  smtp: 'SMTP',
  windows: 'Windows',
  web: 'web',
  https: 'HTTPS',
  owa: 'OWA',
};
export const serviceName = (service: string): string => SERVICE_NAMES[service] ?? service;

const sentence = (login: RemoteLogin): Said => {
  const where = placeOf(login);
  const [on, auf] = where === undefined ? ['', ''] : [` on ${where}`, ` an ${where}`];
  const { account, remote } = login;
  if (login.kind === 'admin-login')
    return say(
      `management login${on} as ${account} from ${remote} (${login.service})`,
      `Anmeldung zur Verwaltung${auf} als ${account} von ${remote} (${login.service})`,
    );
  const [how, wie] = login.method === 'publickey' ? [' with a public key', ' mit öffentlichem Schlüssel'] : ['', ''];
  const service = serviceName(login.service);
  return say(
    `${service} login${on} as ${account}${how} from ${remote}`,
    `${service}-Anmeldung${auf} als ${account}${wie} von ${remote}`,
  );
};

export const loginAct = (login: RemoteLogin, world: World): Act => {
  const forged = isForged(login);
  return {
    key: `login:${login.events[0]}`,
    kind: login.kind,
    stage: 'initial-access',
    technique: forged ? 'T1190' : login.kind === 'mail-login' ? 'T1078' : 'T1133',
    from: login.first,
    // a login gives access for as long as it is repeated
    to: Math.max(login.last, login.first + HOUR),
    slack: world.clocks.slackOf(login.stream) + world.clocks.doubtOf(login.stream),
    account: login.account,
    remote: isInner(login.remote) ? undefined : login.remote,
    address: isInner(login.remote) ? login.remote : undefined,
    host: login.kind === 'remote-login' ? login.host : undefined,
    device: login.kind === 'admin-login' ? login.device : undefined,
    targets: placeOf(login) === undefined ? [] : [placeOf(login) as string],
    events: login.events,
    count: login.count,
    summary: sentence(login),
    vector: isInner(login.remote) ? undefined : forged ? 'appliance-exploit' : VECTOR_OF[login.kind],
    marks: forged
      ? [
          {
            family: 'exploit',
            nats: 4,
            because: say(
              `the management login states ${login.service} from ${login.remote}, where no administrator sits: the mark of an authentication bypass`,
              `die Anmeldung zur Verwaltung nennt ${login.service} von ${login.remote}, wo kein Administrator sitzt: das Zeichen einer umgangenen Anmeldung`,
            ),
            events: login.events,
          },
        ]
      : [],
    labels: labelsOf(world.context, { account: login.account, remote: login.remote }, login.first),
  };
};
