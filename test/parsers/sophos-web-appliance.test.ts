import { describe, expect, it } from 'vitest';
import swa from '../../parsers/web/sophos-web-appliance.ts';
import { eventOf, expectRobust, linesOf, recordsOf } from './lines.ts';

const LINE =
  'h=10.20.4.32 u="EXAMPLE\\\\j\\xc3\\xbcrgen" s=200 X=- t=1635840011 T=3444378 Ts=3 act=1 cat="0x1" threat="-" in=905 out=236936 ' +
  'meth=GET req="GET http://downloads.example.com/setup.exe HTTP/1.1" dom="example.com" rule="3479751" target_ip="198.51.100.25"';

describe('sophos-web-appliance', () => {
  it('reads who asked for what, how long it took and how much came', () => {
    expect(eventOf(swa, LINE)).toMatchObject({
      act: 'http-request',
      fields: {
        '@timestamp': 1_635_840_011_000_000,
        'einfallstor.time.basis': 'stated',
        'source.ip': '10.20.4.32',
        'user.name': 'jürgen',
        'user.domain': 'EXAMPLE',
        'destination.ip': '198.51.100.25',
        'url.domain': 'downloads.example.com',
        'http.response.bytes': 236936,
        'event.duration': 3_444_378_000,
        'event.outcome': 'success',
        'rule.id': '3479751',
      },
    });
  });

  it('tells what was refused, and malware', () => {
    expect(eventOf(swa, LINE.replace('act=1', 'act=-1')).fields).toMatchObject({
      'event.action': 'blocked',
      'event.type': ['access', 'denied'],
      'event.outcome': 'failure',
    });
    expect(eventOf(swa, LINE.replace('threat="-"', 'threat="EICAR-AV-Test"'))).toMatchObject({
      act: 'threat',
      fields: { 'event.kind': 'alert', 'threat.indicator.name': 'EICAR-AV-Test' },
    });
  });

  it('claims its own lines only', () => {
    const others = ['h=1 u=2 s=3', 'Nov  2 09:00:01 fw1 kernel: h=10.0.0.1'];
    expect(recordsOf([LINE, ...others]).map((record) => swa.claims?.(record))).toEqual([true, false, false]);
  });

  it('survives hostile lines', () => expectRobust(swa, linesOf('sophos-web-appliance/office')));
});
