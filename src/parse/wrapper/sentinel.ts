import { readIso, readSlashed } from '../kit/civil.ts';
import { type Json, textAt } from '../kit/json.ts';
import { jsonPeel, type Peel, readStamp, type Wrapper } from './wrapper.ts';

/** Columns of the table by the key of the extension that they were, in Microsoft's own mapping. */
const COLUMNS: readonly (readonly [key: string, column: string])[] = (
  'act=DeviceAction app=ApplicationProtocol cat=DeviceEventCategory cnt=EventCount destinationDnsDomain=DestinationDnsDomain ' +
  'destinationServiceName=DestinationServiceName destinationTranslatedAddress=DestinationTranslatedAddress ' +
  'destinationTranslatedPort=DestinationTranslatedPort deviceDirection=CommunicationDirection deviceDnsDomain=DeviceDnsDomain ' +
  'deviceExternalId=DeviceExternalID deviceFacility=DeviceFacility deviceInboundInterface=DeviceInboundInterface ' +
  'deviceNtDomain=DeviceNtDomain deviceOutboundInterface=DeviceOutboundInterface devicePayloadId=DevicePayloadId ' +
  'deviceProcessName=ProcessName deviceTranslatedAddress=DeviceTranslatedAddress dhost=DestinationHostName ' +
  'dmac=DestinationMACAddress dntdom=DestinationNTDomain dpid=DestinationProcessId dpriv=DestinationUserPrivileges ' +
  'dproc=DestinationProcessName dpt=DestinationPort dst=DestinationIP dtz=DeviceTimeZone duid=DestinationUserID ' +
  'duser=DestinationUserName dvc=DeviceAddress dvchost=DeviceName dvcmac=DeviceMacAddress dvcpid=ProcessID ' +
  'externalId=ExtID fileHash=FileHash fileId=FileID filePath=FilePath filePermission=FilePermission fileType=FileType ' +
  'fname=FileName fsize=FileSize in=ReceivedBytes out=SentBytes msg=Message outcome=EventOutcome proto=Protocol reason=Reason ' +
  'request=RequestURL requestClientApplication=RequestClientApplication requestContext=RequestContext requestCookies=RequestCookies ' +
  'requestMethod=RequestMethod rt=ReceiptTime shost=SourceHostName smac=SourceMACAddress sntdom=SourceNTDomain ' +
  'sourceDnsDomain=SourceDnsDomain sourceServiceName=SourceServiceName sourceTranslatedAddress=SourceTranslatedAddress ' +
  'sourceTranslatedPort=SourceTranslatedPort spid=SourceProcessId spriv=SourceUserPrivileges sproc=SourceProcessName ' +
  'spt=SourcePort src=SourceIP suid=SourceUserID suser=SourceUserName ' +
  'cs1=DeviceCustomString1 cs1Label=DeviceCustomString1Label cs2=DeviceCustomString2 cs2Label=DeviceCustomString2Label ' +
  'cs3=DeviceCustomString3 cs3Label=DeviceCustomString3Label cs4=DeviceCustomString4 cs4Label=DeviceCustomString4Label ' +
  'cs5=DeviceCustomString5 cs5Label=DeviceCustomString5Label cs6=DeviceCustomString6 cs6Label=DeviceCustomString6Label ' +
  'cn1=DeviceCustomNumber1 cn1Label=DeviceCustomNumber1Label cn2=DeviceCustomNumber2 cn2Label=DeviceCustomNumber2Label ' +
  'cn3=DeviceCustomNumber3 cn3Label=DeviceCustomNumber3Label flexString1=FlexString1 flexString1Label=FlexString1Label ' +
  'flexString2=FlexString2 flexString2Label=FlexString2Label'
)
  .split(' ')
  .map((pair) => pair.split('=') as [string, string]);

const US = /^\d\d?\/\d\d?\/\d{4},? /;
const two = (n: number): string => String(n).padStart(2, '0');

