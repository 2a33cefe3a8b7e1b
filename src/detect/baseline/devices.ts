import { networkOf } from '../../core/net.ts';
import { asIs, say } from '../../core/said.ts';
import { DAY } from '../../core/time.ts';
import { numberOf, textOf } from '../../ecs/event.ts';
import { and, field, is } from '../../query/ast.ts';
import { findingOf, type Meaning } from '../build.ts';
import type { Finding } from '../finding.ts';
import { durationText } from '../words.ts';
import type { Baseline } from './baseline.ts';
import { SETTINGS } from './settings.ts';

const TITLE = 'Device that got an address for the first time';

interface Device {
  readonly mac: string;
  readonly id: string;
  readonly time: number;
  readonly address: string;
  readonly network: string;
  readonly name: string | undefined;
}

const QUERY = and(
  is('einfallstor.act', 'dhcp-lease'),
  is('event.action', 'dhcp-ack'),
  field('source.mac', { op: 'exists' }),
  field('source.ip', { op: 'exists' }),
);
const FIELDS = ['source.mac', 'source.ip', 'source.domain'];

/** Bit 2 of the first octet: an address the device made up, as telephones do for privacy (IEEE 802, §8.2). */
const isMadeUp = (mac: string): boolean => /^.[26ae]/i.test(mac);

const findingFor = (device: Device, begin: number, fellows: number): Finding => {
  const age = device.time - begin;
  const isYoung = age < SETTINGS.learning;
  const isGuestNetwork = fellows > SETTINGS.deviceFellows;
  const meaning: Meaning = {
    id: 'baseline-new-device',
    title: TITLE,
    level: isYoung || isGuestNetwork ? 'informational' : 'low',
    techniques: ['T1200'],
    chain: {
      stage: 'initial-access',
      vector: 'rogue-device',
      requires: [],
      provides: ['network-access(source.ip)'],
      weight: isYoung || isGuestNetwork ? 0 : SETTINGS.deviceWeight,
    },
  };
  const named = device.name === undefined ? asIs('') : asIs(` (${device.name})`);
  const span = durationText(age);
  const doubt = isYoung
    ? say('; insufficient history to call it new', '; zu wenig Vorgeschichte, um es neu zu nennen')
    : asIs('');
  const fact = say(
    `${device.mac}${named.en} got the address ${device.address}, its first in ${span.en} of leases${doubt.en}`,
    `${device.mac}${named.de} erhielt die Adresse ${device.address}, seine erste in Adressvergaben aus ${span.de}${doubt.de}`,
  );
  const once = { from: device.time, to: device.time, at: device.time, ids: [device.id], count: 1 };
  const entities: Record<string, string> = { 'source.ip': device.address, 'source.mac': device.mac };
  return findingOf(meaning, once, { mac: device.mac }, entities, fact);
};

/** Hardware addresses that appear late in a network whose devices are known. Networks of guests are none. */
export const newDevices: Baseline = {
  title: TITLE,
  run: async ({ store }) => {
    const known = new Set<string>();
    const late: Device[] = [];
    let begin: number | undefined;
    for await (const { id, fields } of store.scan(QUERY, { order: 'time', fields: FIELDS })) {
      const time = numberOf(fields, '@timestamp');
      const [mac, address] = [textOf(fields, 'source.mac') as string, textOf(fields, 'source.ip') as string];
      const network = networkOf(address);
      if (time === undefined || network === undefined) continue;
      begin ??= time;
      if (known.has(mac) || isMadeUp(mac)) continue;
      known.add(mac);
      if (time - begin >= SETTINGS.deviceYoung)
        late.push({ mac, id, time, address, network, name: textOf(fields, 'source.domain') });
    }
    const first = begin ?? 0;
    const around = (device: Device): number =>
      late.filter((other) => other.network === device.network && Math.abs(other.time - device.time) <= 7 * DAY).length -
      1;
    return late.map((device) => findingFor(device, first, around(device)));
  },
};
