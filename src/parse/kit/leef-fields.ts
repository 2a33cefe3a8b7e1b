import type { Fields } from '../../ecs/event.ts';
import { readEventTime } from './cef-fields.ts';
import type { Civil } from './civil.ts';
import type { Clock } from './clock.ts';
import type { Declarations, Step } from './field-map.ts';
import type { Leef } from './leef.ts';
import { put, putNumber, putTransport } from './put.ts';
import { putUrl } from './url.ts';

/** `devTime` in the form that `devTimeFormat` names: only whether the day stands before the month must be known. */
export const leefTime = (attributes: ReadonlyMap<string, string>): Civil | number | undefined => {
  const format = attributes.get('devTimeFormat') ?? '';
  return readEventTime(attributes.get('devTime') ?? '', undefined, /^d/.test(format) ? 'day' : 'month');
};

export const stampLeef = (clock: Clock, fields: Fields, leef: Leef, header: Civil | undefined): boolean => {
  const time = leefTime(leef.attributes) ?? header;
  clock.stamp(fields, time);
  return time !== undefined;
};

export const putLeefHeader = (fields: Fields, leef: Leef): void => {
  put(fields, 'observer.vendor', leef.vendor);
  put(fields, 'observer.product', leef.product);
  put(fields, 'observer.version', leef.version);
  put(fields, 'event.code', leef.eventId);
};

/** Log Event Extended Format, "Predefined LEEF event attributes" (IBM QRadar). */
export const LEEF_FIELDS: Declarations = {
  text: `action=event.action msg=message reason=event.reason identHostName=source.domain vSrcName=host.name policy=rule.name
    groupName=user.group.name domain=user.domain realm=einfallstor.vpn.group resource=service.name
    sender=observer.name devName=observer.name`,
  number: `srcPort=source.port dstPort=destination.port srcBytes=source.bytes dstBytes=destination.bytes
    srcPackets=source.packets dstPackets=destination.packets totalPackets=network.packets sev=event.severity`,
  side: 'src=source dst=destination',
  given: 'srcPostNAT=source.nat.ip dstPostNAT=destination.nat.ip',
  givenPort: 'srcPostNATPort=source.nat.port dstPostNATPort=destination.nat.port',
  mac: 'srcMAC=source.mac dstMAC=destination.mac identMAC=source.mac',
  user: 'usrName=user accountName=user',
};

export const LEEF_STEPS: Readonly<Record<string, Step>> = {
  'devTime devTimeFormat': () => undefined, // stamped apart
  proto: putTransport,
  url: putUrl,
  role: (fields, value) => {
    fields['user.roles'] = [value];
  },
  // seconds, as QRadar's own examples count them
  duration: (fields, value) => putNumber(fields, 'event.duration', Number(value) * 1e9),
};
