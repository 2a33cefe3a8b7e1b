import { describe, expect, it } from 'vitest';
import fortigate from '../../parsers/firewall/fortinet-fortigate.ts';
import ciscoEsa from '../../parsers/mail/cisco-esa.ts';
import clearswift from '../../parsers/mail/clearswift.ts';
import exchangeEcp from '../../parsers/mail/exchange-ecp.ts';
import fortimail from '../../parsers/mail/fortinet-fortimail.ts';
import hornetsecurity from '../../parsers/mail/hornetsecurity.ts';
import mimecast from '../../parsers/mail/mimecast.ts';
import proofpoint from '../../parsers/mail/proofpoint.ts';
import retarus from '../../parsers/mail/retarus.ts';
import smg from '../../parsers/mail/symantec-messaging-gateway.ts';
import trendmicro from '../../parsers/mail/trendmicro-email.ts';
import vade from '../../parsers/mail/vade.ts';
import { valuesOf } from '../../src/ecs/event.ts';
import type { Parser } from '../../src/parse/parser.ts';
import { eventOf, expectRobust, recordsOf } from './lines.ts';

const claimed = (parser: Parser, line: string): boolean => recordsOf([line]).every((record) => parser.claims?.(record));

describe('fortinet-fortimail', () => {
  const history = (more: string): string =>
    `date=2021-10-31 time=23:14:07 device_id=FEVM02 log_id=0200000001 type=statistics pri=information session_id="a-b" client_name="x.example" client_ip="198.51.100.7" dst_ip="203.0.113.25" from="a@example.net" to="b@example.org" ${more}`;

  it('joins the lines of one message by its session', () => {
    const delivery = eventOf(
      fortimail,
      'date=2021-10-31 time=23:14:07 device_id=FEVM02 log_id=0003000001 type=event subtype=smtp pri=information user=mail ui=mail action=NONE status=N/A session_id="a-b" msg="to=<b@example.org>, delay=00:00:02, mailer=esmtp, relay=mx.example.org [10.0.0.25], dsn=5.1.1, stat=User unknown"',
    );
    expect(delivery.act).toBe('mail-delivery');
    expect(delivery.fields['event.outcome']).toBe('failure');
    const told = eventOf(fortimail, history('disposition="Accept" virus=""'));
    expect(told.act).toBe('mail-received');
    expect(told.fields['email.local_id']).toBe(delivery.fields['email.local_id']);
  });

  it('tells a refused mail from an infected one', () => {
    expect(eventOf(fortimail, history('disposition="Reject"')).act).toBe('mail-rejected');
    const infected = eventOf(fortimail, history('disposition="Accept" virus="EICAR"'));
    expect([infected.act, infected.fields['event.kind']]).toEqual(['mail-filter', 'alert']);
  });

  it('takes no line of FortiGate, and FortiGate none of it', () => {
    const gate =
      'date=2021-10-31 time=23:14:07 devname="fw" devid="FG100" logid="0100032001" type="event" subtype="system" level="information" user="admin" ui="https(192.0.2.5)" action="login" status="success" session_id="9"';
    expect([claimed(fortimail, gate), claimed(fortigate, gate)]).toEqual([false, true]);
    const mail =
      'date=2021-10-31 time=23:14:07 device_id=FE100C log_id=0001001623 type=event subtype=admin pri=information user=admin ui=GUI(192.0.2.5) action=login status=failure msg="User admin login failed from GUI(192.0.2.5)"';
    expect([claimed(fortimail, mail), claimed(fortigate, mail)]).toEqual([true, false]);
    const { act, fields } = eventOf(fortimail, mail);
    expect([act, fields['event.outcome'], fields['user.name'], fields['source.ip']]).toEqual([
      'admin-login',
      'failure',
      'admin',
      '192.0.2.5',
    ]);
  });
});

