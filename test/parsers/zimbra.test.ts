import { describe, expect, it } from 'vitest';
import parser from '../../parsers/mail/zimbra.ts';
import { eventOf, expectRobust, linesOf } from './lines.ts';

const LINES = linesOf('zimbra/audit', 'zimbra/mailbox');
const line = (part: string): string => LINES.find((text) => text.includes(part)) as string;

describe('zimbra', () => {
  it('reads logins with protocol and client', () => {
    expect(
      eventOf(
        parser,
        line(
          '[name=k.maier@example.org;oip=203.0.113.77;port=51844;ua=zclient/8.8.15_GA_4059;soapId=3f1a2b3c;] security',
        ),
      ),
    ).toMatchObject({
      act: 'login',
      fields: {
        'event.outcome': 'success',
        'service.type': 'webmail',
        'source.ip': '203.0.113.77',
        'user.name': 'k.maier@example.org',
      },
    });
    expect(eventOf(parser, line('protocol=imap; error='))).toMatchObject({
      act: 'login',
      fields: { 'event.outcome': 'failure', 'service.type': 'imap', 'source.ip': '198.51.100.44' },
    });
    expect(eventOf(parser, line('AdminAuth; account=admin@example.org; error'))).toMatchObject({
      act: 'admin-login',
      fields: { 'event.outcome': 'failure' },
    });
  });

  it('reads what administrators do', () => {
    expect(eventOf(parser, line('cmd=DelegateAuth'))).toMatchObject({
      act: 'explicit-credentials',
      fields: { 'user.name': 'admin@example.org', 'user.target.name': 'geschaeftsleitung@example.org' },
    });
    expect(eventOf(parser, line('cmd=CreateAccount'))).toMatchObject({
      act: 'account-created',
      fields: { 'user.target.name': 'support2@example.org', 'zimbra.attribute.description': 'temp; by phone' },
    });
  });

  it('takes no cut line for a success', () => {
    const { act, fields } = eventOf(parser, line('security - cmd=Auth; account=k.maier').replace(/; protocol.*/, ''));
    expect(act).toBe('other');
    expect(fields['einfallstor.warnings']).toContain('truncated');
  });

  it('finds the refusal in a stack trace', () => {
    const trace = 'AuthFailedServiceException: authentication failed for [admin@example.org]';
    expect(eventOf(parser, `${line('7071/service/admin/soap/AuthRequest] [name=admin')}\n${trace}`).act).toBe(
      'admin-login',
    );
  });

  it('never throws, never takes long', () => expectRobust(parser, LINES));
});
