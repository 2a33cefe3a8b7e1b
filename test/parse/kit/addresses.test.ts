import { describe, expect, it } from 'vitest';
import type { Fields } from '../../../src/ecs/event.ts';
import { relateAddresses } from '../../../src/parse/kit/addresses.ts';

const found = (text: string): unknown => {
  const fields: Fields = {};
  relateAddresses(fields, text);
  return fields['related.ip'];
};

describe('relateAddresses', () => {
  it.each([
    ['connect from unknown[203.0.113.9]:4711', ['203.0.113.9']],
    ['lost connection from x[2001:DB8::7] and 10.0.0.1', ['10.0.0.1', '2001:db8::7']],
    ['statistics for (smtpd:2001:db8:0:1::3) at Oct 26 17:46:59', ['2001:db8:0:1::3']],
    ['SA 192.0.2.1[500]-198.51.100.7[500]', ['192.0.2.1', '198.51.100.7']],
    ['host 2001:db8::7: refused, fe80::1%eth0', ['2001:db8::7']],
    ['from 2001:db8:1:2:3:4:5:6, again 2001:db8:1:2:3:4:5:6', ['2001:db8:1:2:3:4:5:6']],
  ])('%s', (text, addresses) => expect(found(text)).toEqual(addresses));

  it.each([
    'version 10.0.14393.5648',
    'at 23:14:07',
    'id 1.2.3.4.5',
    '999.1.1.1',
    'v10.0.0.1-2',
    'mac 00:11:22:33:44:55',
    '',
  ])('finds no address in %j', (text) => expect(found(text)).toBeUndefined());

  it('stops at fifty', () => {
    const many = Array.from({ length: 90 }, (_, n) => `10.0.0.${n}`).join(' ');
    expect(found(many)).toHaveLength(50);
  });
});
