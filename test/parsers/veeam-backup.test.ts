import { describe, expect, it } from 'vitest';
import veeam from '../../parsers/auth/veeam-backup.ts';
import { eventOf, expectRobust, linesOf, readLines } from './lines.ts';

const line = (code: number, rest: string): string =>
  `<14>1 2025-07-25T22:00:04.456842+02:00 BKP01 Veeam_MP - - [origin enterpriseId="31023"] [categoryId=0 instanceId=${code} ${rest}]`;
const BY = 'UserFullInfo="<ModifiedUserInfo fullName="EXAMPLE\\kim" loginType="0" />"';

describe('veeam-backup', () => {
  it.each([
    [44002, `${BY} SourceIpAddress="10.0.0.9" Description="x"`, 'admin-login', 'failure'],
    [44003, `${BY} Description="x"`, 'admin-login', 'success'],
    [10050, `${BY} Description="x"`, 'config-change', 'success'],
    [23090, 'UserName="EXAMPLE\\kim" Description="x"', 'config-change', 'success'],
    [42401, `Init${BY.replace('User', 'iator')} Description="x"`, 'config-change', 'success'],
    [41600, `${BY} Description="x"`, 'threat', undefined],
    [99001, `${BY} Description="User or group a | b has been added."`, 'group-changed', 'success'],
    [99002, `${BY} Description="Credentials record a has been modified."`, 'account-changed', 'success'],
    [99003, `${BY} Description="Something happened"`, 'other', undefined],
  ])('%s %s is %s', (code, rest, act, outcome) => {
    const event = eventOf(veeam, line(code, rest));
    expect([event.act, event.fields['event.outcome'], event.fields['event.code']]).toEqual([
      act,
      outcome,
      String(code),
    ]);
    expect(event.fields).toMatchObject({ 'user.name': 'kim', 'user.domain': 'EXAMPLE' });
  });

  it('takes retention for none of a user’s acts', () => {
    const text = 'UserFullInfo="<ModifiedUserInfo fullName="SYSTEM" loginType="0" />" Description="x"';
    expect(eventOf(veeam, line(10050, text)).act).toBe('other');
  });

  it('reads values with quotes and markup in them', () => {
    const rest = `JobName="Daily "ERP" all" ChangesXML="<changes><object id="7" /></changes>" ${BY} Description="Job deleted"`;
    expect(eventOf(veeam, line(23090, rest)).fields).toMatchObject({
      'einfallstor.change.object': 'Daily "ERP" all',
      'user.name': 'kim',
      message: 'Job deleted',
    });
  });

  it('leaves other structured data alone', () => {
    const other = '<14>1 2025-07-25T22:00:04Z h app - - [categoryId=0 instanceId=1 a="b"]';
    expect(readLines(veeam, [other])[0]).toMatchObject({ kind: 'rejected' });
  });

  it('never throws, never takes long', () => expectRobust(veeam, linesOf('veeam-backup/syslog')));
});
