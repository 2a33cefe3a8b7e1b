import { describe, expect, it } from 'vitest';
import parser from '../../parsers/vpn/cisco-ise.ts';
import type { Outcome } from '../../src/parse/parser.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const at = (id: string, total: number, index: number, text: string, node = 'psn1'): string =>
  `<181>Oct 31 23:14:07 ${node} CISE_Passed_Authentications ${id} ${total} ${index} ${text}`;
const HEAD = '2021-10-31 23:14:07.516 +01:00 0029153125 5200 NOTICE Passed-Authentication: Authentication succeeded';
const VPN = 'Calling-Station-ID=203.0.113.77, CVPN3000/ASA/PIX7x-Tunnel-Group-Name=STAFF, UserName=k.maier,';
const LINES = [
  at('0000000001', 1, 0, `${HEAD}, ${VPN}`),
  at('0000000002', 2, 0, `${HEAD}, Device IP Address=10.0.0.1,`),
  at('0000000002', 2, 1, ` ${VPN}`),
  '0000005921 7 5  00-00-5E-00-53-51:EVENT_REASON\\,UserName=t.vogt\\,host-name=nb-051\\,',
];

const parts = (lines: readonly string[]) =>
  readLines(parser, lines).map((outcome: Outcome) =>
    outcome.kind === 'event'
      ? [outcome.act, outcome.fields['user.name'], outcome.part?.key, outcome.part?.complete]
      : [outcome.kind],
  );

describe('cisco-ise', () => {
  it('tells a VPN user by the gateway’s group, an administrator of a device by TACACS+, a device by its MAC', () => {
    const other = (attributes: string) => eventOf(parser, at('0000000001', 1, 0, `${HEAD}, ${attributes}`)).act;
    expect(eventOf(parser, LINES[0] as string)).toMatchObject({
      act: 'vpn-login',
      fields: { 'source.ip': '203.0.113.77', 'einfallstor.vpn.group': 'STAFF', 'event.outcome': 'success' },
    });
    expect(other('Protocol=Tacacs, UserName=net, Type=Authentication, Remote-Address=10.0.0.9,')).toBe('admin-login');
    expect(other('Service-Type=Call Check, UserName=00-00-5E-00-53-31, UseCase=Host Lookup,')).toBe('other');
    expect(other('UserName=j.roth, Calling-Station-ID=00-00-5E-00-53-31,')).toBe('login');
  });

  it('reads a message from its segments, whichever comes first', () => {
    const [head, tail] = [LINES[1] as string, LINES[2] as string];
    const straight = parts([head, tail]);
    const turned = parts([tail, head]);
    expect(straight[1]).toEqual(['vpn-login', 'k.maier', straight[0]?.[2], true]);
    expect(turned[1]).toEqual(straight[1]);
    expect(straight[0]?.[3]).toBe(false);
  });

  it('does not mix nodes, and takes a number that comes again for a new message', () => {
    const one = at('0000000002', 2, 0, `${HEAD}, UserName=a,`);
    const two = at('0000000002', 2, 0, `${HEAD}, UserName=b,`, 'psn2');
    const keys = parts([one, two, one]).map((part) => part[2]);
    expect(new Set(keys).size).toBe(3);
  });

  it('keeps escaped commas in a value and repeated names in a list', () => {
    const line = at('0000000001', 1, 0, `${HEAD}, FailureReason=a\\, b, Step=1, Step=2,`);
    expect(eventOf(parser, line).fields).toMatchObject({ 'event.reason': 'a, b', 'cisco.ise.Step': ['1', '2'] });
  });

  it('counts more than 32 bits of octets', () => {
    const line = at('0000000001', 1, 0, HEAD.replace('Passed-Authentication', 'Radius-Accounting'));
    const { act, fields } = eventOf(
      parser,
      `${line}, Acct-Status-Type=Stop, ${VPN} Acct-Input-Octets=5, Acct-Input-Gigawords=2,`,
    );
    expect([act, fields['source.bytes']]).toEqual(['vpn-session-end', 2 * 2 ** 32 + 5]);
  });

  it('never throws, never takes long', () => expectRobust(parser, LINES));
});
