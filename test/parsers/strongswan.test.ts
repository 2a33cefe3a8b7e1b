import { describe, expect, it } from 'vitest';
import parser from '../../parsers/vpn/strongswan.ts';
import { expectRobust, readLines } from './lines.ts';

const L = (text: string): string => `Feb 18 07:30:12 gw charon: 07[IKE] <rw|11> ${text}`;
const LINES = [
  'Feb 18 07:30:12 gw charon: 06[NET] <11> received packet: from 198.51.100.44[62011] to 192.0.2.1[500] (8 bytes)',
  L("received EAP identity 'kim'"),
  L("authentication of 'gw' (myself) with EAP"),
  L("authentication of 'kim' with EAP successful"),
  L("assigning virtual IP 10.8.3.4 to peer 'kim'"),
  L('CHILD_SA rw{7} established with SPIs c1_i 0d_o and TS 0.0.0.0/0 === 10.8.3.4/32'),
  L('CHILD_SA rw{8} established with SPIs c2_i 0e_o and TS 0.0.0.0/0 === 10.8.3.4/32'),
  L('closing CHILD_SA rw{7} with SPIs c1_i (10 bytes) 0d_o (20 bytes) and TS 0.0.0.0/0 === 10.8.3.4/32'),
  L('deleting IKE_SA rw[11] between 192.0.2.1[gw]...198.51.100.44[kim]'),
];

describe('strongswan', () => {
  it('ties the lines of one IKE_SA to a session', () => {
    const events = readLines(parser, LINES).map((o) => (o.kind === 'event' ? o : undefined));
    expect(events.map((event) => event?.act)).toEqual([
      'vpn-negotiation',
      'vpn-negotiation',
      'vpn-negotiation',
      'vpn-login',
      'vpn-address-assigned',
      'vpn-session-start',
      'vpn-negotiation',
      'vpn-negotiation',
      'vpn-session-end',
    ]);
    expect(events[3]?.fields).toMatchObject({ 'user.name': 'kim', 'source.ip': '198.51.100.44' });
    expect(events[5]?.fields['einfallstor.vpn.assigned_ip']).toBe('10.8.3.4');
    expect(events[8]?.fields).toMatchObject({ 'source.bytes': 10, 'destination.bytes': 20 });
  });

  it('ends the session of a peer that is given up, and counts from 1 again when the daemon starts', () => {
    const restart = 'Feb 18 07:40:00 gw charon: 00[DMN] Starting IKE charon daemon (strongSwan 5.9.8)';
    const acts = (...lines: readonly string[]): (string | undefined)[] =>
      readLines(parser, lines).map((o) => (o.kind === 'event' ? o.act : undefined));
    const up = LINES[5] as string;
    expect(acts(up, L('giving up after 5 retransmits'))).toEqual(['vpn-session-start', 'vpn-session-end']);
    expect(acts(up, restart, up)).toEqual(['vpn-session-start', 'source-state', 'vpn-session-start']);
  });

  it('never throws, never takes long', () => expectRobust(parser, LINES));
});
