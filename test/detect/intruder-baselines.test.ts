import { createHash } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/core/time.ts';
import { BASELINES } from '../../src/detect/baseline/all.ts';
import type { Countries } from '../../src/detect/baseline/baseline.ts';
import { entropyOf } from '../../src/detect/baseline/dns-tunnels.ts';
import { deletionsOf, isOneEdit, registeredOf, skeletonOf } from '../../src/detect/baseline/likeness.ts';
import { loadContext } from '../../src/detect/context.ts';
import type { Finding } from '../../src/detect/finding.ts';
import { detect } from '../../src/detect/run.ts';
import type { Fields, StoredEvent } from '../../src/ecs/event.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { event, vpnLogin } from './events.ts';

const found = async (
  rule: string,
  events: readonly StoredEvent[],
  context = '',
  countries?: Countries,
): Promise<Finding[]> => {
  const { findings } = await detect({
    store: memoryStore(events),
    rules: { rules: [], correlations: [], problems: [] },
    baselines: BASELINES,
    context: loadContext(context),
    ...(countries === undefined ? {} : { countries }),
  });
  return findings.filter((finding) => finding.rule === rule);
};

const times = (count: number, make: (i: number) => StoredEvent): StoredEvent[] =>
  Array.from({ length: count }, (_, i) => make(i));
const home = times(30, (day) => vpnLogin(day * DAY, 'kim', '198.51.100.7'));

describe('sessions that move', () => {
  const request = (after: number, ip: string, session = '20417'): StoredEvent =>
    event(after, {
      'einfallstor.act': 'http-request',
      'einfallstor.vpn.session_id': session,
      'user.name': 'kim',
      'source.ip': ip,
      'observer.name': 'gate',
    });
  const steady = times(30, (day) => request(day * DAY, '198.51.100.7', `old-${day}`));
  const begun = request(30 * DAY, '198.51.100.7');

  it('weigh most when both networks hold the session', async () => {
    const [finding, ...more] = await found('baseline-session-moved', [
      ...steady,
      begun,
      request(30 * DAY + MINUTE, '203.0.113.9'),
      request(30 * DAY + 3 * MINUTE, '198.51.100.7'),
    ]);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ level: 'high', chain: { vector: 'session-theft', weight: 2.5 } });
    expect(finding?.fact.en).toBe(
      'session 20417 of kim, begun from 198.51.100.7, went on from 203.0.113.9, a network the account had not come from, and 2 min later from 198.51.100.7 again',
    );
  });

  it('are little when the old network fell silent, and say when history is short', async () => {
    const moved = [begun, request(30 * DAY + MINUTE, '203.0.113.9')];
    expect(await found('baseline-session-moved', [...steady, ...moved])).toMatchObject([{ level: 'low' }]);
    const [young] = await found('baseline-session-moved', moved);
    expect(young?.fact.de).toContain('zu wenig Vorgeschichte');
  });

  it('weigh more where the new network lies in a country from which the account never came', async () => {
    const countries: Countries = {
      database: { name: 'test', built: '2031-01-01', sha256: '' },
      countryOf: (address) => (address.startsWith('203.') ? 'NG' : 'DE'),
    };
    const few = [...steady.slice(-5), begun, request(30 * DAY + MINUTE, '203.0.113.9')];
    const [abroad] = await found('baseline-session-moved', few, '', countries);
    expect(abroad).toMatchObject({ level: 'high', chain: { weight: 2 } });
    expect(abroad?.fact.en).toContain('and from a country (NG) new for it');
    const home = [...steady.slice(-5), begun, request(30 * DAY + MINUTE, '192.0.2.9')];
    expect(await found('baseline-session-moved', home, '', countries)).toMatchObject([{ level: 'low' }]);
  });

  it('need no past of the account where it is in two countries at once: a connection opened before is still open', async () => {
    const countries: Countries = {
      database: { name: 'test', built: '2031-01-01', sha256: '' },
      countryOf: (address) => (address.startsWith('203.') ? 'NG' : 'DE'),
    };
    const moved = [begun, request(30 * DAY + HOUR, '203.0.113.9')];
    const closed = (opened: number): StoredEvent =>
      event(30 * DAY + 2 * HOUR, {
        'einfallstor.act': 'flow',
        'event.duration': (30 * DAY + 2 * HOUR - opened) * 1000,
        'user.name': 'kim',
        'source.ip': '198.51.100.7',
        'observer.name': 'gate',
      });
    const [before] = await found('baseline-session-moved', [...moved, closed(30 * DAY + MINUTE)], '', countries);
    expect(before).toMatchObject({ level: 'high', chain: { weight: 2 } });
    expect(before?.fact.en).toContain('60 min later from 198.51.100.7 again');
    const [after] = await found('baseline-session-moved', [...moved, closed(30 * DAY + 90 * MINUTE)], '', countries);
    expect(after).toMatchObject({ level: 'low', chain: { weight: 0.35 } });
  });

  it('are nothing between networks of the account', async () => {
    const roaming = times(30, (day) => request(day * DAY, day % 2 ? '198.51.100.7' : '203.0.113.9', `r${day}`));
    const back = [begun, request(30 * DAY + MINUTE, '203.0.113.9'), request(30 * DAY + 2 * MINUTE, '198.51.100.7')];
    expect(await found('baseline-session-moved', [...roaming, ...back])).toEqual([]);
  });
});

