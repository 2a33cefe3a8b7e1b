import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY, HOUR } from '../../src/core/time.ts';
import { historyOf } from '../../src/trace/history.ts';
import type { Use } from '../../src/trace/logons.ts';

const NETWORKS = ['192.0.2.0/24', '192.0.3.0/24', '198.51.100.0/24', '2001:db8:1::/48', '2001:db8:2::/48'];
const REMOTES = ['192.0.77.1', '198.51.100.9', '203.0.113.5', '2001:db8:9::1'];

const use = fc.record({
  time: fc.integer({ min: -3, max: 5 * 24 }).map((hour) => hour * HOUR),
  network: fc.constantFrom(...NETWORKS),
  client: fc.option(fc.constantFrom('one', 'two'), { nil: undefined }),
  service: fc.constant('vpn'),
  hours: fc.constant<number[]>([]),
});

/** Said of the uses before a time, one by one. */
const plainly = (uses: readonly Use[], time: number) => {
  const before = uses.filter((u) => u.time < time);
  const days = (some: readonly Use[]): number => new Set(some.map((u) => Math.floor(u.time / DAY))).size;
  const begins = (a: string, b: string): boolean =>
    (a.includes(':') ? /^[^:]*:[^:]*/ : /^[^.]*\.[^.]*/).exec(a)?.[0] ===
    (b.includes(':') ? /^[^:]*:[^:]*/ : /^[^.]*\.[^.]*/).exec(b)?.[0];
  return {
    days: days(before),
    from: NETWORKS.map((network) => days(before.filter((u) => u.network === network))),
    near: REMOTES.map((remote) => days(before.filter((u) => begins(u.network, remote)))),
    first: NETWORKS.map(
      (network) => uses.find((u) => u.network === network && u.time > time && u.time <= time + DAY)?.time,
    ),
    networks: new Set(before.map((u) => u.network)).size,
    used: ['one', 'two', 'three'].map((client) => before.some((u) => u.client === client)),
    tells: before.some((u) => u.client !== undefined),
  };
};

test('a history says what its uses say one by one', () => {
  fc.assert(
    fc.property(fc.array(use, { maxLength: 40 }), fc.array(fc.integer({ min: -100, max: 6 * 24 })), (made, hours) => {
      const uses = [...made].sort((a, b) => a.time - b.time);
      const history = historyOf(uses);
      for (const hour of hours) {
        const time = hour * HOUR;
        expect({
          days: history.days(time),
          from: NETWORKS.map((network) => history.daysFrom(network, time)),
          near: REMOTES.map((remote) => history.daysNear(remote, time)),
          first: NETWORKS.map((network) => history.firstFrom(network, time, time + DAY)),
          networks: history.networks(time),
          used: ['one', 'two', 'three'].map((client) => history.hasUsed(client, time)),
          tells: history.tellsClients(time),
        }).toEqual(plainly(uses, time));
      }
    }),
  );
});
