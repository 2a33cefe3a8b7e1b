import { describe, expect, it } from 'vitest';
import fortigate from '../../parsers/firewall/fortinet-fortigate.ts';
import { eventOf, expectRobust, readLines, recordsOf } from './lines.ts';

const AT =
  'date=2021-11-02 time=08:15:30 devname="FGT-MUC-1" devid="FG100FTK19000421" eventtime=1635837330123456789 tz="+0100"';
const SYSTEM = `${AT} logid="0100032001" type="event" subtype="system" level="information" vd="root"`;
const VPN = `${AT} logid="0101039424" type="event" subtype="vpn" level="information" vd="root"`;
const FORWARD = `${AT} logid="0000000013" type="traffic" subtype="forward" level="notice" vd="root" srcip=10.20.0.8 srcport=50112 srcintf="lan" srcintfrole="lan" dstip=198.51.100.7 dstport=443 dstintf="wan1" dstintfrole="wan" sessionid=7701 proto=6 policyid=12 policyname="LAN to Internet" service="HTTPS"`;

describe('fortinet-fortigate: forms of a line', () => {
  it.each([
    ['bare', `${SYSTEM} logdesc="Test" msg="x"`],
    ['priority', `<189>${SYSTEM} logdesc="Test" msg="x"`],
    ['relay', `<189>Nov  2 08:15:31 relay-1 ${SYSTEM} logdesc="Test" msg="x"`],
    ['rfc5424', `<189>1 2021-11-02T08:15:31.5+01:00 FGT-MUC-1 - - - - ${SYSTEM} logdesc="Test" msg="x"`],
    ['name first', `devname="FGT-MUC-1" ${SYSTEM} logdesc="Test" msg="x"`],
    ['commas', `${SYSTEM} logdesc="Test" msg="x"`.replaceAll(/" (?=\w+=)/g, '",').replaceAll(/(\d) (?=\w+=)/g, '$1,')],
    [
      'quoted cells',
      `${SYSTEM} logdesc="Test" msg="x"`.replaceAll(/(\w+)=(?:"([^"]*)"|(\S+)) ?/g, '"$1=$2$3",').slice(0, -1),
    ],
  ])('%s', (_, line) => {
    const { fields } = eventOf(fortigate, line);
    expect(fields).toMatchObject({
      '@timestamp': 1_635_837_330_123_456,
      'event.timezone': '+0100',
      'observer.name': 'FGT-MUC-1',
      'observer.serial_number': 'FG100FTK19000421',
      'event.code': '0100032001',
      message: 'x',
      'fortinet.firewall.vd': 'root',
    });
    expect(fields['einfallstor.warnings']).toBeUndefined();
  });

  it.each([
    ['seconds', 'eventtime=1635837330 tz="+0100"', 1_635_837_330_000_000, 'stated'],
    ['milliseconds', 'eventtime=1635837330123', 1_635_837_330_123_000, 'stated'],
    ['microseconds', 'eventtime=1635837330123456', 1_635_837_330_123_456, 'stated'],
    ['date, time and tz', 'date=2021-11-02 time=08:15:30 tz="+0100"', 1_635_837_330_000_000, 'stated'],
    ['FortiAnalyzer zone', 'date=2021-11-02 time=08:15:30 tz="UTC+1"', 1_635_837_330_000_000, 'stated'],
    ['no zone', 'date=2021-11-02 time=08:15:30', 1_635_840_930_000_000, 'assumed'],
    ['FortiOS 4 slip', 'date=2021-11-02 time=08: 15:30', 1_635_840_930_000_000, 'assumed'],
  ])('time as %s', (_, time, instant, basis) => {
    const { fields } = eventOf(fortigate, `${time} logid=0100032001 type=event subtype=system vd=root msg="x"`);
    expect(fields['@timestamp']).toBe(instant);
    expect(fields['einfallstor.time.basis']).toBe(basis);
  });

  it('says when a line has no time, and when it was cut', () => {
    const { fields } = eventOf(fortigate, 'type="event" subtype="system" vd="root" logdesc="Object attribute conf');
    expect(fields['@timestamp']).toBeUndefined();
    expect(fields['einfallstor.warnings']).toEqual(['time-missing', 'truncated']);
  });

  it('leaves other Fortinet products alone', () => {
    const lines = [
      'date=2021-11-02 time=08:15:30 log_id=20000010 msg_id=000000001203 device_id=FV-1KE0000000001 vd="root" type=traffic subtype="https" pri=notice',
      'date=2021-11-02 time=08:15:30.318 device_id=FEVM020000000001 log_id=0200013272 type=statistics pri=information session_id="x"',
      'CEF:0|Fortinet|FortiWeb|6.3|20000010|traffic|3|src=192.0.2.1',
    ];
    expect(readLines(fortigate, lines).map((o) => o.kind)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(fortigate.recognise({ records: recordsOf(lines) }).certainty).toBe(0);
  });
});

describe('fortinet-fortigate: traffic', () => {
  it('maps a closed, translated connection', () => {
    const { act, fields } = eventOf(
      fortigate,
      `${FORWARD} action="close" trandisp="snat" transip=203.0.113.4 transport=61001 duration=60 sentbyte=88412 rcvdbyte=1200 sentpkt=70 rcvdpkt=12 user="a.huber" group="staff" srcmac="02:09:0f:00:01:07" app="HTTPS.BROWSER" unauthuser="CORP\\huber"`,
    );
    expect(act).toBe('flow');
    expect(fields).toMatchObject({
      'source.ip': '10.20.0.8',
      'source.port': 50112,
      'source.bytes': 88412,
      'source.packets': 70,
      'source.mac': '02-09-0F-00-01-07',
      'source.nat.ip': '203.0.113.4',
      'source.nat.port': 61001,
      'destination.ip': '198.51.100.7',
      'destination.bytes': 1200,
      'network.transport': 'tcp',
      'network.protocol': 'https',
      'network.application': 'HTTPS.BROWSER',
      'user.name': 'a.huber',
      'user.group.name': 'staff',
      'source.user.name': 'huber',
      'source.user.domain': 'CORP',
      'rule.id': '12',
      'rule.name': 'LAN to Internet',
      'event.type': ['connection', 'end', 'allowed'],
      'event.outcome': 'success',
      'event.duration': 60e9,
      'event.start': 1_635_837_270_123_456,
      'fortinet.firewall.sessionid': '7701',
      'fortinet.firewall.trandisp': 'snat',
    });
  });

  it.each([
    ['deny', 'flow-denied', 'success'],
    ['start', 'flow-start', 'success'],
    ['accept', 'flow', 'success'],
    ['client-rst', 'flow', 'success'],
    ['timeout', 'flow', 'success'],
    ['ip-conn', 'flow', 'failure'],
  ])('action %s', (action, act, outcome) => {
    const event = eventOf(fortigate, `${FORWARD} action="${action}"`);
    expect([event.act, event.fields['event.outcome']]).toEqual([act, outcome]);
  });

  it('counts of a long session only what came since its last record', () => {
    const { fields } = eventOf(
      fortigate,
      `${FORWARD} action="accept" sentbyte=9000 rcvdbyte=8000 sentdelta=100 rcvddelta=50`,
    );
    expect(fields).toMatchObject({
      'source.bytes': 100,
      'destination.bytes': 50,
      'fortinet.firewall.sentbyte': '9000',
      'fortinet.firewall.rcvdbyte': '8000',
    });
  });

  it('takes no translated address from 0.0.0.0 or ::', () => {
    const { fields } = eventOf(
      fortigate,
      `${FORWARD} action="accept" trandisp="noop" transip=0.0.0.0 transport=0 tranip=::`,
    );
    expect(Object.keys(fields).filter((name) => name.includes('.nat.'))).toEqual([]);
  });

  it('reads the names of FortiOS 4', () => {
    const { act, fields } = eventOf(
      fortigate,
      'date=2011-02-20 time=12:26:24 devname=fw device_id=FG300B3900000000 log_id=0038000004 type=traffic subtype=other pri=notice status=deny vd="root" src=10.1.2.3 srcname=10.1.2.3 src_port=1111 dst=10.9.8.7 dstname=srv-7 dst_port=445 service=445/tcp proto=6 sent=0 rcvd=0 src_int="wan1" dst_int=N/A user="N/A"',
    );
    expect(act).toBe('flow-denied');
    expect(fields).toMatchObject({
      'source.port': 1111,
      'destination.ip': '10.9.8.7',
      'destination.domain': 'srv-7',
      'event.action': 'deny',
    });
    expect(fields['user.name'] ?? fields['source.domain']).toBeUndefined();
  });
});

describe('fortinet-fortigate: VPN', () => {
  it('tells a refused SSL VPN login', () => {
    const { act, fields } = eventOf(
      fortigate,
      `${VPN} logdesc="SSL VPN login fail" action="ssl-login-fail" tunneltype="ssl-web" tunnelid=0 remip=198.51.100.23 user="k.maier" group="N/A" dst_host="N/A" reason="sslvpn_login_permission_denied" msg="SSL user failed to logged in"`,
    );
    expect(act).toBe('vpn-login');
    expect(fields).toMatchObject({
      'source.ip': '198.51.100.23',
      'user.name': 'k.maier',
      'event.outcome': 'failure',
      'event.reason': 'sslvpn_login_permission_denied',
      'event.type': ['info'],
    });
    expect(fields['einfallstor.vpn.session_id']).toBeUndefined();
  });

  it('tells login, tunnel with its address, and end with bytes from the client’s side', () => {
    const session = 'tunnelid=1421950801 remip=198.51.100.23 user="k.maier" group="vpn-users"';
    const [login, up, stats, down] = readLines(fortigate, [
      `${VPN} action="tunnel-up" tunneltype="ssl-web" ${session} reason="login successfully" msg="SSL tunnel established"`,
      `${VPN} action="tunnel-up" tunneltype="ssl-tunnel" ${session} tunnelip=10.9.0.14 reason="tunnel established" msg="SSL tunnel established"`,
      `${VPN} action="tunnel-stats" tunneltype="ssl-tunnel" ${session} tunnelip=10.9.0.14 nextstat=600 duration=600 sentbyte=5 rcvdbyte=3`,
      `${VPN} action="tunnel-down" tunneltype="ssl-tunnel" ${session} tunnelip=10.9.0.14 reason="N/A" duration=8437 sentbyte=71524041 rcvdbyte=6151809 msg="SSL tunnel shutdown"`,
    ]);
    expect([login, up, stats, down]).toMatchObject([
      { act: 'vpn-login', fields: { 'event.outcome': 'success', 'einfallstor.vpn.session_id': '1421950801' } },
      {
        act: 'vpn-session-start',
        fields: { 'einfallstor.vpn.assigned_ip': '10.9.0.14', 'einfallstor.vpn.group': 'vpn-users' },
      },
      { act: 'vpn-negotiation', fields: { 'einfallstor.vpn.assigned_ip': '10.9.0.14' } },
      {
        act: 'vpn-session-end',
        fields: { 'source.bytes': 6151809, 'destination.bytes': 71524041, 'event.duration': 8437e9 },
      },
    ]);
  });

  it('takes the peer of an IPsec negotiation as source and finds the user where XAUTH names him', () => {
    const peer =
      'remip=198.51.100.23 locip=203.0.113.4 remport=4500 locport=4500 outintf="wan1" user="N/A" vpntunnel="dialup"';
    const [phase, xauth, refused] = readLines(fortigate, [
      `${VPN} action="negotiate" ${peer} xauthuser="N/A" status="success" init="remote" mode="aggressive" dir="inbound" stage=1 role="responder" result="OK"`,
      `${VPN} action="negotiate" ${peer} xauthuser="k.maier" xauthgroup="ipsec-users" status="success" mode="xauth" result="DONE"`,
      `${VPN} action="negotiate" ${peer} xauthuser="k.maier" status="failure" mode="xauth" result="ERROR"`,
    ]);
    expect([phase, xauth, refused]).toMatchObject([
      {
        act: 'vpn-negotiation',
        fields: {
          'source.ip': '198.51.100.23',
          'source.port': 4500,
          'destination.ip': '203.0.113.4',
          'event.outcome': 'success',
        },
      },
      {
        act: 'vpn-login',
        fields: { 'user.name': 'k.maier', 'event.outcome': 'success', 'einfallstor.vpn.group': 'ipsec-users' },
      },
      {
        act: 'vpn-login',
        fields: { 'user.name': 'k.maier', 'event.outcome': 'failure', 'einfallstor.vpn.group': 'dialup' },
      },
    ]);
  });
});

describe('fortinet-fortigate: administration', () => {
  it.each([
    ['https(198.51.100.9)', 'https', '198.51.100.9'],
    ['GUI(198.51.100.9)', 'https', '198.51.100.9'],
    ['ssh(2001:db8::9)', 'ssh', '2001:db8::9'],
    ['jsconsole(127.0.0.1)', 'jsconsole', '127.0.0.1'],
    ['jsconsole', 'jsconsole', undefined],
    ['console', 'console', undefined],
  ])('login through %s', (ui, service, ip) => {
    const { act, fields } = eventOf(
      fortigate,
      `${SYSTEM} logdesc="Admin login successful" sn="1" user="admin" ui="${ui}" action="login" status="success" reason="none"`,
    );
    expect(act).toBe('admin-login');
    expect([fields['service.type'], fields['source.ip'], fields['event.outcome']]).toEqual([service, ip, 'success']);
    expect(fields['event.reason']).toBeUndefined();
  });

  it.each([
    [
      'logdesc="Admin login failed" user="root" ui="ssh(192.0.2.7)" action="login" status="failed" reason="name_invalid"',
      'admin-login',
      'failure',
    ],
    [
      'logdesc="Admin logout successful" user="admin" ui="https(192.0.2.7)" action="logout" status="success" duration=615',
      'logout',
      'success',
    ],
    [
      'logdesc="Admin login disabled" ui="192.0.2.7" action="login" status="failed" reason="exceed_limit" msg="Login disabled from IP 192.0.2.7 for 60 seconds"',
      'account-locked',
      'failure',
    ],
    [
      'logdesc="Configuration changed" user="admin" ui="GUI(192.0.2.7)" msg="Configuration is changed in the admin session"',
      'config-change',
      'success',
    ],
    ['logdesc="Disk log file deleted" user="admin" ui="cli" action="delete"', 'log-cleared', 'unknown'],
    ['logdesc="System performance statistics" action="perf-stats" cpu=2', 'other', 'unknown'],
    ['logdesc="Device shutdown" action="shutdown"', 'source-state', 'unknown'],
  ])('%s', (rest, act, outcome) => {
    const event = eventOf(fortigate, `${SYSTEM} ${rest}`);
    expect(event.act).toBe(act);
    if (outcome !== 'unknown') expect(event.fields['event.outcome']).toBe(outcome);
  });

  it('keeps what was changed, by whom, from where, and names a new administrator', () => {
    const { act, fields } = eventOf(
      fortigate,
      `${SYSTEM} logdesc="Object attribute configured" user="admin" ui="jsconsole(127.0.0.1)" action="Add" cfgtid=1310722 cfgpath="system.admin" cfgobj="svc-backup" cfgattr="password[*]accprofile[super_admin]trusthost1[192.0.2.0->198.51.100.9]" msg="Add system.admin svc-backup"`,
    );
    expect(act).toBe('config-change');
    expect(fields).toMatchObject({
      'user.name': 'admin',
      'user.target.name': 'svc-backup',
      'event.action': 'Add',
      'event.category': ['configuration', 'iam'],
      'event.type': ['creation', 'user'],
      'einfallstor.change.object': 'system.admin svc-backup',
      'einfallstor.change.attributes': 'password[*]accprofile[super_admin]trusthost1[192.0.2.0->198.51.100.9]',
      'fortinet.firewall.cfgpath': 'system.admin',
      'related.ip': ['192.0.2.0', '198.51.100.9'],
    });
  });
});

describe('fortinet-fortigate: users, leases, threats', () => {
  it.each([
    [
      'logid="0102043008" action="authentication" status="success" srcip=10.20.0.8 user="b.lang" authproto="HTTPS(10.20.0.8)"',
      'login',
      'success',
      'https',
    ],
    [
      'logid="0102043009" action="authentication" status="failure" srcip=10.20.0.8 user="b.lang" authproto="TELNET(10.20.0.8)"',
      'login',
      'failure',
      'telnet',
    ],
    [
      'logid="0102043014" action="FSSO-logon" srcip=10.20.0.8 user="B.LANG" server="dc-agent"',
      'login',
      'success',
      undefined,
    ],
    ['logid="0102043015" action="FSSO-logoff" srcip=10.20.0.8 user="B.LANG"', 'logout', 'success', undefined],
    ['logid="0102043011" action="auth-lockout" srcip=10.20.0.8 user="b.lang"', 'account-locked', 'failure', undefined],
  ])('%s', (rest, act, outcome, service) => {
    const event = eventOf(fortigate, `${AT} type="event" subtype="user" vd="root" ${rest}`);
    expect([event.act, event.fields['event.outcome'], event.fields['service.type']]).toEqual([act, outcome, service]);
    expect(event.fields['source.ip']).toBe('10.20.0.8');
  });

  it('reads a DHCP lease', () => {
    const { act, fields } = eventOf(
      fortigate,
      `${SYSTEM} logdesc="DHCP Ack log" interface="lan" dhcp_msg="Ack" mac="02:09:0F:00:01:07" ip=10.20.0.8 lease=86400 hostname="NB-HUBER"`,
    );
    expect(act).toBe('dhcp-lease');
    expect(fields).toMatchObject({
      'source.ip': '10.20.0.8',
      'source.mac': '02-09-0F-00-01-07',
      'source.domain': 'nb-huber',
    });
    expect(fields['url.domain']).toBeUndefined();
  });

  it('tells an attack that was dropped from one that was only seen', () => {
    const ips = `${AT} logid="0419016384" type="utm" subtype="ips" eventtype="signature" level="alert" vd="root" severity="critical" srcip=198.51.100.23 dstip=10.20.1.5 srcport=51000 dstport=443 proto=6 service="HTTPS" policyid=7 attack="Apache.Log4j.CVE-2021-44228.Remote.Code.Execution" url="/login?x=%24%7Bjndi" hostname="portal.example.com" direction="outgoing"`;
    const [dropped, seen] = readLines(fortigate, [`${ips} action="dropped"`, `${ips} action="detected"`]);
    expect(dropped).toMatchObject({
      act: 'threat',
      fields: {
        'event.kind': 'alert',
        'event.type': ['info', 'denied'],
        'event.outcome': 'failure',
        'vulnerability.id': ['CVE-2021-44228'],
        'url.path': '/login',
        'url.domain': 'portal.example.com',
      },
    });
    expect(seen).toMatchObject({ fields: { 'event.type': ['info', 'allowed'], 'event.outcome': 'success' } });
  });

  it.each([
    [
      'dns',
      'eventtype="dns-response" qname="example.org" qtype="A" ipaddr="192.0.2.80, 192.0.2.81" action="pass"',
      'dns-query',
      { 'dns.resolved_ip': ['192.0.2.80', '192.0.2.81'] },
    ],
    [
      'emailfilter',
      'from="a@example.org" to="b@example.com" subject="hi" action="blocked"',
      'mail-filter',
      { 'email.from.address': ['a@example.org'] },
    ],
    [
      'virus',
      'filename="r.exe" virus="W32/Agent.A!tr" analyticscksum="275A021BBFB6489E54D471899F7DB9D1663FC695EC2FE2A2C4538AABF651FD0F" action="blocked"',
      'threat',
      {
        'file.hash.sha256': '275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f',
        'threat.indicator.name': 'W32/Agent.A!tr',
      },
    ],
    [
      'webfilter',
      'hostname="www.example.org" url="https://www.example.org/a/b.php?q=1" agent="curl/8" action="passthrough" catdesc="Malicious Websites"',
      'http-request',
      {
        'url.path': '/a/b.php',
        'url.query': 'q=1',
        'user_agent.original': 'curl/8',
        'rule.category': 'Malicious Websites',
      },
    ],
  ])('utm %s', (subtype, rest, act, expected) => {
    const event = eventOf(
      fortigate,
      `${AT} logid="1501054802" type="utm" subtype="${subtype}" vd="root" srcip=10.20.0.8 dstip=192.0.2.53 ${rest}`,
    );
    expect(event.act).toBe(act);
    expect(event.fields).toMatchObject(expected);
  });
});

describe('fortinet-fortigate: CEF', () => {
  it('reads FortiOS’s own', () => {
    const { act, fields } = eventOf(
      fortigate,
      'Nov  2 08:15:30 FGT-MUC-1 CEF:0|Fortinet|Fortigate|v7.0.5|32002|event:system login failed|7|deviceExternalId=FG100FTK19000421 FTNTFGTeventtime=1635837330123456789 FTNTFGTtz=+0100 FTNTFGTlogid=0100032002 cat=event:system FTNTFGTsubtype=system FTNTFGTlevel=alert FTNTFGTvd=root FTNTFGTlogdesc=Admin login failed duser=root sproc=https(198.51.100.9) FTNTFGTmethod=https src=198.51.100.9 dst=203.0.113.4 act=login outcome=failed reason=name_invalid msg=Administrator root login failed from https(198.51.100.9)',
    );
    expect(act).toBe('admin-login');
    expect(fields).toMatchObject({
      '@timestamp': 1_635_837_330_123_456,
      'user.name': 'root',
      'source.ip': '198.51.100.9',
      'service.type': 'https',
      'event.outcome': 'failure',
      'event.code': '0100032002',
      'observer.name': 'FGT-MUC-1',
    });
  });

  it('reads FortiAnalyzer’s, with start and tz', () => {
    const { act, fields } = eventOf(
      fortigate,
      'CEF:0|Fortinet|FortiGate-100F|7.2.8,build1639 (GA)|0000000013|forward traffic close|4|start=Nov 02 2021 08:15:30 deviceExternalId=FG100FTK19000421 dvchost=FGT-MUC-1 ad.vd=root ad.logid=0000000013 cat=traffic ad.subtype=forward deviceSeverity=notice src=10.20.0.8 spt=50112 dst=198.51.100.7 dpt=443 proto=6 act=close app=HTTPS out=202 in=52 sourceTranslatedAddress=203.0.113.4 cs5=12 cs5Label=Policy Id tz="+0100"',
    );
    expect(act).toBe('flow');
    expect(fields).toMatchObject({
      '@timestamp': 1_635_837_330_000_000,
      'source.bytes': 202,
      'destination.bytes': 52,
      'network.protocol': 'https',
      'source.nat.ip': '203.0.113.4',
      'rule.id': '12',
    });
  });

  it('turns the keys of a VPN event to the remote side', () => {
    const { fields } = eventOf(
      fortigate,
      'CEF:0|Fortinet|Fortigate|v6.0.10|39943|event:vpn ssl-new-con|2|FTNTFGTeventtime=1635837330 cat=event:vpn FTNTFGTsubtype=vpn act=ssl-new-con dst=198.51.100.23 duser=N/A msg=SSL new connection',
    );
    expect(fields['source.ip']).toBe('198.51.100.23');
    expect(fields['destination.ip']).toBeUndefined();
  });
});

it('never throws, never slow, whatever the bytes', () => {
  expectRobust(fortigate, [
    `${FORWARD} action="close" msg="a \\" b"`,
    `${VPN} action="tunnel-up" tunneltype="ssl-tunnel" tunnelid=1 remip=198.51.100.23 user="k.maier" tunnelip=10.9.0.14`,
    'CEF:0|Fortinet|Fortigate|v7|00013|traffic:forward close|3|cat=traffic:forward cs1=1 cs1Label=constructor src=10.20.0.8 __proto__=1 constructor=2',
    `"${SYSTEM.replaceAll(' ', '","')}","msg=""x"""`,
  ]);
});
