import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import oneos from '../../parsers/firewall/ekinops-oneos.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const AT = 'Oct 31 23:14:07 oneos : ';

describe('ekinops-oneos', () => {
  it.each([
    ["#INFO# Use of 'save running-config' by user 'kim' from Local Console", 'config-change', 'success'],
    ['#NOTIFY# Logged in user:kim from a ssh session with client ip: 192.0.2.7', 'admin-login', 'success'],
    ['#WARN# Login failed for user:kim from a ssh session with client ip: 192.0.2.7', 'admin-login', 'failure'],
    ['#NOTIFY# Logged out user:kim from a ssh session with client ip: 192.0.2.7', 'logout', 'success'],
  ])('%s', (text, act, outcome) => {
    const event = eventOf(oneos, `${AT}${text} on Sun Oct 31 22:14:06 UTC 2021`, {});
    expect([event.act, event.fields['event.outcome'], event.fields['user.name']]).toEqual([act, outcome, 'kim']);
    expect(event.fields['@timestamp'], 'year and zone stand in the text').toBe(
      Date.parse('2021-10-31T22:14:07Z') * 1000,
    );
  });

  it('reads access lists, IPv6 too', () => {
    const { act, fields } = eventOf(oneos, `${AT}#INFO# list A denied icmp 2001:db8::1 -> 2001:db8::2 4 matches`);
    expect(act).toBe('flow-denied');
    expect(fields).toMatchObject({ 'source.ip': '2001:db8::1', 'destination.ip': '2001:db8::2', 'source.packets': 4 });
  });

  it('leaves others alone', () => {
    expect(readLines(oneos, ['Oct 31 23:14:07 host app: #1 INFO x'])[0]?.kind).toBe('rejected');
  });

  it('is robust', () => {
    const file = join(import.meta.dirname, '../../fixtures/parsers/ekinops-oneos/oneos6/input.log');
    expectRobust(oneos, readFileSync(file, 'utf8').trim().split('\n'));
  });
});
