import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { categorise, put, putNumber } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { readSendmail } from '../../src/parse/kit/sendmail.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

const PROGRAM = /^(?:sendmail|sm-(?:mta|msp|que|msp-queue|acceptingconnections|cronjob)|sm-mta-\w{1,16}|newaliases)$/;
// s1P819mk027713: · NOQUEUE: · not STARTTLS:, poststats:
const QUEUE_ID = /^(NOQUEUE|[0-9A-Za-z]{2,9}\d{4,9}): /;

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const { civil, host, program, pid, message } = record.envelope;
    if (!claims(record)) return rejected('not-this-format', 'sendmail did not write it');
    const fields: Fields = {};
    const id = QUEUE_ID.exec(message);
    const body = message.slice(id?.[0].length ?? 0).trimEnd();
    const act = readSendmail(fields, body);
    if (act === undefined) categorise(fields, ['email'], ['info']);
    clock.stamp(fields, civil);
    put(fields, 'host.name', host);
    put(fields, 'process.name', program);
    putNumber(fields, 'process.pid', pid);
    put(fields, 'email.local_id', id?.[1] === 'NOQUEUE' ? undefined : id?.[1]);
    fields['message'] = message;
    relateAddresses(fields, body.slice(0, 8192));
    const state = act === undefined && /^(?:starting daemon|restarting|stopping|alias database)/.test(body);
    return { kind: 'event', act: act ?? (state ? 'source-state' : 'other'), fields };
  };

const claims = ({ envelope }: RawRecord): boolean => envelope.program !== undefined && PROGRAM.test(envelope.program);

export default {
  id: 'sendmail',
  title: 'Sendmail mail server',
  references: [
    {
      title: 'Sendmail Installation and Operation Guide, 2.1 The System Log',
      url: 'https://www.sendmail.org/~ca/email/doc8.12/op-sh-2.html',
    },
    { title: 'SMTP AUTH in sendmail', url: 'https://www.sendmail.org/~ca/email/auth.html' },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: [
    'from= and to= of each mail, rejections of rule sets and milters, logins and their failures, TLS, connection troubles',
  ],
  recognise: recogniseBy(claims, 'are of sendmail', 0.96),
  claims,
  open,
} satisfies Parser as Parser;
