import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import lancom from '../../parsers/firewall/lancom.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const PACKET = 'PACKET_ALERT: Dst: 10.0.0.20:80 {srv}, Src: 192.0.2.7:4353 {} (TCP):';

describe('lancom', () => {
  it.each([
    ['port filter', 'flow-denied', 'success'],
    ['port filter matched filter: WEB actions: accept; send syslog message;', 'flow', 'success'],
    ['port scan', 'threat', 'failure'],
  ])('%s', (text, act, outcome) => {
    const event = eventOf(lancom, `<185>Oct 31 23:14:07 gate ${PACKET} ${text}`);
    expect([event.act, event.fields['event.outcome']]).toEqual([act, outcome]);
    expect(event.fields).toMatchObject({ 'source.ip': '192.0.2.7', 'source.port': 4353, 'destination.domain': 'srv' });
  });

  it('reads logins by their words', () => {
    const { act, fields } = eventOf(
      lancom,
      'Oct 31 23:14:07 gate CONSOLE_ALERT: Login failed for user kim from 192.0.2.7',
    );
    expect([act, fields['event.outcome'], fields['user.name']]).toEqual(['admin-login', 'failure', 'kim']);
    expect(fields['source.ip']).toBe('192.0.2.7');
  });

  it('leaves others alone', () => {
    expect(readLines(lancom, ['Oct 31 23:14:07 gate app: MY_INFO: x'])[0]?.kind).toBe('rejected');
  });

  it('is robust', () => {
    const file = join(import.meta.dirname, '../../fixtures/parsers/lancom/lcos/input.log');
    expectRobust(lancom, readFileSync(file, 'utf8').trim().split('\n'));
  });
});