describe('keys of ssh', () => {
  const key = (after: number, ip: string): StoredEvent =>
    event(after, {
      'einfallstor.act': 'login',
      'event.outcome': 'success',
      'service.type': 'ssh',
      'user.name': `deploy${after % 2}`,
      'source.ip': ip,
      'host.name': 'web1',
      'einfallstor.ssh.key_fingerprint': 'SHA256:abc',
    });

  it('are followed whatever account they open', async () => {
    const usual = times(30, (day) => key(day * DAY, '198.51.100.7'));
    const [finding] = await found('baseline-ssh-key-new-network', [...usual, key(30 * DAY + 1, '203.0.113.9')]);
    expect(finding).toMatchObject({ level: 'medium', entities: { 'source.ip': '203.0.113.9' } });
    expect(await found('baseline-ssh-key-new-network', usual)).toEqual([]);
  });
});

describe('enrolments', () => {
  const factor = (after: number, outcome = 'success'): StoredEvent =>
    event(after, {
      'einfallstor.act': 'account-changed',
      'event.action': 'User registered security info',
      'event.outcome': outcome,
      'user.name': 'kim@firma.example',
    });

  it('about a login from a new network are told in their order', async () => {
    const stranger = vpnLogin(30 * DAY, 'kim', '203.0.113.9');
    const [finding] = await found('baseline-enrolment-new-network', [...home, stranger, factor(30 * DAY + HOUR)]);
    expect(finding).toMatchObject({ level: 'medium', techniques: ['T1098.005', 'T1078', 'T1133'] });
    expect(finding?.fact.en).toBe(
      'a second factor was enrolled or reset 60 min after the first login of kim (VPN) from network 203.0.113.0/24',
    );
  });

  it('do not count from home, later, or when they failed', async () => {
    const stranger = vpnLogin(30 * DAY, 'kim', '203.0.113.9');
    expect(await found('baseline-enrolment-new-network', [...home, factor(29 * DAY + HOUR)])).toEqual([]);
    expect(await found('baseline-enrolment-new-network', [...home, stranger, factor(33 * DAY)])).toEqual([]);
    const failed = factor(30 * DAY + HOUR, 'failure');
    expect(await found('baseline-enrolment-new-network', [...home, stranger, failed])).toEqual([]);
  });
});

