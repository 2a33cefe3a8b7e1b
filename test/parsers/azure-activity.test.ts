import { describe, expect, it } from 'vitest';
import azure from '../../parsers/auth/azure-activity.ts';
import entra from '../../parsers/auth/entra-id.ts';
import { eventOf, expectRobust, linesOf, readLines } from './lines.ts';

const record = (operation: string, more: object = {}): string =>
  JSON.stringify({
    time: '2024-06-03T07:00:00Z',
    resourceId: '/SUBSCRIPTIONS/1/PROVIDERS/MICROSOFT.COMPUTE/VIRTUALMACHINES/SRV01',
    operationName: operation.toUpperCase(),
    category: 'Administrative',
    resultType: 'Success',
    callerIpAddress: '203.0.113.7',
    identity: { claims: { 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': 'kim@example.org' } },
    ...more,
  });

describe('azure-activity', () => {
  it.each([
    ['Microsoft.Authorization/roleAssignments/write', 'group-changed'],
    ['Microsoft.Compute/virtualMachines/runCommand/action', 'process-start'],
    ['Microsoft.Storage/storageAccounts/listKeys/action', 'directory-access'],
    ['Microsoft.DocumentDB/databaseAccounts/listConnectionStrings/action', 'directory-access'],
    ['Microsoft.Storage/storageAccounts/regenerateKey/action', 'account-changed'],
    ['Microsoft.Insights/diagnosticSettings/delete', 'log-cleared'],
    ['Microsoft.Compute/snapshots/delete', 'config-change'],
    ['Microsoft.Network/networkSecurityGroups/securityRules/write', 'config-change'],
    ['Microsoft.Support/register/read', 'other'],
  ])('%s is %s', (operation, act) => {
    const event = eventOf(azure, record(operation));
    expect(event.act).toBe(act);
    expect(event.fields).toMatchObject({ 'user.name': 'kim', 'source.ip': '203.0.113.7', 'event.outcome': 'success' });
  });

  it('tells the machine and the script of a command', () => {
    const properties = { requestbody: '{"commandId":"RunShellScript","script":["id","cat /etc/shadow"]}' };
    expect(eventOf(azure, record('Microsoft.Compute/virtualMachines/runCommand/action', { properties }))).toMatchObject(
      {
        fields: { 'host.name': 'srv01', 'process.command_line': 'id\ncat /etc/shadow' },
      },
    );
  });

  it('says nothing of the end of what only began', () => {
    const event = eventOf(azure, record('Microsoft.Compute/snapshots/delete', { resultType: 'Start' }));
    expect(event.fields['event.outcome']).toBeUndefined();
  });

  it('Entra ID does not take an operation on auditing settings', () => {
    const line = record('Microsoft.Sql/servers/auditingSettings/write', { properties: { statusCode: 'OK' } });
    expect(readLines(entra, [line])[0]).toMatchObject({ kind: 'rejected' });
    expect(eventOf(azure, line).act).toBe('config-change');
    const signIn =
      '{"time":"2024-06-03T07:00:00Z","operationName":"Sign-in activity","category":"SignInLogs","resourceId":"x"}';
    expect(readLines(azure, [signIn])[0]).toMatchObject({ kind: 'rejected' });
  });

  it('never throws, never takes long', () =>
    expectRobust(azure, [
      record('Microsoft.Compute/snapshots/delete'),
      ...linesOf('azure-activity/portal-csv', 'azure-activity/log-analytics'),
    ]));
});
