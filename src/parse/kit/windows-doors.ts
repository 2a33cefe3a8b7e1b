import type { Fields } from '../../ecs/event.ts';
import { put, putEndpoint, putIp, putNumber, putUser } from './put.ts';

type Get = (name: string) => string | undefined;

/** Remote Desktop Gateway: whom it let through to which host, and how much went by as the client counts it. */
export const putDesktopGateway = (fields: Fields, get: Get): void => {
  putEndpoint(fields, 'destination', get('Resource'));
  putNumber(fields, 'source.bytes', get('BytesTransfered'));
  putNumber(fields, 'destination.bytes', get('BytesReceived'));
  const seconds = Number(get('SessionDuration') ?? Number.NaN);
  if (seconds >= 0) putNumber(fields, 'event.duration', seconds * 1e9);
  put(fields, 'einfallstor.login.method', get('AuthType')?.toLowerCase());
  fields['service.type'] = 'rdp';
};

/** `<UserId>EXAMPLE\kim</UserId>` of an audit text (AD FS 2016 and later: 1200 to 1210). */
const audited = (text: string, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]{1,1024})</${name}>`).exec(text)?.[1];
// kim@example.org-The user name or password is incorrect
const REFUSED = /^([^\s<>]{1,256}?)-(?=[A-ZÄÖÜ])(.{1,512})/;
// Client IP: 198.51.100.9,10.0.0.3 · Error message: kim@example.org-The user name or password is incorrect
const SAID_CLIENT = /Client IP: ?\s{0,12}([0-9a-fA-F.:]{3,45})/;
const SAID_ERROR = /Error message: ?\s{0,12}([^\r\n]{1,600})/;

/** Federation Services: who asked for a token from where. A proxy adds itself behind the client's address. */
export const putFederation = (fields: Fields, code: string, get: Get, message: string): void => {
  const text = get('param2') ?? message;
  const old = code === '411' || code === '342';
  const error = REFUSED.exec((code === '411' ? get('param4') : undefined) ?? SAID_ERROR.exec(message)?.[1] ?? '');
  putUser(
    fields,
    'user',
    audited(text, 'UserId') ?? (old ? error?.[1] : code === '516' ? get('param2') : undefined),
    true,
  );
  const client =
    audited(text, 'ForwardedIpAddress') ??
    audited(text, 'IpAddress') ??
    (old || code === '516' ? get('param3') : undefined) ??
    SAID_CLIENT.exec(message)?.[1];
  putIp(fields, 'source.ip', client?.split(',', 1)[0]?.trim());
  put(fields, 'user_agent.original', audited(text, 'UserAgentString'));
  put(fields, 'einfallstor.target.host', audited(text, 'RelyingParty'));
  put(fields, 'service.type', 'adfs');
  if (fields['event.outcome'] === 'failure') put(fields, 'event.reason', audited(text, 'FailureType') ?? error?.[2]);
};

// … tried to authenticate to Microsoft Exchange is [198.51.100.9].
const SMTP_CLIENT = / is \[([0-9a-fA-F.:]{3,45})\]/;

/** Exchange transport, 1035: error, receive connector, mechanism, client. */
export const putSmtpLogin = (fields: Fields, get: Get, message: string): void => {
  putIp(fields, 'source.ip', get('param4') ?? SMTP_CLIENT.exec(message)?.[1]);
  put(fields, 'event.reason', get('param1') ?? / with error (\w{1,64})/.exec(message)?.[1]);
  put(fields, 'microsoft.exchange.connector-id', get('param2'));
  put(fields, 'einfallstor.login.method', get('param3')?.toLowerCase());
  fields['service.type'] = 'smtp';
};

/** TightVNC: `Authentication passed by 192.0.2.7`, `Authentication failed from 192.0.2.7`. No account: the password is the host's. */
export const putVncLogin = (fields: Fields, message: string): void => {
  putIp(fields, 'source.ip', /^Authentication (?:passed by|failed from) ([0-9a-fA-F.:]{3,45})/.exec(message)?.[1]);
  fields['service.type'] = 'vnc';
  fields['einfallstor.login.method'] = 'password';
};
