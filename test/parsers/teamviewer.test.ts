import { describe, expect, it } from 'vitest';
import teamviewer from '../../parsers/auth/teamviewer.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const INCOMING =
  '514162531\tDESKTOP-EVIL\t31-10-2021 22:14:07\t31-10-2021 23:00:12\tk.maier\tRemoteControl\t{7ca6431e-30f6-45e3-9ac6-0ef1e0cecb6a}';
const log = (text: string): string => `2021/10/31 23:14:07.123  3476       1272 D1   ${text}`;
const AUTHENTICATION =
  'AuthenticationPasswordLogin_Passive::RunAuthenticationMethod: authentication using dynamic password was';

describe('teamviewer', () => {
  it('an incoming session is a login of the partner at its beginning, with its end', () => {
    const { act, fields } = eventOf(teamviewer, INCOMING, { zone: 'Europe/Berlin' });
    expect(act).toBe('login');
    expect(fields).toMatchObject({
      '@timestamp': Date.parse('2021-10-31T21:14:07Z') * 1000,
      'event.end': Date.parse('2021-10-31T22:00:12Z') * 1000,
      'user.name': '514162531',
      'destination.user.name': 'k.maier',
      'source.domain': 'desktop-evil',
    });
  });

  it.each([
    [`${AUTHENTICATION} successful`, 'login', 'success'],
    [`${AUTHENTICATION} denied`, 'login', 'failure'],
    ['Net: RoutingSessions: We left session, SLID=2', 'logout', 'success'],
    ['Send file D:\\Patienten.pdf', 'share-access', undefined],
  ])('%s', (text, act, outcome) => {
    const event = eventOf(teamviewer, log(text));
    expect([event.act, event.fields['event.outcome']]).toEqual([act, outcome]);
  });

  it('leaves the head of a log out', () => {
    expect(readLines(teamviewer, ['Version:             15.23.8'])[0]).toEqual({ kind: 'skipped', reason: 'header' });
  });

  it('never throws, never takes long', () => expectRobust(teamviewer, [INCOMING, log(`${AUTHENTICATION} denied`)]));
});
