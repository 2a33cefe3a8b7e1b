import { describe, expect, it } from 'vitest';
import azureFirewall from '../../parsers/firewall/azure-firewall.ts';
import { eventOf, expectRobust, linesOf, readLines } from './lines.ts';

const legacy = (msg: string, category = 'AzureFirewallNetworkRule'): string =>
  JSON.stringify({
    category,
    time: '2021-11-02T08:15:30Z',
    resourceId: '/SUBSCRIPTIONS/A/AZUREFIREWALLS/FW',
    properties: { msg },
  });

describe('azure-firewall', () => {
  it('reads the same of a sentence and of fields', () => {
    const ends = {
      'source.ip': '10.1.0.4',
      'source.port': 50112,
      'destination.ip': '203.0.113.9',
      'destination.port': 22,
    };
    const properties = {
      Protocol: 'TCP',
      SourceIp: '10.1.0.4',
      SourcePort: 50112,
      DestinationIp: '203.0.113.9',
      DestinationPort: 22,
      Action: 'Deny',
    };
    const structured = JSON.stringify({
      category: 'AZFWNetworkRule',
      time: '2021-11-02T08:15:30Z',
      resourceId: '/x',
      properties,
    });
    for (const line of [structured, legacy('TCP request from 10.1.0.4:50112 to 203.0.113.9:22. Action: Deny.')])
      expect(eventOf(azureFirewall, line)).toMatchObject({ act: 'flow-denied', fields: ends });
  });

  it('lets a rule have any name: it decides nothing', () => {
    const line = legacy(
      'TCP request from 10.1.0.4:1 to 10.2.0.8:2. Action: Deny. Rule Collection: Action. Rule: allow. Action',
    );
    expect(eventOf(azureFirewall, line)).toMatchObject({
      act: 'flow-denied',
      fields: { 'rule.name': 'allow. Action' },
    });
  });

  it('says neither passed nor refused where the action is unknown or cut off', () => {
    expect(eventOf(azureFirewall, legacy('TCP request from 10.1.0.4:1 to 10.2.0.8:2. Act')).act).toBe('other');
    expect(eventOf(azureFirewall, legacy('TCP request from 10.1.0.4:1 to 10.2.0.8:2. Action: Ponder')).act).toBe(
      'other',
    );
  });

  it('reads rows under the header of their table only', () => {
    const [first, , row] = readLines(azureFirewall, [
      '2021-11-02T08:15:30Z,TCP,10.1.0.4,1,10.2.0.8,2,Allow,c,r',
      'TimeGenerated,Protocol,SourceIp,SourcePort,DestinationIp,DestinationPort,Action,RuleCollection,Rule',
      '2021-11-02T08:15:30Z,TCP,10.1.0.4,1,10.2.0.8,2,Allow,c,r',
    ]);
    expect(first?.kind).toBe('rejected');
    expect(row).toMatchObject({ act: 'flow', fields: { 'rule.name': 'r', 'rule.ruleset': 'c' } });
  });

  it('survives hostile lines', () =>
    expectRobust(azureFirewall, [...linesOf('azure-firewall/legacy'), ...linesOf('azure-firewall/azure-diagnostics')]));
});
