import { table } from './field-map.ts';

/** Names that administrators give the variables of nginx and Apache in JSON formats → the variable. */
const JSON_NAMES = new Map(
  table(`time=time timestamp=time @timestamp=time time_iso8601=time time_local=time msec=time datetime=time date=time ts=time
    remote_addr=client remote_ip=client client_ip=client clientip=client client_address=client client=client
    remote_host=client remoteIP=client remote_user=user user=user auth_user=user request=request request_line=request
    request_method=method method=method verb=method request_uri=uri uri=uri url=uri path=uri query_string=query
    args=query query=query status=status response_status=status status_code=status response=status code=status
    body_bytes_sent=bytes bytes_sent=bytes bytes=bytes size=bytes http_referer=referrer http_referrer=referrer
    referer=referrer referrer=referrer http_user_agent=agent user_agent=agent agent=agent useragent=agent
    userAgent=agent host=host http_host=host server_name=host vhost=host virtual_host=host host_name=server
    hostname=server http_x_forwarded_for=forwarded x_forwarded_for=forwarded xff=forwarded request_time=seconds
    server_protocol=protocol protocol=protocol http_version=protocol request_id=id remote_port=port client_port=port
    server_port=serverPort ssl_protocol=tls ssl_cipher=cipher scheme=scheme http_scheme=scheme
    proto=protocol user_id=user User-Agent=agent Referer=referrer X-Forwarded-For=forwarded
    StartUTC=time ClientHost=client ClientPort=port ClientUsername=user RequestMethod=method RequestPath=uri
    RequestHost=host RequestProtocol=protocol RequestScheme=scheme DownstreamStatus=status
    DownstreamContentSize=bytes request_User-Agent=agent request_Referer=referrer request_X-Forwarded-For=forwarded`),
);

/** A client sends whatever header it likes: only these are looked at. */
const HEADERS = ['User-Agent', 'Referer', 'X-Forwarded-For'];

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Caddy nests what was asked, and lists of header values in it; `client_ip` is the client behind proxies it trusts. */
const membersOf = (record: object): [string, unknown][] =>
  Object.entries(record).flatMap(([key, value]): [string, unknown][] => {
    if (key !== 'request' || !isObject(value)) return [[key, value]];
    const { client_ip, headers, ...asked } = value;
    const named = isObject(headers) ? HEADERS.map((name): [string, unknown] => [name, headers[name]]) : [];
    return [
      ...(typeof client_ip === 'string' ? [['client_ip', client_ip] as [string, unknown]] : []),
      ...Object.entries(asked),
      ...named.map(([name, values]): [string, unknown] => [name, Array.isArray(values) ? values[0] : undefined]),
    ];
  });

type Values = ReadonlyMap<string, string>;

/** The variables that an access log knows, by the names used here, and the other members under their own. */
export interface AccessJson {
  readonly known: Values;
  readonly rest: Values;
}

/** A line of JSON that a web server or proxy wrote of a request; undefined when it is no access log. */
export const readAccessJson = (text: string): AccessJson | undefined => {
  if (!text.startsWith('{')) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined; // cut or foreign: evidence, not an error
  }
  const known = new Map<string, string>();
  const rest = new Map<string, string>();
  for (const [key, value] of membersOf(parsed as object)) {
    if (value === undefined || typeof value === 'object' || value === '') continue;
    const name = JSON_NAMES.get(key);
    if (name !== undefined && !known.has(name)) known.set(name, String(value));
    else rest.set(key, String(value));
  }
  const asks = known.has('request') || (known.has('method') && known.has('uri'));
  return asks && known.has('client') && known.has('status') ? { known, rest } : undefined;
};
