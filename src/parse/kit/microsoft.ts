import { canonicalIp } from '../../core/net.ts';
import type { Fields } from '../../ecs/event.ts';
import { type Civil, epochMicros, readIso, readSlashed } from './civil.ts';
import { isObject, type Json, listAt, parseJson, textAt, valueAt } from './json.ts';
import { addMailAddress, putMessageId } from './mail.ts';
import { add, put, putNumber, putUser } from './put.ts';
import { putUrl } from './url.ts';

/**
 * Addresses as Microsoft's cloud logs write them: `192.0.2.4`, `192.0.2.4:50112`, `[2001:db8::4]:50112`, `2001:db8::4`,
 * `[::ffff:192.0.2.4]:443`. Says whether it was one.
 */
export const putCloudIp = (fields: Fields, side: string, value: string | undefined): boolean => {
  const text = value?.trim() ?? '';
  const m = /^(?:\[([\da-fA-F:.]{2,45})\]|([\d.]{7,15}))(?::(\d{1,5}))?$/.exec(text);
  const ip = canonicalIp(m?.[1] ?? m?.[2] ?? text);
  if (ip === undefined) return false;
  fields[`${side}.ip`] = ip;
  putNumber(fields, `${side}.port`, m?.[3]);
  return true;
};

/** A part of a resource's path: /subscriptions/…/resourceGroups/…/providers/Microsoft.Compute/virtualMachines/vm01 */
export const resourcePart = (resource: string | undefined, name: string): string | undefined =>
  new RegExp(`/${name}/([^/]{1,200})`, 'i').exec((resource ?? '').slice(0, 2000))?.[1];

/** `TimeGenerated [UTC]`, as the portal of Log Analytics heads its columns, is `TimeGenerated`. */
export const azureColumn = (name: string): string => name.replace(/ \[UTC\]$/, '');

/** ISO 8601, which is UTC where no offset stands; .NET's `/Date(1635718447123)/`; the order month-day of US exports. */
export const readCloudTime = (value: string | undefined): Civil | number | undefined => {
  const text = value?.trim() ?? '';
  const net = /^\/Date\((\d{1,15})/.exec(text)?.[1];
  if (net !== undefined) return epochMicros(net);
  const civil = (readIso(text) ?? readSlashed(text, 0, 'month'))?.civil;
  return civil === undefined || civil.offset !== undefined || civil.zone !== undefined
    ? civil
    : { ...civil, offset: 0 };
};

/** `[{"Name": "UserAgent", "Value": "…"}]` and `[{"key": …, "value": …}]` as pairs. */
export const namedValues = (object: Json, ...names: readonly string[]): Map<string, string> => {
  const out = new Map<string, string>();
  const list = valueAt(object, ...names);
  for (const item of Array.isArray(list) ? list.slice(0, 500) : []) {
    const name = textAt(item, 'Name', 'name', 'key', 'Key', 'displayName');
    const value = valueAt(item, 'Value', 'value', 'NewValue', 'newValue');
    if (name === undefined || value === undefined || out.has(name)) continue;
    out.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return out;
};

/** Outcomes of cloud services: `Success`, `Succeeded`, `True`, `Failed`, `failure`, `PartiallySucceeded`. */
export const cloudOutcome = (value: string | undefined): 'success' | 'failure' | undefined => {
  if (value === undefined) return undefined;
  if (/^(?:succe|partially ?succe|true|ok|allow)/i.test(value)) return 'success';
  return /^(?:fail|false|error|deny|denied|timeout)/i.test(value) ? 'failure' : undefined;
};

/** Browser and system as the service names them. */
export const putClient = (fields: Fields, agent: string | undefined): void =>
  put(fields, 'user_agent.original', agent?.slice(0, 4000));

/** A message, file or URL that an investigation names. */
const putEntity = (fields: Fields, entity: Json): void => {
  for (const name of ['Sender', 'P2Sender']) addMailAddress(fields, 'email.from.address', textAt(entity, name));
  for (const name of ['Recipient', 'MailboxPrimaryAddress'])
    addMailAddress(fields, 'email.to.address', textAt(entity, name));
  if (fields['email.subject'] === undefined) put(fields, 'email.subject', textAt(entity, 'Subject'));
  if (fields['email.message_id'] === undefined) putMessageId(fields, textAt(entity, 'InternetMessageId'));
  for (const file of listAt(entity, 'Files').slice(0, 50)) {
    add(fields, 'email.attachments.file.name', textAt(file, 'Name'));
    for (const hash of listAt(file, 'FileHashes').slice(0, 8))
      if (/sha256/i.test(textAt(hash, 'Algorithm') ?? ''))
        add(fields, 'email.attachments.file.hash.sha256', textAt(hash, 'Value'));
  }
  const url = listAt(entity, 'Urls')[0];
  if (typeof url === 'string' && fields['url.original'] === undefined) putUrl(fields, url);
};

/**
 * The details of an alert, a JSON text in `Data`. Alert policies use short names (`f3u` user, `tsd` sender, `trc`
 * recipients, `ms` subject, `sip` sender's address, `eid` the entity), investigations a list of entities.
 */
export const putAlertData = (fields: Fields, text: string | undefined): void => {
  const data = parseJson(text ?? '');
  if (!isObject(data)) return;
  put(fields, 'rule.name', textAt(data, 'AlertDisplayName', 'an'));
  const entity = textAt(data, 'eid');
  const type = textAt(data, 'etype');
  const user = textAt(data, 'f3u', 'suid') ?? (type === 'User' ? entity : undefined) ?? textAt(data, 'trc');
  if (user !== undefined && !user.includes(';')) putUser(fields, 'user', user);
  addMailAddress(fields, 'email.from.address', textAt(data, 'tsd'));
  for (const to of (textAt(data, 'trc') ?? '').split(';', 500)) addMailAddress(fields, 'email.to.address', to);
  put(fields, 'email.subject', textAt(data, 'ms', 'von'));
  putMessageId(fields, textAt(data, 'imsgid'));
  if (fields['source.ip'] === undefined) putCloudIp(fields, 'source', textAt(data, 'sip', 'ecip'));
  if (type === 'MaliciousUrl') putUrl(fields, entity);
  for (const one of listAt(data, 'Entities').slice(0, 100)) if (isObject(one)) putEntity(fields, one);
};
