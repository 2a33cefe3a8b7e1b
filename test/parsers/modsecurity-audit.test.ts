import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import audit from '../../parsers/web/modsecurity-audit.ts';
import { eventOf, expectRobust } from './lines.ts';

const entries = (name: string): string[] =>
  readFileSync(join(import.meta.dirname, '../../fixtures/parsers/modsecurity-audit', name, 'input.log'), 'utf8').split(
    /\n(?=-{2,3}\w+-{1,3}A--\n)/,
  );
const [refused, passed, imitated, cut] = entries('version-2') as [string, string, string, string];

describe('modsecurity-audit', () => {
  it('tells who asked for what, which rule refused it and which others matched', () => {
    expect(eventOf(audit, refused)).toMatchObject({
      act: 'threat',
      fields: {
        '@timestamp': Date.UTC(2021, 10, 2, 8, 57, 47) * 1000,
        'event.action': 'access-denied',
        'event.type': ['denied'],
        'source.ip': '203.0.113.66',
        'destination.ip': '192.0.2.80',
        'destination.port': 443,
        'http.request.method': 'POST',
        'url.path': '/owa/auth.php',
        'url.domain': 'portal.werft.example',
        'http.response.status_code': 403,
        'rule.id': '949110',
        'modsecurity.rules': ['932150', '949110'],
        'related.ip': ['198.51.100.200', '10.0.0.7', '203.0.113.66'],
      },
    });
  });

  it('copies nothing out of a body', () => {
    expect(JSON.stringify(eventOf(audit, refused).fields)).not.toContain('Sommer2021');
    expect(JSON.stringify(eventOf(audit, passed).fields)).not.toContain('not-read');
  });

  it('takes an entry without an alert for a request', () => {
    expect(eventOf(audit, passed)).toMatchObject({
      act: 'http-request',
      fields: { 'event.outcome': 'success', 'source.ip': '2001:db8:66::9', 'http.response.body.bytes': 5120 },
    });
  });

  it('warns of an entry that ends before its end', () => {
    expect(eventOf(audit, cut).fields['einfallstor.warnings']).toEqual(['truncated']);
  });

  it('takes a request that was only detected for one that went through', () => {
    expect(eventOf(audit, imitated).fields['event.type']).toEqual(['info']);
  });

  it('reads the boundaries of version 3', () => {
    expect(eventOf(audit, entries('version-3')[0] as string).fields).toMatchObject({
      'event.action': 'access-denied',
      'http.version': '2.0',
      'source.port': 60122,
    });
  });

  it('never throws, never takes long', () => expectRobust(audit, [refused, passed, imitated, cut]));
});
