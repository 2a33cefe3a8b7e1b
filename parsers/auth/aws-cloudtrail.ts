import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { isObject, type Json, keepJson, readObject, textAt } from '../../src/parse/kit/json.ts';
import { putCloudIp, readCloudTime } from '../../src/parse/kit/microsoft.ts';
import { once } from '../../src/parse/kit/once.ts';
import { categorise, put, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** A record, perhaps as EventBridge delivers it (`detail`) or as Athena and collectors wrap it. */
const readRecord = once(({ text }: RawRecord): Json | undefined => {
  if (!text.includes('eventSource')) return undefined;
  const object = readObject(text);
  return [object, object?.['detail'], object?.['CloudTrailEvent'], object?.['json'], object?.['aws']]
    .map((one) => (typeof one === 'string' ? readObject(one) : one))
    .filter(isObject)
    .find(
      (one) =>
        /^[a-z0-9.-]{2,64}\.amazonaws\.com$/.test(textAt(one, 'eventSource') ?? '') &&
        textAt(one, 'eventName') !== undefined &&
        textAt(one, 'eventTime') !== undefined,
    );
});

type Meaning = readonly [act: Act, category: string, type: string];

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide and the API references of IAM, STS, CloudTrail, EC2. */
// biome-ignore format: a table
const EVENTS: readonly (readonly [RegExp, ...Meaning])[] = [
  [/^(?:ConsoleLogin|UserAuthentication|CredentialVerification|Authenticate|ExternalIdPDirectoryLogin)$/, 'login', 'authentication', 'start'],
  [/^(?:AssumeRole|AssumeRoleWithSAML|AssumeRoleWithWebIdentity|GetSessionToken|GetFederationToken|SwitchRole|CreateToken)$/, 'explicit-credentials', 'authentication', 'start'],
  [/^(?:CheckMfa|CredentialChallenge)$/, 'mfa-challenge', 'authentication', 'info'],
  [/^(?:Logout|SignOut)$/, 'logout', 'authentication', 'end'],
  [/^(?:CreateUser|AdminCreateUser)$/, 'account-created', 'iam', 'creation'],
  [/^(?:CreateAccessKey|UpdateAccessKey|DeleteAccessKey|CreateLoginProfile|UpdateLoginProfile|DeleteLoginProfile|ChangePassword|PasswordRecovery\w*|DeleteUser|UpdateUser|\w*MFADevice|CreateServiceSpecificCredential|UploadSSHPublicKey|UploadSigningCertificate)$/, 'account-changed', 'iam', 'change'],
  [/^(?:\w+(?:UserPolicy|RolePolicy|GroupPolicy)|AddUserToGroup|RemoveUserFromGroup|CreateGroup|DeleteGroup|CreateRole|DeleteRole|UpdateAssumeRolePolicy|AddRoleToInstanceProfile)$/, 'group-changed', 'iam', 'change'],
  [/^(?:StopLogging|DeleteTrail|DeleteFlowLogs|DeleteLogGroup|DeleteLogStream|DeleteDetector|DisableSecurityHub)$/, 'log-cleared', 'configuration', 'deletion'],
  [/^(?:GetObject|PutObject|DeleteObject|DeleteObjects|CopyObject|ListBuckets|ListObjects\w*)$/, 'share-access', 'file', 'access'],
  [/^(?:Create|Put|Update|Delete|Modify|Attach|Detach|Associate|Disassociate|Authorize|Revoke|Enable|Disable|Run|Start|Stop|Terminate|Reboot|Register|Deregister|Set|Add|Remove|Import|Export|Restore|Share|Replace|Schedule|Tag|Untag)[A-Z]/, 'config-change', 'configuration', 'change'],
];

const meaningOf = (name: string): Meaning => {
  const found = EVENTS.find(([pattern]) => pattern.test(name));
  return found === undefined ? ['other', 'api', 'info'] : [found[1], found[2], found[3]];
};

/** The name behind the last slash of an ARN: `…:assumed-role/Admin/k.maier`, `…:user/team/k.maier`; `root`. */
const nameOf = (identity: unknown): string | undefined => {
  if (textAt(identity, 'type') === 'Root') return 'root';
  const arn = textAt(identity, 'arn');
  return (
    textAt(identity, 'userName') ??
    (arn?.includes('/') === true ? arn.slice(arn.lastIndexOf('/') + 1) : undefined) ??
    textAt(identity, 'invokedBy', 'principalId')
  );
};

const putActor = (fields: Fields, record: Json): void => {
  const identity = record['userIdentity'];
  putUser(fields, 'user', nameOf(identity));
  put(fields, 'user.id', textAt(identity, 'principalId', 'credentialId'));
  const role = textAt(identity, 'sessionContext.sessionIssuer.userName');
  put(fields, 'user.effective.name', role);
  put(fields, 'cloud.account.id', textAt(record, 'recipientAccountId') ?? textAt(identity, 'accountId'));
  const target = textAt(
    record,
    'requestParameters.userName',
    'requestParameters.roleName',
    'requestParameters.groupName',
  );
  put(fields, 'user.target.name', textAt(record, 'requestParameters.userName'));
  put(
    fields,
    'einfallstor.change.object',
    target ??
      textAt(
        record,
        'requestParameters.roleArn',
        'requestParameters.name',
        'requestParameters.bucketName',
        'requestParameters.groupId',
      ),
  );
};

const failed = (record: Json): boolean =>
  textAt(record, 'errorCode') !== undefined ||
  /^Fail/i.test(
    textAt(
      record,
      'responseElements.ConsoleLogin',
      'responseElements.CheckMfa',
      'serviceEventDetails.UserAuthentication',
      'serviceEventDetails.CredentialVerification',
    ) ?? '',
  ) ||
  /failed authentication/i.test(textAt(record, 'errorMessage') ?? '');

const MAPPED = new Set('eventTime eventName eventSource sourceIPAddress userAgent awsRegion'.split(' '));

const claims = (record: RawRecord): boolean => readRecord(record) !== undefined;

const open: Parser['open'] =
  ({ clock }) =>
  (record) => {
    if (record.text.trim() === '') return BLANK;
    const event = readRecord(record);
    if (event === undefined) return rejected('not-this-format', 'no record of CloudTrail');
    const time = readCloudTime(textAt(event, 'eventTime'));
    if (time === undefined) return rejected('bad-time', 'eventTime is no time');
    const fields: Fields = {};
    clock.stamp(fields, time);
    const name = textAt(event, 'eventName') as string;
    const [act, category, type] = meaningOf(name);
    putActor(fields, event);
    // a service of AWS calls by name: ec2.amazonaws.com
    const source = textAt(event, 'sourceIPAddress');
    if (!putCloudIp(fields, 'source', source)) put(fields, 'source.address', source);
    put(fields, 'user_agent.original', textAt(event, 'userAgent')?.slice(0, 4000));
    put(fields, 'event.action', name);
    put(fields, 'event.provider', textAt(event, 'eventSource'));
    put(fields, 'event.code', textAt(event, 'eventType'));
    put(fields, 'event.reason', textAt(event, 'errorMessage', 'errorCode'));
    put(fields, 'error.code', textAt(event, 'errorCode'));
    put(fields, 'cloud.provider', 'aws');
    put(fields, 'cloud.region', textAt(event, 'awsRegion'));
    const file = textAt(event, 'requestParameters.key');
    if (act === 'share-access') put(fields, 'file.path', file);
    const mfa = textAt(event, 'additionalEventData.MFAUsed');
    if (act === 'login') {
      fields['service.type'] = 'web';
      put(
        fields,
        'einfallstor.login.method',
        mfa === undefined ? undefined : mfa === 'Yes' ? 'password and second factor' : 'password',
      );
    }
    const outcome = failed(event) ? 'failure' : 'success';
    categorise(fields, [category], [outcome === 'failure' && type === 'start' ? 'info' : type], outcome);
    keepJson(fields, 'aws.cloudtrail', event, MAPPED);
    relateAddresses(fields, record.text.slice(0, 65_536));
    return { kind: 'event', act, fields };
  };

export default {
  id: 'aws-cloudtrail',
  title: 'AWS CloudTrail',
  references: [
    {
      title: 'AWS: CloudTrail record contents',
      url: 'https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html',
    },
    {
      title: 'AWS: console sign-in events',
      url: 'https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html',
    },
    {
      title: 'AWS: userIdentity',
      url: 'https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html',
    },
  ],
  framing: 'json',
  states: { zone: 'stated', year: 'stated', resolution: 's' },
  families: [
    'records one a line, in a list of Records, or wrapped by EventBridge: sign-ins, roles, keys, users and policies, trails stopped, objects of S3; any other call by name',
  ],
  recognise: recogniseBy(claims, 'are records of CloudTrail', 0.98),
  claims,
  open,
} satisfies Parser as Parser;
