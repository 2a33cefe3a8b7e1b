import { type Json, textAt } from '../kit/json.ts';
import { integerOf, jsonPeel, type Peel, priorityOf, readStamp, type Wrapper } from './wrapper.ts';

/** A value that is no valid text is a list of bytes. */
const fieldText = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  // a field that was given several times is a list of texts
  if (typeof value[0] === 'string') return value[0];
  return Buffer.from(value.filter((byte): byte is number => typeof byte === 'number')).toString('utf8');
};

const entry = (fields: Json): Peel => {
  const text = fieldText(fields['MESSAGE']);
  const received = textAt(fields, '__REALTIME_TIMESTAMP');
  if (text === undefined || received === undefined) return undefined;
  return {
    text,
    // as `journalctl` prints it: the sender's own time where it gave one
    time: readStamp(textAt(fields, '_SOURCE_REALTIME_TIMESTAMP')) ?? readStamp(received),
    host: textAt(fields, '_HOSTNAME'),
    program:
      textAt(fields, 'SYSLOG_IDENTIFIER') ??
      (fields['_TRANSPORT'] === 'kernel' ? 'kernel' : textAt(fields, '_COMM', '_SYSTEMD_UNIT')),
    pid: integerOf(textAt(fields, 'SYSLOG_PID', '_PID')),
    priority: priorityOf(integerOf(fields['SYSLOG_FACILITY']), integerOf(fields['PRIORITY'])),
  };
};

const REFERENCE = { title: 'systemd: Journal export formats', url: 'https://systemd.io/JOURNAL_EXPORT_FORMATS/' };

// { "__REALTIME_TIMESTAMP" : "1635718447123456", "_HOSTNAME" : "mx1", "SYSLOG_IDENTIFIER" : "sshd", "MESSAGE" : "…" }
export const journaldJson: Wrapper = {
  id: 'journald-json',
  title: 'systemd journal files; journalctl -o json',
  reference: REFERENCE,
  framing: 'json',
  knows: 'stamp',
  open: jsonPeel(/"__REALTIME_TIMESTAMP"/, entry),
};

/** Bytes of the size in front of a value that may hold any byte. */
const SIZE = 8;

/** `NAME=value` lines; a name alone on its line is followed by a 64-bit size, little-endian, and that many bytes. */
const readExport = (text: string): Json => {
  const fields: Record<string, string> = {};
  let at = 0;
  while (at < text.length) {
    let end = text.indexOf('\n', at);
    if (end < 0) end = text.length;
    const line = text.slice(at, end);
    const equals = line.indexOf('=');
    if (equals > 0) {
      fields[line.slice(0, equals)] ??= line.slice(equals + 1);
      at = end + 1;
    } else if (/^[A-Z_][A-Z0-9_]{0,63}$/.test(line) && end + 1 + SIZE < text.length) {
      let size = 0;
      for (let n = 3; n >= 0; n -= 1) size = size * 256 + (text.charCodeAt(end + 1 + n) & 0xff);
      const from = end + 1 + SIZE;
      // bytes, not characters; a text of `size` characters has at least as many bytes
      const value = Buffer.from(text.slice(from, from + size))
        .subarray(0, size)
        .toString('utf8');
      fields[line] ??= value;
      at = from + value.length + 1;
    } else at = end + 1;
  }
  return fields;
};

const ENTRY = /^__CURSOR=/;

// __CURSOR=s=…;i=…\n__REALTIME_TIMESTAMP=1635718447123456\n_HOSTNAME=mx1\nMESSAGE=…\n\n
export const journaldExport: Wrapper = {
  id: 'journald-export',
  title: 'journalctl -o export',
  reference: REFERENCE,
  framing: { startsWith: ENTRY },
  knows: 'stamp',
  open: () => (text) => (ENTRY.test(text) ? entry(readExport(text)) : undefined),
};

// -- Logs begin at Sun 2021-10-31 … · -- Journal begins at … · -- Reboot -- · -- Boot 5b1e… -- · -- cursor: s=…
const NOTE = /^-- (?:Logs begin|Journal begins|Reboot --|Boot [0-9a-f]{32}|No entries|cursor: )/;

export const journaldNotes: Wrapper = {
  id: 'journald',
  title: 'journalctl -o short and its variants: remarks between the lines, which are syslog',
  reference: { title: 'journalctl(1)', url: 'https://www.freedesktop.org/software/systemd/man/latest/journalctl.html' },
  framing: 'line',
  knows: 'stamp',
  open: () => (text) => (NOTE.test(text) ? 'header' : undefined),
};