describe('devices', () => {
  const lease = (after: number, mac: string, ip = '10.20.4.31'): StoredEvent =>
    event(after, { 'einfallstor.act': 'dhcp-lease', 'event.action': 'dhcp-ack', 'source.mac': mac, 'source.ip': ip });
  const usual = times(40, (day) => lease(day * DAY, '00-00-5E-00-53-11'));

  it('are news after the first weeks, and not before', async () => {
    const late = await found('baseline-new-device', [...usual, lease(30 * DAY, '00-00-5E-00-53-77')]);
    expect(late).toMatchObject([{ level: 'low', entities: { 'source.mac': '00-00-5E-00-53-77' } }]);
    const [young] = await found('baseline-new-device', [...usual, lease(5 * DAY, '00-00-5E-00-53-77')]);
    expect(young).toMatchObject({ level: 'informational', chain: { weight: 0 } });
    expect(young?.fact.en).toContain('insufficient history');
  });

  it('with made-up addresses, and in networks of guests, are none', async () => {
    expect(await found('baseline-new-device', [...usual, lease(30 * DAY, '0A-00-5E-00-53-77')])).toEqual([]);
    const guests = times(6, (i) => lease(30 * DAY + i * HOUR, `00-00-5E-00-53-8${i}`, `10.20.4.${100 + i}`));
    const levels = (await found('baseline-new-device', [...usual, ...guests])).map(({ level }) => level);
    expect(new Set(levels)).toEqual(new Set(['informational']));
  });
});

describe('names asked for', () => {
  const ask = (after: number, name: string, ip = '10.20.3.44'): StoredEvent =>
    event(after, { 'einfallstor.act': 'dns-query', 'dns.question.name': name, 'source.ip': ip });
  const random = (i: number): string => createHash('sha256').update(String(i)).digest('hex').slice(0, 40);
  const tunnel = (ip?: string): StoredEvent[] =>
    times(150, (i) => ask(i * 10 * SECOND, `${random(i)}.t.bad.co.uk`, ip));

  it('are a tunnel when they are many, long and random', async () => {
    const [finding, ...more] = await found('baseline-dns-tunnel', tunnel());
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      level: 'medium',
      entities: { 'source.ip': '10.20.3.44', 'destination.domain': 'bad.co.uk' },
    });
    expect(finding?.fact.en).toBe(
      '10.20.3.44 asked 150 times for long random names below bad.co.uk within 25 min: at most 6.3 kB, the length of the names, can have left in them',
    );
  });

  it('are none when many hosts ask so, or names are plain', async () => {
    const everybody = ['10.20.3.1', '10.20.3.2', '10.20.3.3', '10.20.3.4'].flatMap((ip) => tunnel(ip));
    expect(await found('baseline-dns-tunnel', everybody)).toEqual([]);
    const plain = times(150, (i) => ask(i * SECOND, `aaaaaaaaaaaaaaaaaaaaaaaaaaaa-${i % 2}${i}.cdn.example.com`));
    expect(await found('baseline-dns-tunnel', plain)).toEqual([]);
  });

  const office = (at: number): StoredEvent[] =>
    times(9, (i) => ask(at + i * SECOND, 'www.example.com', `10.20.3.${i + 1}`));
  /** Some names an hour, around the clock. */
  const slow = (hours: number, hourly: number, ip = '10.20.3.44', below = 't.bad.co.uk'): StoredEvent[] =>
    times(hours * hourly, (i) => ask(2 * DAY + Math.floor((i * HOUR) / hourly), `${random(i)}.${below}`, ip));

  it('are a tunnel when they trickle for days, and a large one weighs more', async () => {
    const [day, ...more] = await found('baseline-dns-tunnel', [...office(0), ...slow(24, 12)]);
    expect(more).toEqual([]);
    expect(day).toMatchObject({ chain: { weight: 2 }, count: 89 });
    const [week] = await found('baseline-dns-tunnel', [...office(0), ...slow(5 * 24, 5)]);
    expect(week?.fact.en).toContain('asked 600 times for long random names below bad.co.uk within 5 d');
    const [large] = await found('baseline-dns-tunnel', [...office(0), ...slow(5 * 24, 50)]);
    expect(large?.chain?.weight).toBe(3);
    expect(await found('baseline-dns-tunnel', [...office(0), ...slow(24, 5)])).toEqual([]);
  });

  it('are none when they trickle to services that are asked so, or from a resolver since ever', async () => {
    for (const service of ['avqs.mcafee.com', 'i.03.s.sophosxl.net', 'zen.dq.spamhaus.net'])
      expect(await found('baseline-dns-tunnel', [...office(0), ...slow(48, 50, '10.20.3.44', service)])).toEqual([]);
    const nibbles = (i: number): string => [...random(i).slice(0, 32)].join('.');
    const reversed = times(400, (i) => ask(2 * DAY + i * MINUTE, `${nibbles(i)}.list.example.org`));
    expect(await found('baseline-dns-tunnel', [...office(0), ...reversed])).toEqual([]);
    // a resolver asks for everybody: few askers tell nothing, but that nobody asked on the first day does
    expect(await found('baseline-dns-tunnel', slow(48, 12))).toEqual([]);
    const earlier = ask(0, 'www.example.com');
    expect(await found('baseline-dns-tunnel', [earlier, ...slow(48, 12)])).toHaveLength(1);
  });

  it('have entropy', () => {
    expect(entropyOf('0123456789abcdef')).toBe(4);
    expect(entropyOf('aaaa')).toBe(0);
  });

  it('tell remote support tools, mining pools and Tor', async () => {
    const start = ask(0, 'www.example.com');
    const tool = [start, ask(10 * DAY, 'relay-4.net.anydesk.com.')];
    expect(await found('baseline-remote-support', tool)).toMatchObject([
      { level: 'low', entities: { 'source.ip': '10.20.3.44' } },
    ]);
    expect(await found('baseline-remote-support', [start, ask(10 * DAY, 'anydesk.com.example.net')])).toEqual([]);
    expect(await found('baseline-remote-support', [start, ask(DAY, 'anydesk.com')])).toMatchObject([
      { level: 'informational' },
    ]);
    expect(await found('baseline-mining', [start, ask(DAY, 'xmr-eu1.nanopool.org')])).toMatchObject([
      { level: 'medium' },
    ]);
  });
});

