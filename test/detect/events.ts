import type { Fields, StoredEvent } from '../../src/ecs/event.ts';

/** 1 October 2024, 08:00 UTC, epoch µs. */
export const START = Date.UTC(2024, 9, 1, 8) * 1000;

let number = 0;

/** An event `after` µs into the test, with ids that sort as they were made. */
export const event = (after: number, fields: Fields): StoredEvent => {
  number += 1;
  return {
    id: `aaaaaaaaaaaa-${(1_000_000 + number).toString(36)}`,
    fields: { '@timestamp': START + after, ...fields },
  };
};

export const vpnLogin = (after: number, user: string, ip: string, outcome = 'success'): StoredEvent =>
  event(after, { 'einfallstor.act': 'vpn-login', 'event.outcome': outcome, 'user.name': user, 'source.ip': ip });
