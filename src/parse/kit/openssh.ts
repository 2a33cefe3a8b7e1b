import type { Act } from '../../ecs/acts.ts';
import type { Fields } from '../../ecs/event.ts';
import { type Phrase, phraseOf, putPhrase } from './phrases.ts';

/** What sshd says of logins (openssh-portable: auth.c, sshd.c). */
const PHRASES: readonly Phrase[] = [
  // Accepted password for kim from 192.0.2.7 port 50122 ssh2
  [/^Accepted (?<method>[\w/-]{1,40}) for (?<user>.{1,256}?) from (?<ip>[\da-fA-F.:%\w]{2,64}) port (?<port>\d{1,5})/, 'ssh-login', 'login', 'passed'],
  // Failed password for invalid user admin from 192.0.2.7 port 50122 ssh2
  [/^Failed (?<method>[\w/-]{1,40}) for (?:invalid user )?(?<user>.{0,256}?) from (?<ip>[\da-fA-F.:%\w]{2,64}) port (?<port>\d{1,5})/, 'ssh-login-failed', 'login', 'refused'],
  [/^Invalid user (?<user>.{0,256}?) from (?<ip>[\da-fA-F.:]{2,64})(?: port (?<port>\d{1,5}))?/, 'invalid-user', 'login', 'refused'],
  [/^(?:Disconnected from|Connection closed by|Connection reset by)(?: (?:authenticating|invalid))?(?: user (?<user>\S{1,256}))? (?<ip>[\da-fA-F.:]{2,64}) port (?<port>\d{1,5})/, 'ssh-disconnected', 'other', 'info'],
  [/^Did not receive identification string from (?<ip>[\da-fA-F.:]{2,64})(?: port (?<port>\d{1,5}))?/, 'no-identification', 'other', 'info'],
  [/^Server listening on /, 'ssh-listening', 'source-state', 'state'],
]; // biome-ignore format: one phrase a line

/** Puts a message of sshd; undefined when it tells of no login. */
export const putSsh = (fields: Fields, message: string): Act | undefined => {
  const found = phraseOf(PHRASES, message);
  if (found === undefined) return undefined;
  const { method, ...groups } = found.groups;
  putPhrase(fields, found.phrase, groups);
  if (method !== undefined) fields['einfallstor.login.method'] = method;
  fields['service.type'] = 'ssh';
  return found.phrase[2];
};
