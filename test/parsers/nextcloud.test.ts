import { describe, expect, it } from 'vitest';
import nextcloud from '../../parsers/web/nextcloud.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const entry = (message: string, user = 'admin'): string =>
  JSON.stringify({
    reqId: 'a',
    level: 1,
    time: '2021-10-31T22:14:07+00:00',
    remoteAddr: '203.0.113.9',
    user,
    app: 'admin_audit',
    method: 'POST',
    url: '/login',
    message,
  });
const LINES = [entry("Login failed: 'k.maier' (Remote IP: '203.0.113.10')", '--')];

describe('nextcloud', () => {
  it('a refused login is of the name that was tried, from the address in the text', () => {
    expect(eventOf(nextcloud, LINES[0] as string)).toMatchObject({
      act: 'login',
      fields: { 'event.outcome': 'failure', 'user.name': 'k.maier', 'source.ip': '203.0.113.10' },
    });
  });

  it.each([
    ['Login successful: "k.maier"', 'login'],
    ['File accessed: "/Patienten/a.pdf"', 'share-access'],
    ['User created: "support"', 'account-created'],
    ['User "support" added to group "admin"', 'group-changed'],
    ['App "files_external" enabled', 'config-change'],
    ['Something else', 'other'],
  ])('%s is %s', (message, act) => expect(eventOf(nextcloud, entry(message)).act).toBe(act));

  it('a time in a format of its own is not guessed', () => {
    const odd = (LINES[0] as string).replace('2021-10-31T22:14:07+00:00', '10/11/21 22:14:07');
    const [outcome] = readLines(nextcloud, [odd]);
    expect(outcome).toMatchObject({ kind: 'event', fields: { 'einfallstor.warnings': ['time-missing'] } });
    expect(outcome?.kind === 'event' && outcome.fields['@timestamp']).toBeUndefined();
  });

  it("the manual's example of such a format names the month; its zone is marked", () => {
    const named = (LINES[0] as string).replace('2021-10-31T22:14:07+00:00', 'October 31, 2021 22:14:07');
    const [outcome] = readLines(nextcloud, [named]);
    expect(outcome).toMatchObject({
      fields: { '@timestamp': 1635718447000000, 'einfallstor.warnings': ['zone-assumed:UTC'] },
    });
  });

  it('never throws, never takes long', () => expectRobust(nextcloud, LINES));
});
