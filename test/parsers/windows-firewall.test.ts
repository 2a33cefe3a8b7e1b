import { describe, expect, it } from 'vitest';
import windowsFirewall from '../../parsers/firewall/windows-firewall.ts';
import { eventOf, expectRobust, readLines, recordsOf } from './lines.ts';

const DROP = '2021-11-02 08:15:31 DROP TCP 198.51.100.23 10.0.0.5 41234 445 52 S 1823412 0 64240 - - - RECEIVE';
const ALLOW = '2021-11-02 08:15:30 ALLOW TCP 203.0.113.66 10.0.0.5 50112 3389 0 - 0 0 0 - - - RECEIVE';

describe('windows-firewall', () => {
  it('tells what was let in from what was dropped, with the size of the dropped packet only', () => {
    const dropped = eventOf(windowsFirewall, DROP);
    expect(dropped).toMatchObject({ act: 'flow-denied', fields: { 'destination.port': 445, 'source.bytes': 52 } });
    const allowed = eventOf(windowsFirewall, ALLOW);
    expect(allowed).toMatchObject({ act: 'flow', fields: { 'source.ip': '203.0.113.66', 'destination.port': 3389 } });
    expect(allowed.fields['source.bytes']).toBeUndefined();
  });

  it('follows a header in the middle: order of columns and zone', () => {
    const lines = [
      DROP,
      '#Time Format: UTC',
      '#Fields: date time action protocol dst-ip src-ip src-port dst-port',
      '2021-11-02 08:15:31 DROP TCP 10.0.0.5 198.51.100.23 41234 445',
    ];
    const [first, , , last] = readLines(windowsFirewall, lines, { zone: 'Europe/Berlin' });
    expect(first).toMatchObject({ fields: { 'source.ip': '198.51.100.23' } });
    expect(last).toMatchObject({ fields: { 'source.ip': '198.51.100.23', 'einfallstor.time.basis': 'stated' } });
    const at = (outcome: unknown): number => (outcome as { fields: { '@timestamp': number } }).fields['@timestamp'];
    expect(at(last) - at(first)).toBe(3_600_000_000);
  });

  it('knows an empty log by its header, and other W3C logs as not its own', () => {
    const certainty = (lines: string[]) => windowsFirewall.recognise({ records: recordsOf(lines) }).certainty;
    expect(certainty(['#Version: 1.5', '#Software: Microsoft Windows Firewall'])).toBeGreaterThan(0.9);
    expect(certainty(['#Software: Microsoft Internet Information Services 10.0', '#Fields: date time s-ip'])).toBe(0);
  });

  it('survives hostile lines', () => expectRobust(windowsFirewall, [DROP, ALLOW, '#Fields: date time action']));
});