describe('connections from the DMZ and from partners', () => {
  const flow = (after: number, source: string, target: string, port: number, ingress = 'dmz'): StoredEvent =>
    event(after, {
      'einfallstor.act': 'flow',
      'source.ip': source,
      'destination.ip': target,
      'destination.port': port,
      'observer.ingress.interface.name': ingress,
      'observer.egress.interface.name': 'lan',
    });
  const usual = times(20, (day) => flow(day * DAY, '10.30.0.5', '10.20.1.8', 1433));

  it('that are new are told once an hour with their targets', async () => {
    const late = [445, 3389].map((port, i) => flow(20 * DAY + i * MINUTE, '10.30.0.5', '10.20.1.9', port));
    const [finding, ...more] = await found('baseline-dmz-inward', [...usual, ...late]);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ level: 'low', count: 2, entities: { 'source.ip': '10.30.0.5' } });
    expect(finding?.fact.en).toBe(
      '10.30.0.5 (the DMZ) reached 2 targets for the first time in 20 days, within 60 s: 10.20.1.9 port 3389, 10.20.1.9 port 445',
    );
    expect(await found('baseline-dmz-inward', usual)).toEqual([]);
  });

  it('are no news where they are daily work', async () => {
    const busy = times(20, (day) => flow(day * DAY, '10.30.0.5', `10.20.2.${day}`, 3389));
    const late = flow(20 * DAY, '10.30.0.5', '10.20.1.9', 445);
    expect(await found('baseline-dmz-inward', [...usual, ...busy, late])).toEqual([]);
  });

  it('of other interfaces are none', async () => {
    const lan = flow(20 * DAY, '10.30.0.5', '10.20.1.9', 445, 'admzone');
    expect(await found('baseline-dmz-inward', [...usual, lan])).toEqual([]);
  });

  it('at an odd hour weigh more, and need the context to know the partner', async () => {
    const partner = 'partners: [{name: Wartung GmbH, source: 172.20.8.0/24}]';
    const visits = times(20, (day) => flow(day * DAY, '172.20.8.4', '10.20.1.8', 443, 'vpn-msp'));
    const night = flow(20 * DAY + 15 * HOUR, '172.20.8.9', '10.20.1.9', 3389, 'vpn-msp');
    const findings = await found('baseline-partner-edge', [...visits, night], partner);
    expect(findings).toMatchObject([{ level: 'medium', chain: { vector: 'partner-access' } }]);
    expect(findings[0]?.fact.de).toContain('172.20.8.9 (Wartung GmbH)');
    expect(await found('baseline-partner-edge', [...visits, night])).toEqual([]);
  });
});

