import type { Act } from '../../ecs/acts.ts';
import type { Fields } from '../../ecs/event.ts';
import { type DhcpMessage, putLease } from './dhcp.ts';
import { putAnswer, putQuestion, putResponse } from './dns.ts';
import { isObject, type Json, listAt, textAt } from './json.ts';
import { addMailAddress, angled, putMessageId } from './mail.ts';
import { add, categorise, put, putIp, putNumber, putUser } from './put.ts';
import { putRequest } from './url.ts';

/** Reads the part of a Suricata record that is named after its type (`body`); returns the act. Both ends are read before. */
export type EveRead = (fields: Fields, event: Json, body: Json) => Act;

/** Version 1 and 2 have a record for each query and answer, version 3 lists `queries` and `answers`. */
export const readDns: EveRead = (fields, _event, body) => {
  const first = listAt(body, 'queries').find(isObject) ?? body;
  const answer = /^(?:answer|response)$/.test(textAt(body, 'type') ?? '');
  categorise(fields, ['network'], ['protocol', 'start']);
  putQuestion(fields, textAt(first, 'rrname') ?? textAt(body, 'query.rrname', 'rrname'), textAt(first, 'rrtype'));
  put(fields, 'dns.id', textAt(body, 'id'));
  fields['dns.type'] = answer ? 'answer' : 'query';
  if (answer) putResponse(fields, textAt(body, 'rcode'));
  for (const one of listAt(body, 'answers').slice(0, 100)) {
    const data = textAt(one, 'rdata');
    if (data !== undefined) putAnswer(fields, data);
  }
  if (textAt(body, 'rdata') !== undefined) putAnswer(fields, textAt(body, 'rdata') as string);
  return 'dns-query';
};

export const readHttp: EveRead = (fields, _event, body) => {
  categorise(fields, ['web'], ['access']);
  putRequest(fields, textAt(body, 'http_method', 'method'), textAt(body, 'url'));
  put(fields, 'url.domain', textAt(body, 'hostname')?.toLowerCase());
  put(fields, 'user_agent.original', textAt(body, 'http_user_agent'));
  put(fields, 'http.request.referrer', textAt(body, 'http_refer'));
  put(fields, 'http.response.mime_type', textAt(body, 'http_content_type'));
  put(fields, 'http.version', /\d(?:\.\d)?$/.exec(textAt(body, 'protocol') ?? '')?.[0]);
  putNumber(fields, 'http.response.status_code', textAt(body, 'status'));
  putNumber(fields, 'http.response.body.bytes', textAt(body, 'length'));
  const forwarded = textAt(body, 'xff');
  if (forwarded !== undefined) putIp(fields, 'client.ip', forwarded.split(',', 1)[0]);
  return 'http-request';
};

export const readTls: EveRead = (fields, _event, body) => {
  categorise(fields, ['network'], ['protocol', 'start']);
  put(fields, 'tls.client.server_name', textAt(body, 'sni')?.toLowerCase());
  put(fields, 'tls.server.subject', textAt(body, 'subject'));
  put(fields, 'tls.server.issuer', textAt(body, 'issuerdn'));
  put(fields, 'x509.serial_number', textAt(body, 'serial'));
  put(fields, 'tls.version', textAt(body, 'version'));
  put(fields, 'tls.client.ja3', textAt(body, 'ja3.hash'));
  put(fields, 'tls.server.ja3s', textAt(body, 'ja3s.hash'));
  if (typeof body['session_resumed'] === 'boolean') fields['tls.resumed'] = body['session_resumed'];
  add(fields, 'related.hosts', textAt(body, 'sni')?.toLowerCase());
  return 'other';
};

export const readSmtp: EveRead = (fields, event, body) => {
  categorise(fields, ['email'], ['info']);
  fields['network.protocol'] = 'smtp';
  const mail = isObject(event['email']) ? event['email'] : {};
  const helo = textAt(body, 'helo')?.toLowerCase();
  if (/^[\w.-]{1,255}$/.test(helo ?? '')) put(fields, 'source.domain', helo);
  addMailAddress(fields, 'email.sender.address', angled(textAt(body, 'mail_from') ?? ''));
  addMailAddress(fields, 'email.from.address', angled(textAt(mail, 'from') ?? ''));
  for (const to of listAt(body, 'rcpt_to').slice(0, 500))
    addMailAddress(fields, 'email.to.address', angled(String(to)));
  if (fields['email.to.address'] === undefined)
    for (const to of listAt(mail, 'to').slice(0, 500)) addMailAddress(fields, 'email.to.address', angled(String(to)));
  for (const cc of listAt(mail, 'cc').slice(0, 500)) addMailAddress(fields, 'email.cc.address', angled(String(cc)));
  put(fields, 'email.subject', textAt(mail, 'subject'));
  putMessageId(fields, textAt(mail, 'message_id'));
  for (const name of listAt(mail, 'attachment').slice(0, 50)) add(fields, 'email.attachments.file.name', String(name));
  return 'mail-connection';
};

export const readSsh: EveRead = (fields, _event, body) => {
  categorise(fields, ['network'], ['connection', 'start']);
  fields['service.type'] = 'ssh';
  put(fields, 'user_agent.original', textAt(body, 'client.software_version'));
  put(fields, 'service.version', textAt(body, 'server.software_version'));
  return 'flow-start';
};

export const readRdp: EveRead = (fields, _event, body) => {
  categorise(fields, ['network'], ['connection', 'start']);
  fields['service.type'] = 'rdp';
  // mstshash: what was typed, cut to nine characters by old clients
  putUser(fields, 'user', textAt(body, 'cookie')?.replace(/^mstshash=/i, ''));
  put(fields, 'source.domain', textAt(body, 'client.client_name')?.toLowerCase());
  put(fields, 'event.action', textAt(body, 'event_type'));
  return textAt(body, 'event_type') === 'initial_request' ? 'flow-start' : 'other';
};

