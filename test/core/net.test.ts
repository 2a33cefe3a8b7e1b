import { describe, expect, it } from 'vitest';
import { addressClass, canonicalIp, inRange, ipKey, networkOf, parseCidr } from '../../src/core/net.ts';

describe('canonicalIp', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['192.000.002.001', '192.0.2.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['::ffff:198.51.100.7', '198.51.100.7'],
    ['fe80::1%eth0', 'fe80::1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['::', '::'],
  ])('%s → %s', (text, canonical) => expect(canonicalIp(text)).toBe(canonical));

  it.each(['', '1.2.3', '1.2.3.4.5', '256.1.1.1', '1.2.3.4:80', 'fw01', '::1::', '12345::', '1:2:3:4:5:6:7:8:9', ':'])(
    'refuses %j',
    (text) => expect(canonicalIp(text)).toBeUndefined(),
  );
});

describe('ranges', () => {
  it('holds its first and last address and no neighbour', () => {
    const range = parseCidr('10.8.0.0/14');
    if (range === undefined) throw new Error('no range');
    expect(inRange(range, '10.8.0.0')).toBe(true);
    expect(inRange(range, '10.11.255.255')).toBe(true);
    expect(inRange(range, '10.12.0.0')).toBe(false);
    expect(inRange(range, '10.7.255.255')).toBe(false);
    expect(inRange(range, '::ffff:10.9.1.1')).toBe(true);
  });

  it('does not mix families', () => {
    const range = parseCidr('::/0');
    expect(range && inRange(range, '2001:db8::1')).toBe(true);
    const v4 = parseCidr('0.0.0.0/0');
    expect(v4 && inRange(v4, '2001:db8::1')).toBe(false);
  });

  it('refuses what is no prefix', () => {
    for (const text of ['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', 'x/8', '2001:db8::/129'])
      expect(parseCidr(text)).toBeUndefined();
  });

  it('orders keys as the addresses', () => {
    const sorted = ['9.255.255.255', '10.0.0.0', '192.0.2.1', '2001:db8::1'].map((ip) => ipKey(ip));
    expect([...sorted].sort()).toEqual(sorted);
  });
});

it('classifies addresses', () => {
  expect(addressClass('10.1.2.3')).toBe('private');
  expect(addressClass('100.64.9.9')).toBe('shared');
  expect(addressClass('203.0.113.5')).toBe('public');
  expect(addressClass('fd00::1')).toBe('private');
  expect(addressClass('::1')).toBe('loopback');
  expect(addressClass('no address')).toBeUndefined();
});

it('knows the network without a data base', () => {
  expect(networkOf('198.51.100.23')).toBe('198.51.100.0/24');
  expect(networkOf('2001:db8:1:2::5')).toBe('2001:db8:1::/48');
});
