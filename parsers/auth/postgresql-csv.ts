import type { Fields } from '../../src/ecs/event.ts';
import { readIso } from '../../src/parse/kit/civil.ts';
import { readCsv } from '../../src/parse/kit/csv.ts';
import { openReports, splitClient } from '../../src/parse/kit/postgresql.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// 2021-11-02 08:15:30.123 CET,"kim","praxis",1234,"192.0.2.7:50112",6180e6d2.4d2,2,"authentication",2021-11-02 08:15:30 CET,3/5,0,FATAL,28P01,"password …",…
const ROW =
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} ([A-Z]{3,5}|[+-]\d\d(?::?\d\d)?),(?:"(?:[^"]|""){0,512}")?,(?:"(?:[^"]|""){0,512}")?,\d{1,10},(?:"[^"]{0,300}")?,[\da-f]{1,16}\.[\da-f]{1,8},\d{1,10},/;
/** Columns of version 9.0; later ones add the kind of process and more behind them. */
const LEAST = 23;

const claims = ({ text }: RawRecord): boolean => ROW.test(text);

const open: Parser['open'] = ({ clock }) => {
  const putReport = openReports();
  return (record) => {
    if (record.text.trim() === '') return BLANK;
    const zone = ROW.exec(record.text)?.[1];
    if (zone === undefined) return rejected('not-this-format', 'no row of csvlog');
    const cells = readCsv(record.text);
    if (cells === undefined || cells.length < LEAST) return rejected('truncated', 'a row of csvlog that was cut');
    const fields: Fields = {};
    const read = readIso(cells[0] as string);
    clock.stamp(fields, read === undefined || read.civil.offset !== undefined ? read?.civil : { ...read.civil, zone });
    const report = {
      user: cells[1],
      database: cells[2],
      pid: cells[3],
      ...splitClient(cells[4]),
      level: cells[11] as string,
      state: cells[12],
      message: cells[13] as string,
      detail: cells[14],
      program: cells[22],
    };
    return { kind: 'event', act: putReport(fields, report), fields };
  };
};

export default {
  id: 'postgresql-csv',
  title: 'PostgreSQL server log: csvlog',
  references: [
    {
      title: 'PostgreSQL: Using CSV-format log output',
      url: 'https://www.postgresql.org/docs/current/runtime-config-logging.html#RUNTIME-CONFIG-LOGGING-CSVLOG',
    },
  ],
  framing: 'csv',
  states: { zone: 'stated', year: 'stated', resolution: 'ms' },
  versions: ['9.6–17'],
  families: ['the reports of the server log, one a row'],
  recognise: recogniseBy(claims, 'are rows of csvlog'),
  claims,
  open,
} satisfies Parser as Parser;