export const readSmb: EveRead = (fields, _event, body) => {
  const command = textAt(body, 'command') ?? '';
  put(fields, 'event.action', command);
  put(fields, 'file.path', textAt(body, 'filename', 'directory'));
  putUser(fields, 'user', textAt(body, 'ntlmssp.user'));
  put(fields, 'user.domain', textAt(body, 'ntlmssp.domain', 'kerberos.realm'));
  put(fields, 'source.domain', textAt(body, 'ntlmssp.host')?.toLowerCase());
  const status = textAt(body, 'status');
  const failed = status !== undefined && !/^STATUS_(?:SUCCESS|MORE_PROCESSING_REQUIRED|PENDING)$/.test(status);
  const outcome = status === undefined ? undefined : failed ? 'failure' : 'success';
  if (failed) put(fields, 'event.reason', status);
  fields['service.type'] = 'smb';
  if (
    /SESSION_SETUP/.test(command) &&
    status !== 'STATUS_MORE_PROCESSING_REQUIRED' &&
    fields['user.name'] !== undefined
  ) {
    categorise(fields, ['authentication'], [failed ? 'info' : 'start'], outcome);
    return 'login';
  }
  const onShare = /TREE_CONNECT|CREATE|RENAME|DELETE|WRITE|READ|SET_INFO/.test(command);
  categorise(fields, onShare ? ['network', 'file'] : ['network'], [onShare ? 'access' : 'info'], outcome);
  return onShare ? 'share-access' : 'other';
};

/** AS exchanges ask for a ticket to log on, TGS for a service (RFC 4120). */
export const readKrb5: EveRead = (fields, _event, body) => {
  putUser(fields, 'user', textAt(body, 'cname')?.replace(/^<empty>$/, ''));
  put(fields, 'user.domain', textAt(body, 'realm')?.replace(/^<empty>$/, ''));
  put(fields, 'service.name', textAt(body, 'sname'));
  const error = textAt(body, 'error_code');
  put(fields, 'event.reason', error);
  put(fields, 'event.action', textAt(body, 'msg_type'));
  fields['service.type'] = 'kerberos';
  const asked = error === 'KDC_ERR_PREAUTH_REQUIRED'; // every logon begins with it
  categorise(
    fields,
    ['authentication'],
    [error === undefined ? 'start' : 'info'],
    asked ? undefined : error === undefined ? 'success' : 'failure',
  );
  return asked ? 'other' : 'kerberos-ticket';
};

export const readDhcp: EveRead = (fields, _event, body) => {
  const type = textAt(body, 'dhcp_type') ?? 'query';
  const message = (
    /^(?:discover|offer|request|ack|nak|decline|release|inform)$/.test(type) ? type : 'query'
  ) as DhcpMessage;
  const given = [textAt(body, 'assigned_ip'), textAt(body, 'client_ip'), textAt(body, 'requested_ip')];
  // the packets' own addresses are 0.0.0.0, the broadcast address or a relay's
  putIp(fields, 'server.ip', /^(?:offer|ack|nak)$/.test(message) ? (fields['source.ip'] as string) : undefined);
  for (const name of ['source.ip', 'source.port', 'source.address']) delete fields[name];
  putLease(fields, message, {
    address: given.find((ip) => ip !== undefined && ip !== '0.0.0.0'),
    mac: textAt(body, 'client_mac'),
    name: textAt(body, 'hostname'),
  });
  return 'dhcp-lease';
};

export const readFile: EveRead = (fields, _event, body) => {
  put(fields, 'file.path', textAt(body, 'filename'));
  put(fields, 'file.name', textAt(body, 'filename')?.split(/[\\/]/).pop());
  put(fields, 'file.type', textAt(body, 'magic'));
  putNumber(fields, 'file.size', textAt(body, 'size'));
  for (const hash of ['md5', 'sha1', 'sha256']) put(fields, `file.hash.${hash}`, textAt(body, hash)?.toLowerCase());
  categorise(fields, ['file', 'network'], ['info']);
  return 'other';
};

/** 230 of FTP is a login that succeeded, 530 one that failed (RFC 959 §4.2). */
export const readFtp: EveRead = (fields, _event, body) => {
  const codes = listAt(body, 'completion_code').map(String);
  const command = textAt(body, 'command')?.toUpperCase();
  put(fields, 'event.action', command?.toLowerCase());
  fields['service.type'] = 'ftp';
  if (command === 'USER') putUser(fields, 'user', textAt(body, 'command_data'));
  const passed = codes.includes('230');
  if (command === 'PASS' && (passed || codes.includes('530'))) {
    categorise(fields, ['authentication'], [passed ? 'start' : 'info'], passed ? 'success' : 'failure');
    return 'login';
  }
  put(
    fields,
    'file.path',
    textAt(body, 'filename') ?? (/^(?:RETR|STOR|DELE)$/.test(command ?? '') ? textAt(body, 'command_data') : undefined),
  );
  categorise(fields, ['network'], ['protocol', 'info']);
  return 'other';
};

export const readIke: EveRead = (fields, _event, body) => {
  put(fields, 'einfallstor.vpn.session_id', textAt(body, 'init_spi'));
  fields['einfallstor.vpn.type'] = 'ipsec';
  categorise(fields, ['network', 'session'], ['info']);
  return 'vpn-negotiation';
};

export const readStats: EveRead = (fields) => {
  categorise(fields, ['host'], ['info']);
  return 'other';
};

export const readAny: EveRead = (fields) => {
  categorise(fields, ['network'], ['protocol', 'info']);
  return 'other';
};
