import { describe, expect, it } from 'vitest';
import type { Fields } from '../../src/ecs/event.ts';
import { complete } from '../../src/parse/complete.ts';

const completed = (fields: Fields): Fields => {
  complete(fields);
  return fields;
};

describe('complete', () => {
  it('takes the address a sender is named by for its address, and finds it', () => {
    expect(completed({ 'observer.name': '192.0.2.1' })).toMatchObject({
      'host.ip': ['192.0.2.1'],
      'related.ip': ['192.0.2.1'],
    });
    expect(completed({ 'observer.name': 'fw1', 'observer.hostname': '2001:DB8::1' })['host.ip']).toEqual([
      '2001:db8::1',
    ]);
    expect(completed({ 'observer.name': 'fw1' })['host.ip']).toBeUndefined();
  });

  it('leaves an address that is stated', () => {
    expect(completed({ 'observer.name': '192.0.2.1', 'host.ip': ['10.0.0.1'] })['host.ip']).toEqual(['10.0.0.1']);
  });

  it('gives a span its end, unless one is stated', () => {
    const span = { 'event.start': 5_000_000, 'event.duration': 2_500_000_000 };
    expect(completed({ ...span })['event.end']).toBe(7_500_000);
    expect(completed({ ...span, 'event.end': 9 })['event.end']).toBe(9);
    expect(completed({ 'event.start': 5_000_000 })['event.end']).toBeUndefined();
  });

  it('names the file of a path, with either separator', () => {
    expect(completed({ 'file.path': '/srv/www/x.php' })['file.name']).toBe('x.php');
    expect(completed({ 'file.path': 'C:\\Users\\k.maier\\invoice.exe' })['file.name']).toBe('invoice.exe');
    expect(completed({ 'file.path': '/srv/www/' })['file.name']).toBeUndefined();
    expect(completed({ 'file.path': '/srv/a', 'file.name': 'b' })['file.name']).toBe('b');
  });

  it('finds the address that a URL names', () => {
    expect(completed({ 'url.domain': '203.0.113.9' })['related.ip']).toEqual(['203.0.113.9']);
  });
});
