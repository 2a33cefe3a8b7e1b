import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type IpRange, inRange, ipKey, parseCidr } from '../../src/core/net.ts';
import { addressesSql } from '../../src/store/duckdb/address.ts';
import { Bound } from '../../src/store/duckdb/bound.ts';
import { type Engine, openEngine } from '../../src/store/duckdb/engine.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine({ directory: tmpdir(), temporary: tmpdir(), threads: 1, memory: '256MB' });
});
afterAll(() => engine.close());

const PLAIN = [
  '10.0.0.1',
  '255.255.255.255',
  '256.1.1.1',
  '010.0000000000002.3.4',
  '1.2.3',
  '1.2.3.4.5',
  '',
  '-',
  '::',
  '::1',
  '1::',
  '2001:db8::1',
  '2001:DB8::A',
  'fe80::1%eth0',
  '::ffff:192.0.2.1',
  '::192.0.2.1',
  '1:2:3:4:5:6:7:8',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7::',
  '1:2:3:4:5:6:7:8::',
  '::1:2:3:4:5:6:7:8',
  '1::2::3',
  ':::',
  ':1',
  '1:',
  ':',
  '12345::',
  'g::',
  '1.2.3.4:5',
  '::1.2.3',
  '::1.2.3.4.5',
  '1.2.3.4::',
  '1:2:3:4:5:6:1.2.3.4',
  '%',
  'a%b',
  '::1%',
  '::%:',
  '[::1]',
  '1.2.3.4%x',
  '::ffff:1.2.3.256',
  '0:0:0:0:0:ffff:10.0.0.1',
  '::1\n',
  '1.2.3.4\n',
  ' 1.2.3.4',
  '::1.2.3. 4',
  '::1.2.3.0x4',
  '1.2.3.+4',
  '٣.1.1.1',
] as const;

const made = fc
  .array(
    fc.oneof(
      fc.constantFrom('', '0', '1', 'ff', 'ffff', '10000', '1.2.3.4', '10.0.0.300', 'x'),
      fc.nat(70_000).map((n) => n.toString(16)),
    ),
    { maxLength: 9 },
  )
  .chain((parts) => fc.constantFrom(':', '::', '.').map((separator) => parts.join(separator)));

/** The value of an SQL expression over `t` for each text. */
const valuesOf = async (
  expression: (t: string, bound: Bound) => string,
  texts: readonly string[],
): Promise<unknown[]> => {
  const bound = new Bound();
  const list = texts.map((text) => bound.add(text)).join(', ');
  const rows = await engine.rows(`SELECT ${expression('t', bound)} FROM (SELECT unnest([${list}]) AS t)`, bound);
  return rows.map(([value]) => value);
};

test('SQL reads addresses as the program does', async () => {
  const texts = [...PLAIN, ...fc.sample(made, 2000)];
  const keys = texts.map((text) => ipKey(text) ?? null);
  expect(keys.filter((key) => key !== null).length).toBeGreaterThan(25);
  const read = await valuesOf((t) => `ip_key(${t})`, texts);
  expect(texts.filter((_, i) => read[i] !== keys[i])).toEqual([]);
});

test('SQL finds the addresses of a range', async () => {
  const near = [
    '10.0.0.0',
    '10.0.0.127',
    '10.0.0.128',
    '10.0.1.0',
    '10.1.0.0',
    '9.255.255.255',
    '11.0.0.0',
    '::ffff:10.0.0.5',
    '010.0.0.5',
    '0.0.0.0',
  ];
  const texts = [...PLAIN, ...near, ...fc.sample(made, 200)];
  const networks = [
    '10.0.0.0/8',
    '10.0.0.0/25',
    '10.0.0.0/12',
    '10.0.0.1',
    '0.0.0.0/0',
    '::/0',
    '2001:db8::/32',
    '::ffff:0:0/95',
  ];
  const odd: IpRange = { first: ipKey('10.0.0.3') as string, last: ipKey('10.1.0.2') as string };
  const ranges = [...networks.map((network) => parseCidr(network) as IpRange), odd];
  // each by itself, neighbours, which are of one family and of both, and all but the widest
  const asked = [
    ...ranges.map((range) => [range]),
    ...ranges.map((_, i) => ranges.slice(i, i + 2)),
    ranges.filter((_, i) => i !== 4 && i !== 5),
  ];
  for (const some of asked) {
    const found = await valuesOf((t, bound) => `coalesce(${addressesSql(t, some, bound)}, false)`, texts);
    expect(
      texts.filter((text, i) => found[i] !== some.some((range) => inRange(range, text))),
      JSON.stringify(some),
    ).toEqual([]);
  }
});
