import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NO_CONTEXT } from '../../src/detect/context.ts';
import { detect } from '../../src/detect/run.ts';
import { loadRules } from '../../src/detect/sigma/load.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { readLog } from '../rules/read-log.ts';

const fixtures = join(import.meta.dirname, '../../fixtures');

/** Findings of one rule in classic names on a log that its parser reads. */
const count = async (logsource: string, selection: string, log: string): Promise<number> => {
  const text = `title: t\nid: t\nlogsource: ${logsource}\ndetection: {s: ${selection}, condition: s}\n`;
  const rules = loadRules([{ file: 'r.yml', text }], { names: 'taxonomy' });
  const { findings, problems } = await detect({
    store: memoryStore(await readLog(join(fixtures, log), 'fixture00000')),
    rules,
    baselines: [],
    context: NO_CONTEXT,
  });
  expect(problems).toEqual([]);
  return findings.reduce((sum, finding) => sum + finding.count, 0);
};

// biome-ignore format: a case a line
describe.each([
  ['fortigate', '{product: fortigate, service: event}', '{action: Add, cfgpath: system.admin}', 'rules/appliance_admin_added/hit/fgt.log'],
  ['azure sign-ins', '{product: azure, service: signinlogs}', "{ResultType: 0, riskeventtypes_v2|contains: anonymized}", 'rules/anonymiser_login/hit/entra.json'],
  ['m365', '{product: m365, service: audit}', "{Operation|startswith: Consent, Workload: AzureActiveDirectory}", 'rules/app_consent/hit/m365.json'],
  ['okta', '{product: okta, service: okta}', "{eventtype|startswith: user.}", 'parsers/okta/system-log/input.log'],
  ['windows security', '{product: windows, service: security}', '{EventID: 4720, TargetUserName|startswith: SUPP}', 'rules/account_created/hit/dc.json'],
  ['windows process creation', '{product: windows, category: process_creation}', "{Image|endswith: '\\cmd.exe', CommandLine|contains: inboxrule}", 'rules/inbox_rule/hit/exchange.json'],
  ['web server', '{category: webserver}', '{cs-method: GET, cs-uri|contains: /}', 'rules/exploit_attempt/hit/access.log'],
  ['nginx and apache', '{service: nginx}', '{cs-method: GET}', 'rules/exploit_attempt/hit/access.log'],
  ['proxy', '{category: proxy}', '{c-uri|contains: http}', 'parsers/squid/native/input.log'],
  ['dns', '{category: dns}', "{query|contains: '.'}", 'parsers/dnsmasq/router/input.log'],
  ['firewall', '{category: firewall}', '{dst_port|gt: 0, src_ip|exists: true}', 'rules/admin_port_exposed/hit/asa.log'],
  ['cisco keywords', '{product: cisco, service: asa}', '[Built, Teardown]', 'rules/admin_port_exposed/hit/asa.log'],
  ['linux keywords', '{product: linux, service: sshd}', "['Accepted password']", 'rules/service_guessed_password/hit/sshd.log'],
  ['linux auditd', '{product: linux, service: auditd}', '{type: CONFIG_CHANGE, key: identity}', 'parsers/linux-auditd/raw/input.log'],
  ['palo alto', '{product: paloalto}', '{event.module: paloalto-panos}', 'parsers/paloalto-panos/csv/input.log'],
  ['zeek', '{product: zeek, service: conn}', '{id.orig_h|exists: true}', 'parsers/zeek/json/input.log'],
] as const)('rules of %s', (_, logsource, selection, log) => {
  it('find their fields in the events of its parser', async () => {
    expect(await count(logsource, selection, log)).toBeGreaterThan(0);
  });

  it('find nothing in logs of another source', async () => {
    const other = log.includes('ftp') ? log : 'parsers/ftp/syslog/input.log';
    if (logsource.includes('product: linux')) return expect(await count(logsource, "{f: nothing-so-named}", log)).toBe(0);
    expect(await count(logsource, selection, other)).toBe(0);
  });
});

it('says of rules whose log source is not read here that they do not run', async () => {
  const text = 'title: t\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {f: 1}, condition: s}\n';
  const { problems } = await detect({
    store: memoryStore([]),
    rules: loadRules([{ file: 'r.yml', text }], { names: 'taxonomy' }),
    baselines: [],
    context: NO_CONTEXT,
  });
  expect(problems).toMatchObject([{ file: 'r.yml', line: 1, severity: 'not run' }]);
  expect(problems[0]?.reason).toContain('aws/cloudtrail');
});