describe('look-alike domains', () => {
  const mail = (after: number, from: string, to = 'e.fink@praxis.example'): StoredEvent =>
    event(after, {
      'einfallstor.act': 'mail-received',
      'email.from.address': [from],
      'email.to.address': [to],
    } as Fields);
  const letters = times(20, (day) => mail(day * DAY, 'buero@lieferant.co.uk'));

  it.each(['lieferamt.co.uk', 'lieferrant.co.uk', 'leiferant.co.uk', domainToASCII('liеferant.co.uk')])(
    '%s is one',
    async (domain) => {
      const [finding, ...more] = await found('baseline-lookalike-domain', [
        ...letters,
        mail(20 * DAY, `buero@post.${domain}`),
      ]);
      expect(more).toEqual([]);
      expect(finding).toMatchObject({ level: 'medium', chain: { vector: 'mail-phishing' } });
      expect(finding?.fact.en).toContain('it resembles lieferant.co.uk, known from 20 days of mail');
    },
  );

  it.each(['lieferung.co.uk', 'lieferant.de', 'rechnung.lieferant.co.uk', 'lieferant-gruppe.net'])(
    '%s is none',
    async (domain) => {
      expect(await found('baseline-lookalike-domain', [...letters, mail(20 * DAY, `x@${domain}`)])).toEqual([]);
    },
  );

  it('of the organisation itself count, from those it is written at', async () => {
    expect(await found('baseline-lookalike-domain', [...letters, mail(20 * DAY, 'chef@praxls.example')])).toHaveLength(
      1,
    );
  });

  it('say when history is short', async () => {
    const [finding] = await found('baseline-lookalike-domain', [
      ...letters.slice(0, 4),
      mail(4 * DAY, 'x@lieferamt.co.uk'),
    ]);
    expect(finding?.level).toBe('low');
    expect(finding?.fact.en).toContain('insufficient history');
  });

  it('are compared by what the eye reads of the registered name', () => {
    expect(registeredOf('mail.acme.co.uk')).toEqual({ label: 'acme', domain: 'acme.co.uk' });
    expect(registeredOf('co.uk')).toBeUndefined();
    expect(skeletonOf('асme')).toBe('acme');
    expect(skeletonOf('acrne')).toBe(skeletonOf('acme'));
    expect([isOneEdit('acme', 'amce'), isOneEdit('acme', 'acme'), isOneEdit('acme', 'axxe')]).toEqual([
      true,
      false,
      false,
    ]);
    expect(deletionsOf('aab')).toEqual(['aab', 'ab', 'aa']);
  });
});

