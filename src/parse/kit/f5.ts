import type { Envelope } from './syslog.ts';

/** A line of the BIG-IP's own daemons, its head taken off. */
export interface F5Line {
  readonly host?: string;
  readonly level?: string;
  readonly program?: string;
  readonly pid?: number;
  /** Eight hex digits; the same message in all versions. */
  readonly code?: string;
  /** Access: profile, partition and session that the message is about. */
  readonly profile?: string;
  readonly session?: string;
  readonly text: string;
}

// notice apmd[14311]: 01490005:5: … · err tmm1[19885]: Rule /Common/x <HTTP_REQUEST>: … · tmsh[28791]: 01420002:5: AUDIT …
const HEAD =
  /^\s*(?:(?<level>[A-Za-z]{2,8}) (?=[\w.()-]{1,64}\[))?(?:(?<program>[A-Za-z][\w.()/-]{0,63})(?:\[(?<pid>\d{1,10})\])?: )?/;
// 01490010:5: · 23003137 (of the firewall module)
const CODE = /^(?<code>[0-9a-f]{8}):(?<severity>[0-7]):\s?/;
// /Common/portal:Common:76220fff: · older versions only the session: 76220fff:
const SESSION = /^(?:(?<profile>\/[\w./-]{1,200}):(?<partition>[\w.-]{1,64}):)?(?<session>[0-9a-f]{6,8}): /;

const PROGRAMS =
  /^(?:tmm\d{0,3}|apmd|mcpd|bigd|big3d|gtmd|tmsh|websso|dosl7d|chmand|lacpd|bcm56xxd|icrd_child|iControlPortal\.cgi|clusterd|tmrouted|eca|vdi|nlad|samlidpd|iprepd|asm_config_server\.pl|bd|sod|statsd|apm_websso|rba|logstatd|localdbmgr|apmd\.\w+)(?:\.\d{1,3})?$/;

/** Logins to the device itself: `user=admin(admin) partition=[All] level=Administrator tty=ssh host=…`, `User=admin tty=ssh host=… failed to login after 1 attempts` */
const PAM_AUDIT =
  /^user=[^\s(]{1,128}(?:\([^)]{0,128}\) partition=\[| tty=\S{1,64} host=\S{1,255} failed to login after )/i;

/** Takes the head off; `own`: nothing but a BIG-IP writes so. */
export const readF5 = ({ message, host, program, pid, msgid }: Envelope): F5Line & { readonly own: boolean } => {
  const head = HEAD.exec(message);
  const groups = head?.groups ?? {};
  const named = groups['program'] !== undefined && (groups['pid'] !== undefined || PROGRAMS.test(groups['program']));
  let text = named || groups['level'] !== undefined ? message.slice((head as RegExpExecArray)[0].length) : message;
  const name = (named ? groups['program'] : undefined) ?? program;
  const process = named ? groups['pid'] : undefined;
  const code =
    CODE.exec(text.trimStart())?.groups ?? /^(?<code>[0-9a-f]{8}):(?<severity>[0-7]):$/.exec(msgid ?? '')?.groups;
  text = text.trimStart().replace(CODE, '');
  const session = SESSION.exec(text);
  if (session !== null && (code !== undefined || session.groups?.['profile'] !== undefined))
    text = text.slice(session[0].length);
  const own =
    code !== undefined ||
    session?.groups?.['profile'] !== undefined ||
    (name !== undefined && PROGRAMS.test(name)) ||
    /^Rule \/[\w./-]{1,200} <[A-Z_]{3,40}>/.test(text) ||
    /^\[ssl_(?:acc|req)\]/.test(text) ||
    PAM_AUDIT.test(text);
  return {
    ...(host === undefined ? {} : { host }),
    ...(groups['level'] === undefined ? {} : { level: groups['level'] }),
    ...(name === undefined ? {} : { program: name }),
    ...(process !== undefined ? { pid: Number(process) } : pid === undefined ? {} : { pid }),
    ...(code?.['code'] === undefined ? {} : { code: code['code'] }),
    ...(session?.groups?.['profile'] === undefined ? {} : { profile: session.groups['profile'] }),
    ...(session === null || !own ? {} : { session: session.groups?.['session'] as string }),
    text,
    own,
  };
};

/** What one session of Access told so far: later lines name the session alone. */
export interface AccessSession {
  readonly user?: string;
  readonly ip?: string;
  readonly client?: string;
}

/** Sessions remembered; the oldest is forgotten first. */
const SESSIONS = 20_000;

/** Sessions of one stream by their number: takes what a line told and gives what is known. */
export const openSessions = (): ((id: string, told: AccessSession) => AccessSession) => {
  const sessions = new Map<string, AccessSession>();
  return (id, told) => {
    const known = { ...sessions.get(id), ...told };
    sessions.delete(id);
    if (sessions.size >= SESSIONS) sessions.delete(sessions.keys().next().value as string);
    sessions.set(id, known);
    return known;
  };
};