describe('cisco-esa', () => {
  const line = (text: string): string => `Sun Oct 31 23:14:02 2021 Info: ${text}`;

  it('keeps the MID on every line of a message', () => {
    const lines = [
      'Start MID 77001 ICID 450012',
      'MID 77001 ICID 450012 From: <a@example.net>',
      "MID 77001 Message-ID '<1@example.net>'",
      'Message done DCID 6001 MID 77001 to RID [0]',
    ].map((text) => eventOf(ciscoEsa, line(text)));
    expect(lines.map(({ fields }) => fields['email.local_id'])).toEqual(['77001', '77001', '77001', '77001']);
    expect(lines.map(({ act }) => act)).toEqual(['mail-received', 'mail-received', 'mail-received', 'mail-delivery']);
    expect(lines[2]?.fields['email.message_id']).toBe('1@example.net');
  });

  it('reads SMTP and administrators logins apart', () => {
    const smtp = eventOf(
      ciscoEsa,
      line('SMTP Auth: (ICID 1) failed for user: k.maier using AUTH mechanism: LOGIN with profile: r'),
    );
    expect([smtp.act, smtp.fields['event.outcome'], smtp.fields['user.name']]).toEqual(['login', 'failure', 'k.maier']);
    const admin = eventOf(ciscoEsa, line('PID 1: User admin login from 2001:db8::5 on 10.0.0.20'));
    expect([admin.act, admin.fields['source.ip'], admin.fields['user.name']]).toEqual([
      'admin-login',
      '2001:db8::5',
      'admin',
    ]);
  });

  it('puts the files and links of a consolidated event into the event', () => {
    const { act, fields } = eventOf(
      ciscoEsa,
      `CEF:0|Cisco|C300V|16.0|ESA_CONSOLIDATED_LOG_EVENT|Consolidated Log Event|5|ESAMID=7 ESAAttachmentDetails={'a b.pdf': {'AMP': {'fileHash': '${'0'.repeat(64)}'}}, "it's.png": {'BodyScanner': {}}} act=DELIVERED suser=a@example.net src=198.51.100.7 startTime=Sun Oct 31 23:14:02 2021 ESAURLDetails={'http://bad.example/x': {'WbrsScore': -9}, 'www.c.example': {'WbrsScore': 0.0}}`,
    );
    expect(act).toBe('mail-delivery');
    expect(fields['email.attachments.file.name']).toEqual(['a b.pdf', "it's.png"]);
    expect(fields['email.attachments.file.hash.sha256']).toEqual(['0'.repeat(64)]);
    expect(fields['url.domain']).toEqual(['bad.example', 'www.c.example']);
  });
});

describe('gateways in JSON', () => {
  it('Hornetsecurity: who sent it depends on the direction', () => {
    const mail = (direction: number) =>
      eventOf(
        hornetsecurity,
        JSON.stringify({
          msg_id: 'a',
          es_mail_id: 'e',
          date: '2021-10-31T22:14:07Z',
          direction,
          owner: 'k@example.org',
          comm_partner: 'x@example.net',
          status: { text: 'Quarantined' },
        }),
      );
    expect(mail(1).fields['email.from.address']).toEqual(['x@example.net']);
    expect(mail(0).fields['email.from.address']).toEqual(['k@example.org']);
    expect(mail(1).act).toBe('mail-filter');
  });

  it('Retarus: a threat is a verdict, not a receipt', () => {
    const event = (more: object) =>
      eventOf(
        retarus,
        JSON.stringify({
          rmxId: 'r',
          class: 'EVENT',
          type: 'MTA',
          status: 'ACCEPTED',
          ts: '2021-10-31 23:14:07 +0100',
          ...more,
        }),
      );
    expect(event({}).act).toBe('mail-received');
    expect(event({}).fields['@timestamp']).toBe(Date.UTC(2021, 9, 31, 22, 14, 7) * 1000);
    expect(event({ class: 'THREAT', type: 'PZD', status: 'DETECTED' }).act).toBe('mail-filter');
  });

  it('Trend Micro: the audit log holds logins', () => {
    const audit = (type: string, act: string) =>
      eventOf(
        trendmicro,
        `CEF:0|Trend Micro|TMES|1.0.0.0|300101|AUDIT|4|rt=2021-10-31 22:18:00 cs1Label=accountType cs1=${type} suser=k@example.org act=${act}`,
      );
    expect(audit('end user', 'User login to End User Console').act).toBe('login');
    expect(audit('admin', 'Login to console failed').fields['event.outcome']).toBe('failure');
    expect(audit('admin', 'Delete policy').act).toBe('config-change');
    expect(valuesOf(audit('admin', 'x').fields, 'related.ip')).toEqual([]);
  });

  it('Vade: one mail in syslog and in JSON is the same', () => {
    const line =
      'qid=q1,ip=198.51.100.66,sender=a@evil.example,site=V,domain=example.org,recipient=b@example.org: action=drop,status=virus,spamlevel=high,tag=nil,reply=2,subject="x, y"';
    const syslog = eventOf(vade, `2021-10-31T22:14:07+00:00 f1 ulog[5]: [0001A2B4] ${line}`);
    const json = eventOf(
      vade,
      JSON.stringify({
        operationType: 'DROP',
        messageType: 'VIRUS',
        messageId: 'q1',
        ip: '198.51.100.66',
        from: 'a@evil.example',
        to: 'b@example.org',
        subject: 'x, y',
        date: 1635718447000,
      }),
    );
    for (const name of ['@timestamp', 'source.ip', 'email.local_id', 'email.subject', 'event.action', 'rule.name'])
      expect(syslog.fields[name]).toEqual(json.fields[name]);
    expect([syslog.act, json.act]).toEqual(['mail-rejected', 'mail-rejected']);
  });
});