describe('exchanges of mails', () => {
  const mail = (after: number, subject: string, from: string, to: string, more: Fields = {}): StoredEvent =>
    event(after, {
      'einfallstor.act': 'mail-received',
      'email.subject': subject,
      'email.from.address': [from],
      'email.to.address': [to],
      ...more,
    } as Fields);
  const US = 'e.fink@praxis.example';
  const daily = times(20, (day) => mail(day * DAY, `Bestellung ${day} vom Montag`, 'buero@lieferant.co.uk', US));
  const last = 'Bestellung 19 vom Montag';
  const after = 20 * DAY;

  it('that a stranger goes on with are told', async () => {
    const [finding, ...more] = await found('baseline-thread-stranger', [
      ...daily,
      mail(after, `AW: ${last}`, 'buero@lieferant-post.net', US),
      mail(after + HOUR, `AW: ${last}`, 'buero@lieferant-post.net', US),
    ]);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      level: 'medium',
      entities: { 'email.from.address': 'buero@lieferant-post.net', 'email.to.address': US },
      chain: { vector: 'mail-phishing' },
    });
    expect(finding?.fact.en).toContain('an exchange with lieferant.co.uk, praxis.example');
  });

  it('that are answered elsewhere are told', async () => {
    const [finding] = await found('baseline-thread-stranger', [
      ...daily,
      mail(after, `Re: ${last}`, 'buero@lieferant.co.uk', US, {
        'email.reply_to.address': ['x@frei-post.net'],
      } as Fields),
    ]);
    expect(finding?.fact.en).toContain('frei-post.net had written to nobody here');
  });

  it.each([
    ['go on between those who began it', `AW: ${last}`, 'lager@lieferant.co.uk'],
    ['somebody new begins', 'Angebot 77 vom Dienstag', 'x@neu.net'],
    ['nobody here began', 'AW: Angebot 77 vom Dienstag', 'x@neu.net'],
    ['bear the same subject by chance', last, 'x@neu.net'],
    ['are forwarded', `WG: ${last}`, 'x@neu.net'],
    ['have too short a subject', 'AW: Bestellung', 'x@neu.net'],
  ])('are none when they %s', async (_, subject, from) => {
    const short = mail(HOUR, 'Bestellung', 'buero@lieferant.co.uk', US);
    expect(await found('baseline-thread-stranger', [short, ...daily, mail(after, subject, from, US)])).toEqual([]);
  });

  it('rested for months are over, and short history is stated', async () => {
    expect(
      await found('baseline-thread-stranger', [...daily, mail(after + 61 * DAY, `AW: ${last}`, 'x@neu.net', US)]),
    ).toEqual([]);
    const young = [...daily.slice(0, 3), mail(3 * DAY, 'AW: Bestellung 2 vom Montag', 'x@neu.net', US)];
    const [finding] = await found('baseline-thread-stranger', young);
    expect([finding?.level, finding?.fact.en]).toEqual(['low', expect.stringContaining('insufficient history')]);
  });
});

describe('clients of accounts', () => {
  const login = (after: number, user: string, client: string): StoredEvent =>
    event(after, {
      'einfallstor.act': 'vpn-login',
      'event.outcome': 'success',
      'user.name': user,
      'source.ip': '198.51.100.7',
      'user_agent.original': client,
    });
  const WINDOWS = 'AnyConnect Windows 4.10.05095';
  const usual = times(20, (day) => login(day * DAY, 'kim', WINDOWS));
  const LINUX = 'openconnect v8.20 linux-64';

  it('that are new after weeks are told once', async () => {
    const his = [login(20 * DAY, 'kim', LINUX), login(21 * DAY, 'kim', LINUX)];
    const [finding, ...more] = await found('baseline-new-client', [...usual, ...his]);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ level: 'low', chain: { vector: 'vpn-valid-account' }, events: [his[0]?.id] });
    expect(finding?.fact.en).toContain(`with ${LINUX} in 20 days and 20 logins, before with ${WINDOWS}`);
  });

  it('that a gateway tells in a record beside the login count too', async () => {
    const { id, fields } = login(20 * DAY, 'kim', LINUX);
    const told = { id, fields: { ...fields, 'einfallstor.act': 'vpn-negotiation' } as Fields };
    delete told.fields['event.outcome'];
    expect(await found('baseline-new-client', [...usual, told])).toHaveLength(1);
    told.fields['event.outcome'] = 'failure';
    expect(await found('baseline-new-client', [...usual, told])).toEqual([]);
  });

  it('are none after an update, in young logs, and when many get them', async () => {
    expect(
      await found('baseline-new-client', [...usual, login(20 * DAY, 'kim', 'AnyConnect Windows 5.1.2.42')]),
    ).toEqual([]);
    expect(await found('baseline-new-client', [...usual.slice(0, 9), login(10 * DAY, 'kim', LINUX)])).toEqual([]);
    const all = ['kim', 'lou', 'max'].flatMap((user) => [
      ...times(20, (day) => login(day * DAY + HOUR, user, WINDOWS)),
      login(20 * DAY, user, LINUX),
    ]);
    expect(await found('baseline-new-client', all)).toEqual([]);
  });
});

