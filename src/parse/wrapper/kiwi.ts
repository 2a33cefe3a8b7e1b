import { readIso } from '../kit/civil.ts';
import { readWordPriority } from '../kit/priority.ts';
import type { Wrapper } from './wrapper.ts';

// 2021-10-31 23:14:07⇥Local7.Notice⇥192.0.2.1⇥message · 10-31-2021⇥23:14:07⇥Local7.Notice⇥192.0.2.1⇥message
const LINE =
  /^(\d{4}-\d\d-\d\d|\d\d-\d\d-\d{4})[ \t,](\d\d:\d\d:\d\d)[\t,]([A-Za-z]{3,9}\d{0,2}\.[A-Za-z]{4,9})[\t,]([\w.:-]{1,255})[\t,]/;

/** ISO as it stands; of a date with the year last a first part above 12 is the day, else the month: Kiwi's own default. */
const isoDate = (date: string): string => {
  const [a, b, year] = date.split('-') as [string, string, string];
  if (a.length === 4) return date;
  return Number(a) > 12 ? `${year}-${b}-${a}` : `${year}-${a}-${b}`;
};

export const kiwi: Wrapper = {
  id: 'kiwi',
  title: 'Kiwi Syslog Server',
  reference: {
    title: 'SolarWinds: Kiwi Syslog Server, log file formats',
    url: 'https://documentation.solarwinds.com/en/success_center/kss/content/kss_log_file_formats.htm',
  },
  framing: 'line',
  knows: 'stamp',
  open: () => (text) => {
    const m = LINE.exec(text);
    const priority = m === null ? undefined : readWordPriority(m[3] as string);
    if (m === null || priority === undefined) return undefined;
    return {
      text: text.slice(m[0].length),
      time: readIso(`${isoDate(m[1] as string)} ${m[2]}`)?.civil,
      host: m[4],
      priority,
    };
  },
};