describe('symantec-messaging-gateway', () => {
  it('reads the audit log by its audit id, whatever stands in front', () => {
    const { act, fields } = eventOf(
      smg,
      '10-31-2021 23:14:53 Local3.Info 10.20.30.40 Oct 31 23:14:53 smg01 ecelerity: 1635718493|0a000014-51c0b70000001f2b-00-617f10b29d5a|DELIVER|[2001:db8::25]:25|c@example.org',
    );
    expect([act, fields['email.local_id'], fields['destination.ip'], fields['@timestamp']]).toEqual([
      'mail-delivery',
      '0a000014-51c0b70000001f2b-00-617f10b29d5a',
      '2001:db8::25',
      1_635_718_493_000_000,
    ]);
  });

  it('reads what administrators do', () => {
    const { act, fields } = eventOf(
      smg,
      "Oct 31 23:16:03 smgcc AuditEventLogManager: An administrator 'eve' has been added by admin.",
    );
    expect([act, fields['user.target.name'], fields['user.name']]).toEqual(['account-created', 'eve', 'admin']);
  });
});

describe('mimecast audit, proofpoint mail log', () => {
  it('tells who could not log in, and from where', () => {
    const { act, fields } = eventOf(
      mimecast,
      '{"auditType":"Logon Authentication Failed","eventTime":"2021-10-31T23:14:07+0000","user":"k@example.org","eventInfo":"Failed, IP: 198.51.100.9, Application: Administration Console, Reason: Account disabled"}',
    );
    expect([act, fields['event.outcome'], fields['source.ip'], fields['event.reason']]).toEqual([
      'admin-login',
      'failure',
      '198.51.100.9',
      'Account disabled',
    ]);
  });

  it('reads the line of sendmail that the log service wraps', () => {
    const { act, fields } = eventOf(
      proofpoint,
      '{"ts":"2021-10-31T15:14:07.1-0700","pps":{"agent":"m1"},"sm":{"qid":"19VME5ab012345","to":["<b@example.org>"],"relay":"mx.example.org. [203.0.113.25]","stat":"Deferred: Connection refused","mailer":"esmtp"}}',
    );
    expect([act, fields['event.outcome'], fields['destination.ip'], fields['email.local_id']]).toEqual([
      'mail-delivery',
      'unknown',
      '203.0.113.25',
      '19VME5ab012345',
    ]);
  });
});

describe('exchange-ecp', () => {
  it('shows the command that wrote a web shell', () => {
    const { act, fields } = eventOf(
      exchangeEcp,
      `2021-03-03T04:12:38.677Z,EX01,ECP.Request,"S:TIME=43;'S:CMD=Set-OabVirtualDirectory.ExternalUrl=''http://o/#x'',''y''';S:URL=/ecp/DDI/DDIService.svc/SetObject;S:EX="`,
    );
    expect([act, fields['einfallstor.change.object'], fields['url.path']]).toEqual([
      'config-change',
      'Set-OabVirtualDirectory',
      '/ecp/DDI/DDIService.svc/SetObject',
    ]);
    expect(fields['einfallstor.change.attributes']).toContain("ExternalUrl='http://o/#x'");
  });
});

describe('hostile lines', () => {
  it.each([
    [
      fortimail,
      'date=2021-10-31 time=23:14:07 device_id=FE1 log_id=1 type=event subtype=smtp session_id="a" msg="to=<b@x>, relay=a [192.0.2.1], stat=Sent"',
    ],
    [
      ciscoEsa,
      'Sun Oct 31 23:14:02 2021 Info: Appliance: a, Interaction Mode: GUI, User: b, Source IP: 192.0.2.1, Event: Successful login',
    ],
    [
      ciscoEsa,
      "CEF:0|Cisco|C|1|ESA_CONSOLIDATED_LOG_EVENT|x|5|ESAMID=1 ESAAttachmentDetails={'a': {'b': '\\xc3'}} msg='=?utf-8?q?x?='",
    ],
    [hornetsecurity, '{"msg_id":"a","comm_partner":"b","raw_header":"Reply-To: <a@b>"}'],
    [retarus, '{"rmxId":"a","class":"b","metaData":{"header":{"from":"\\"a\\" <b@c>"}}}'],
    [trendmicro, 'CEF:0|Trend Micro|TMES|1|1|TRACKING|4|cs4Label=attachments cs4=[["a","b"]] duser=a;b'],
    [vade, '2021-10-31T22:14:08+00:00 f ulog[5]: [0001A2B5] qid=a,ip=192.0.2.1,sender=a: action=x,subject="y"'],
    [smg, 'Oct 31 23:14:07 s bmserver: 1635718447|0a000014-51c0b7-01-5e|VERDICT|a@b|spam|default|x'],
    [
      clearswift,
      "<22>1 2021-10-31T23:14:09+01:00 s audit - - - WARN  [Web UI]- Login failed for user 'root' (192.0.2.1)",
    ],
    [exchangeEcp, "2021-03-03T04:12:38.677Z,E,ECP.Request,\"S:TIME=1;'S:CMD=Set-A.B=''c''';S:URL=/x\""],
  ] as const)('%# never throws and stays fast', (parser, line) => {
    const { act } = eventOf(parser, line);
    expect(act).toBeTruthy();
    expectRobust(parser, [line, line.replace(/[a-z]{4,}/, '')]);
  });
});