/** The tables' times are UTC; the portal writes them in US order and without a zone. */
export const azureTime = (value: string | undefined): ReturnType<typeof readStamp> => {
  if (value === undefined || !US.test(value)) return readStamp(value);
  const civil = readSlashed(value, 0, 'month')?.civil;
  return civil === undefined ? undefined : { ...civil, offset: 0 };
};

/** The same as CEF has it. */
const isoOf = (value: string | undefined): string | undefined => {
  const civil =
    value !== undefined && US.test(value) ? readSlashed(value, 0, 'month')?.civil : readIso(value ?? '')?.civil;
  if (civil?.year === undefined) return undefined;
  const { year, month, day, hour, minute, second, micros } = civil;
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}.${String(micros).padStart(6, '0')}Z`;
};

const inHeader = (text: string | undefined): string =>
  (text ?? '').replaceAll(/[\\|]/g, '\\$&').replaceAll(/[\r\n]+/g, ' ');
const inExtension = (text: string): string =>
  text.replaceAll(/[\\=]/g, '\\$&').replaceAll('\r', '\\r').replaceAll('\n', '\\n');

/** `FTNTFGTlogid=0000000013;FTNTFGTsubtype=forward`: what has no column; a value may hold a semicolon. */
const further = (text: string | undefined): (readonly [string, string])[] =>
  (text ?? '').split(/;(?=[\w.[\]-]{1,128}=)/, 500).flatMap((pair) => {
    const equals = pair.indexOf('=');
    return equals < 1 ? [] : [[pair.slice(0, equals).trim(), pair.slice(equals + 1)] as const];
  });

/**
 * A row of CommonSecurityLog is a CEF record that the collector took apart. It is put together again, so that the product's
 * parser reads it as it would have come.
 */
export const commonSecurityRecord = (row: Json): Peel => {
  const [vendor, product] = [textAt(row, 'DeviceVendor'), textAt(row, 'DeviceProduct')];
  if (vendor === undefined || product === undefined) return undefined;
  const header = [
    vendor,
    product,
    textAt(row, 'DeviceVersion'),
    textAt(row, 'DeviceEventClassID'),
    textAt(row, 'Activity'),
    textAt(row, 'LogSeverity'),
  ].map(inHeader);
  const pairs = [
    ['start', isoOf(textAt(row, 'StartTime'))],
    ['end', isoOf(textAt(row, 'EndTime'))],
    ...COLUMNS.map(([key, column]) => [key, textAt(row, column)]),
    ...further(textAt(row, 'AdditionalExtensions')),
  ] as (readonly [string, string | undefined])[];
  const extension = pairs.flatMap(([key, value]) =>
    value === undefined || value === '' ? [] : [`${key}=${inExtension(value)}`],
  );
  return {
    text: `CEF:0|${header.join('|')}|${extension.join(' ')}`,
    time: azureTime(textAt(row, 'TimeGenerated')),
    host: textAt(row, 'Computer'),
    sourcetype: 'CommonSecurityLog',
  };
};

// {"TimeGenerated":"2021-10-31T22:14:07Z","DeviceVendor":"Fortinet","DeviceProduct":"Fortigate","Activity":"traffic:forward close","SourceIP":"192.0.2.7",…}
export const sentinel: Wrapper = {
  id: 'sentinel',
  title: 'Microsoft Sentinel: rows of the CommonSecurityLog table as JSON',
  reference: {
    title: 'Microsoft Sentinel: CEF and CommonSecurityLog field mapping',
    url: 'https://learn.microsoft.com/azure/sentinel/cef-name-mapping',
  },
  framing: 'json',
  knows: 'collection',
  open: jsonPeel(/"DeviceVendor"/, (row) =>
    textAt(row, 'TimeGenerated') === undefined || textAt(row, 'Activity', 'DeviceEventClassID') === undefined
      ? undefined
      : commonSecurityRecord(row),
  ),
};
