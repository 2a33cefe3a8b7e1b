import { describe, expect, it } from 'vitest';
import cloudflare from '../../parsers/web/cloudflare.ts';
import { eventOf, expectRobust, linesOf, readLines } from './lines.ts';

const ACCESS = {
  Action: 'login',
  Allowed: true,
  AppDomain: 'x.example.org',
  AppUUID: 'u',
  CreatedAt: '2024-05-02T06:00:00Z',
};
const AUDIT = { ActionResult: true, ActorEmail: 'kim@example.org', ResourceType: 'zone', When: '2024-05-02T06:00:00Z' };
const NET = {
  SourceIP: '203.0.113.7',
  DestinationIP: '10.0.0.9',
  Datetime: 1714629600,
  PolicyID: '',
  Transport: 'tcp',
};

describe('cloudflare', () => {
  it.each([
    [ACCESS, 'login', 'success'],
    [{ ...ACCESS, Allowed: false }, 'login', 'failure'],
    [{ ...AUDIT, ActionType: 'login' }, 'admin-login', 'success'],
    [{ ...AUDIT, ActionType: 'token_create', ResourceType: 'token' }, 'account-changed', 'success'],
    [{ ...AUDIT, ActionType: 'delete', ResourceType: 'logpush.job' }, 'log-cleared', 'success'],
    [{ ...AUDIT, ActionType: 'rec_set', ActionResult: false }, 'config-change', 'failure'],
    [{ ...NET, Action: 'allow' }, 'flow-start', 'success'],
    [{ ...NET, Action: 'block' }, 'flow-denied', 'success'],
  ])('%j is %s', (row, act, outcome) => {
    const read = eventOf(cloudflare, JSON.stringify(row));
    expect([read.act, read.fields['event.outcome']]).toEqual([act, outcome]);
  });

  it.each(['2024-05-02T06:00:00Z', 1714629600, 1714629600000000000])('reads the time %s', (time) => {
    const row = { ClientIP: '203.0.113.7', RayID: '1', EdgeStartTimestamp: time, EdgeResponseStatus: 200 };
    // the number of nanoseconds is more than JSON can hold exactly
    expect(eventOf(cloudflare, JSON.stringify(row)).fields['@timestamp']).toBe(1714629600000000);
  });

  it('leaves other products’ JSON alone', () => {
    const others = [
      '{"ClientIP":"203.0.113.7","Datetime":"x"}',
      '{"actor":{},"action":{"type":"x"},"resource":{},"when":"y"}',
    ];
    expect(readLines(cloudflare, others).map(({ kind }) => kind)).toEqual(['rejected', 'rejected']);
  });

  it('never throws, never takes long', () => expectRobust(cloudflare, linesOf('cloudflare/logpush')));
});