describe('hours of accounts', () => {
  const office = times(120, (n) => vpnLogin(Math.floor(n / 4) * DAY + (n % 4) * 2 * HOUR, 'kim', '198.51.100.7'));

  it('are odd when none of many logins was near', async () => {
    const [finding, ...more] = await found('baseline-odd-hour', [
      ...office,
      vpnLogin(30 * DAY + 18 * HOUR, 'kim', '198.51.100.7'),
    ]);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ level: 'informational', chain: { weight: 0.3 } });
    expect(finding?.fact.en).toMatch(/at 02:00 UTC; none of 120 logins in 31 days/);
  });

  it('are none next to usual ones, and after few logins', async () => {
    expect(await found('baseline-odd-hour', [...office, vpnLogin(30 * DAY + 7 * HOUR, 'kim', '198.51.100.7')])).toEqual(
      [],
    );
    const few = [...office.slice(0, 90), vpnLogin(30 * DAY + 18 * HOUR, 'kim', '198.51.100.7')];
    expect(await found('baseline-odd-hour', few)).toEqual([]);
  });
});

describe('servers', () => {
  const SERVER = '10.1.2.5';
  const served = times(10, (n) =>
    event(n * MINUTE, {
      'einfallstor.act': 'flow',
      'network.direction': 'internal',
      'source.ip': `10.1.1.${n}`,
      'destination.ip': SERVER,
      'destination.port': 443,
    }),
  );
  const asks = (after: number, source: string, name: string): StoredEvent =>
    event(after, { 'einfallstor.act': 'dns-query', 'source.ip': source, 'dns.question.name': name });
  const usual = times(20, (day) => asks(day * DAY, SERVER, 'updates.vendor.co.uk'));

  it('that call new domains are told once an hour', async () => {
    const [finding, ...more] = await found('baseline-server-new-domain', [
      ...served,
      ...usual,
      asks(20 * DAY, SERVER, 'cdn.evil-files.net.'),
      asks(20 * DAY + MINUTE, SERVER, 'api.other-files.net'),
    ]);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ level: 'low', techniques: ['T1105'], entities: { 'source.ip': SERVER } });
    expect(finding?.fact.en).toContain('called 2 domains that nobody here had called in 20 days');
  });

  it.each([
    ['a workstation asks', [asks(20 * DAY, '10.1.1.3', 'evil-files.net')]],
    ['a workstation asked before', [asks(19 * DAY, '10.1.1.3', 'b.files.net'), asks(20 * DAY, SERVER, 'a.files.net')]],
    ['the log is young', [asks(13 * DAY, SERVER, 'evil-files.net')]],
    [
      'it asks for what others want',
      [...times(8, (n) => asks(9 * DAY + n * HOUR, SERVER, `site-${n}.net`)), asks(20 * DAY, SERVER, 'evil-files.net')],
    ],
  ])('tell nothing when %s', async (_, events) => {
    expect(await found('baseline-server-new-domain', [...served, ...usual, ...events])).toEqual([]);
  });
});
