import { describe, expect, it } from 'vitest';
import awsLoadBalancer from '../../parsers/web/aws-load-balancer.ts';
import { eventOf, expectRobust, linesOf, readLines } from './lines.ts';

const ALB =
  'https 2021-11-02T08:15:30.186641Z app/web/50dc6c49 198.51.100.23:41022 10.0.0.5:80 0.1 0.2 0.3 200 200 310 5757 ' +
  '"GET https://shop.example.com:443/cart HTTP/1.1" "a" - - - "t" "-" "-" 1 2021-11-02T08:15:30.014000Z "forward" "-" "-" "-" "-" "-" "-"';
const CLASSIC =
  '2021-11-02T08:15:33.945958Z db 198.51.100.25:2820 10.0.0.7:5432 0.1 0.2 0.3 - - 82 305 "- - - " "-" - -';
const NLB =
  'tls 2.0 2021-11-02T08:15:43 net/mail/c6e77e28 g3d4 198.51.100.24:51342 10.0.0.9:443 6 2 73 52 - - - TLS_X tlsv13 - a.example h2 h2 "h2","http/1.1" 2021-11-02T08:05:43';

describe('aws-load-balancer', () => {
  it('has the client as source and the machine behind as translated destination', () => {
    expect(eventOf(awsLoadBalancer, ALB)).toMatchObject({
      act: 'http-request',
      fields: {
        'source.ip': '198.51.100.23',
        'destination.nat.ip': '10.0.0.5',
        'destination.port': 443,
        'event.outcome': 'success',
      },
    });
  });

  it('reads what a TCP listener passed as a connection, and what none took as refused by nobody', () => {
    expect(eventOf(awsLoadBalancer, CLASSIC)).toMatchObject({
      act: 'flow',
      fields: { 'source.bytes': 82, 'destination.bytes': 305 },
    });
    const none = CLASSIC.replace('10.0.0.7:5432 0.1 0.2 0.3', '- -1 -1 -1');
    expect(eventOf(awsLoadBalancer, none)).toMatchObject({
      act: 'flow-denied',
      fields: { 'event.outcome': 'failure' },
    });
  });

  it('keeps a quoted list in its column, and takes a missing cipher for a handshake that failed', () => {
    expect(eventOf(awsLoadBalancer, NLB).fields['event.duration']).toBe(600e9);
    expect(eventOf(awsLoadBalancer, NLB.replace('TLS_X tlsv13', '- -')).act).toBe('flow-denied');
  });

  it('says nothing of a line that was cut before what its meaning rests on', () => {
    const cuts = [ALB.slice(0, ALB.indexOf(' "GET')), NLB.slice(0, NLB.indexOf(' tlsv13'))];
    expect(readLines(awsLoadBalancer, cuts).map((outcome) => outcome.kind === 'rejected' && outcome.code)).toEqual([
      'truncated',
      'truncated',
    ]);
    const within = eventOf(awsLoadBalancer, ALB.slice(0, ALB.indexOf('/cart')));
    expect(within.fields).toMatchObject({ 'http.response.bytes': 5757, 'einfallstor.warnings': ['truncated'] });
    expect(within.fields['url.original']).toBeUndefined();
  });

  it('survives hostile lines', () =>
    expectRobust(awsLoadBalancer, [...linesOf('aws-load-balancer/application'), CLASSIC, NLB]));
});
