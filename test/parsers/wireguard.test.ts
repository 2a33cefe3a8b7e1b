import { describe, expect, it } from 'vitest';
import parser from '../../parsers/vpn/wireguard.ts';
import { expectRobust, readLines } from './lines.ts';

const LINES = [
  'Jun  2 07:15:02 hub kernel: [ 4514.102168] wireguard: wg0: Invalid handshake initiation from [2001:db8:91::1]:40110',
  'Jun  2 07:15:02 hub kernel: wireguard: wg0: Packet has unallowed src IP (10.66.0.9) from peer 1 (198.51.100.30:51820)',
];

describe('wireguard', () => {
  it('reads who was refused', () => {
    expect(readLines(parser, LINES)).toMatchObject([
      { act: 'vpn-login', fields: { 'source.ip': '2001:db8:91::1', 'source.port': 40110, 'event.outcome': 'failure' } },
      { act: 'flow-denied', fields: { 'source.ip': '198.51.100.30', 'wireguard.peer': '1' } },
    ]);
  });

  it('makes a session of the pairs of keys, from the peer’s last address', () => {
    const of = (text: string): string => `Jun  2 07:15:02 hub kernel: wireguard: wg0: ${text}`;
    const acts = readLines(parser, [
      of('Receiving handshake initiation from peer 4 (198.51.100.30:51820)'),
      of('Keypair 1 created for peer 4'),
      of('Keypair 2 created for peer 4'),
      of('Keypair 1 destroyed for peer 4'),
      of('Keypair 2 destroyed for peer 4'),
    ]);
    expect(acts).toMatchObject([
      { act: 'vpn-negotiation' },
      {
        act: 'vpn-session-start',
        fields: { 'source.ip': '198.51.100.30', 'einfallstor.vpn.session_id': 'wg0 peer 4' },
      },
      { act: 'vpn-negotiation' },
      { act: 'vpn-negotiation' },
      { act: 'vpn-session-end', fields: { 'source.ip': '198.51.100.30' } },
    ]);
  });

  it('leaves other lines of the kernel alone', () => {
    expect(readLines(parser, ['Jun  2 07:15:02 hub kernel: [ 1.2] usb 1-1: new device'])[0]?.kind).toBe('rejected');
  });

  it('never throws, never takes long', () => expectRobust(parser, LINES));
});
