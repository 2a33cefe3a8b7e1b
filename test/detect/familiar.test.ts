import { expect, it } from 'vitest';
import { readRules } from '../../src/app/rules.ts';
import { DAY, SECOND } from '../../src/core/time.ts';
import { NO_CONTEXT } from '../../src/detect/context.ts';
import type { Finding } from '../../src/detect/finding.ts';
import { detect } from '../../src/detect/run.ts';
import type { StoredEvent } from '../../src/ecs/event.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { vpnLogin } from './events.ts';

const rules = readRules([], true);
const guessed = async (events: readonly StoredEvent[]): Promise<Finding | undefined> => {
  const { findings } = await detect({ store: memoryStore(events), rules, baselines: [], context: NO_CONTEXT });
  return findings.find(({ title }) => title === 'VPN login after password guessing');
};

const fails = (ip: string): StoredEvent[] => [
  ...Array.from({ length: 12 }, (_, i) => vpnLogin(5 * DAY + i * SECOND, 'kim', ip, 'failure')),
  vpnLogin(5 * DAY + 60 * SECOND, 'kim', ip),
];

it('lowers guessing from a network the account had long come from, and says so', async () => {
  const finding = await guessed([vpnLogin(0, 'kim', '198.51.100.7'), ...fails('198.51.100.9')]);
  expect(finding).toMatchObject({ level: 'medium', context: ['known-network'] });
  expect(finding?.fact.en).toMatch(/; the account had logged in from this network since 2024-10-01$/);
});

it.each([
  ['from elsewhere', [vpnLogin(0, 'kim', '198.51.100.7'), ...fails('203.0.113.9')]],
  ['of another account', [vpnLogin(0, 'lou', '203.0.113.9'), ...fails('203.0.113.9')]],
  ['that got in an hour before', [vpnLogin(5 * DAY - 3600 * SECOND, 'kim', '203.0.113.9'), ...fails('203.0.113.9')]],
])('leaves guessing %s', async (_, events) => {
  expect(await guessed(events)).toMatchObject({ level: 'high', context: [] });
});
