import { asIs, type Said, say } from '../../core/said.ts';
import { numberOf, textOf } from '../../ecs/event.ts';
import { and, field, isAny, or } from '../../query/ast.ts';
import type { StoreReader } from '../../store/store.ts';
import { findingOf, type Meaning } from '../build.ts';
import type { Finding } from '../finding.ts';
import { durationText } from '../words.ts';
import type { Baseline } from './baseline.ts';
import { SETTINGS } from './settings.ts';
import { accountOf, entitiesOf, entryOf, placeOf, type Use, usesOf } from './uses.ts';

const TITLE = 'New password or second factor about a login from a new network';

/** A password set anew, or a second factor enrolled. */
interface Change {
  readonly id: string;
  readonly time: number;
  readonly kind: 'factor' | 'password';
}

/** Entra ID, Okta, Google Workspace, Keycloak, Duo; Windows 4724 is the reset by another. */
const FACTOR = [
  'User registered security info',
  'User registered all required security info',
  'Admin registered security info',
  'user.mfa.factor.activate',
  'user.mfa.factor.reset_all',
  'user.mfa.factor.deactivate',
  '2sv_enroll',
  '2sv_disable',
  'TURN_OFF_2_STEP_VERIFICATION',
  'UPDATE_TOTP',
  'REMOVE_TOTP',
  'UPDATE_CREDENTIAL',
  'bypass_create',
];
const PASSWORD = [
  'Reset user password',
  'Reset password (by admin)',
  'Reset password (self-service)',
  'user.account.reset_password',
  'user.account.update_password',
  'password_edit',
  'UPDATE_PASSWORD',
  'RESET_PASSWORD',
];
// Okta writes the same in words; FortiGate, privacyIDEA, RADIUS servers: “FortiToken … activated”, “token enrolled”
const WORDS =
  '\\b(otp|token|factor|authenticator)\\b.{0,60}\\b(enrol(l?ed|ment)|activated|assigned|provisioned|re-?seeded|reset)\\b';

const QUERY = or(
  isAny('event.action', [...FACTOR, ...PASSWORD]),
  isAny('winlog.event_id', ['4724']),
  and(
    isAny('einfallstor.act', ['account-changed', 'config-change', 'mfa-challenge', 'other']),
    field('message', { op: 'regex', source: WORDS, flags: 'i' }),
  ),
);
const FIELDS = ['event.action', 'event.outcome', 'user.name', 'user.target.name', 'winlog.event_id', 'message'];

const changesOf = async (store: StoreReader): Promise<ReadonlyMap<string, readonly Change[]>> => {
  const changes = new Map<string, Change[]>();
  for await (const { id, fields } of store.scan(QUERY, { order: 'time', fields: FIELDS })) {
    const time = numberOf(fields, '@timestamp');
    const name = textOf(fields, 'user.target.name') ?? textOf(fields, 'user.name');
    if (time === undefined || name === undefined || textOf(fields, 'event.outcome') === 'failure') continue;
    const isPassword =
      PASSWORD.includes(textOf(fields, 'event.action') ?? '') || textOf(fields, 'winlog.event_id') === '4724';
    const change: Change = { id, time, kind: isPassword ? 'password' : 'factor' };
    const list = changes.get(accountOf(name));
    if (list === undefined) changes.set(accountOf(name), [change]);
    else list.push(change);
  }
  return changes;
};

const NAMES: Readonly<Record<Change['kind'], Said>> = {
  factor: say('a second factor was enrolled or reset', 'ein zweiter Faktor eingerichtet oder zurückgesetzt'),
  password: say('the password was reset', 'das Kennwort zurückgesetzt'),
};

const findingFor = (use: Use, change: Change, age: number): Finding => {
  const isYoung = age < SETTINGS.learning;
  const { vector, provides, techniques } = entryOf(use);
  const meaning: Meaning = {
    id: 'baseline-enrolment-new-network',
    title: TITLE,
    level: isYoung ? 'low' : 'medium',
    techniques: [change.kind === 'factor' ? 'T1098.005' : 'T1098', ...techniques],
    chain: {
      stage: 'initial-access',
      vector,
      requires: [],
      provides,
      weight: SETTINGS.enrolmentWeight * (isYoung ? 0.5 : 1),
    },
  };
  const [who, gap] = [`${use.fields['user.name']} (${placeOf(use)})`, durationText(Math.abs(change.time - use.time))];
  const isAfter = change.time >= use.time;
  const order = isAfter ? say(`${gap.en} after`, `${gap.de} nach`) : say(`${gap.en} before`, `${gap.de} vor`);
  const doubt = isYoung
    ? say('; insufficient history to call the network new', '; zu wenig Vorgeschichte, um das Netz neu zu nennen')
    : asIs('');
  const what = NAMES[change.kind];
  const fact = say(
    `${what.en} ${order.en} the first login of ${who} from network ${use.network}${doubt.en}`,
    `${order.de} der ersten Anmeldung von ${who} aus dem Netz ${use.network} wurde ${what.de}${doubt.de}`,
  );
  const span = {
    from: Math.min(use.time, change.time),
    to: Math.max(use.time, change.time),
    at: use.time,
    ids: isAfter ? [use.id, change.id] : [change.id, use.id],
    count: 2,
  };
  return findingOf(
    meaning,
    span,
    { account: use.account, network: use.network, kind: change.kind },
    entitiesOf(use),
    fact,
  );
};

/** Who takes an account over sets its password anew, or enrols a factor of his own. */
export const enrolments: Baseline = {
  title: TITLE,
  run: async ({ store }) => {
    const changes = await changesOf(store);
    if (changes.size === 0) return [];
    const histories = new Map<string, { readonly first: number; readonly networks: Set<string> }>();
    const findings: Finding[] = [];
    for await (const use of usesOf(store, ['vpn-login', 'vpn-session-start', 'login', 'admin-login'])) {
      if (!use.isPublic) continue;
      const history = histories.get(use.account);
      if (history === undefined) {
        histories.set(use.account, { first: use.time, networks: new Set([use.network]) });
        continue;
      }
      if (history.networks.has(use.network)) continue;
      history.networks.add(use.network);
      const near = (changes.get(use.account) ?? []).filter(
        ({ time }) => Math.abs(time - use.time) <= SETTINGS.enrolmentWindow,
      );
      for (const kind of ['factor', 'password'] as const) {
        const change = near.find((one) => one.kind === kind);
        if (change !== undefined) findings.push(findingFor(use, change, use.time - history.first));
      }
    }
    return findings;
  },
};
