import { isObject, valueAt } from './json.ts';

/** `4624`, `{"#text": 4624, …}` (evtx_dump), `{"Value": 4624}` (Velociraptor) */
export const windowsText = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.map((item) => windowsText(item) ?? '').join(', ');
  return isObject(value) ? windowsText(valueAt(value, '#text', 'Value', '_', 'text')) : undefined;
};

export const windowsTextAt = (object: unknown, ...names: readonly string[]): string | undefined =>
  windowsText(valueAt(object, ...names));

/** Most values one event has; Windows' own events have fewer than a hundred. */
const DATA_MAX = 2000;

export const putData = (data: Map<string, string>, name: string, value: unknown): void => {
  if (data.size >= DATA_MAX) return;
  const flat = isObject(value) && windowsText(value) === undefined ? JSON.stringify(value) : windowsText(value);
  if (flat !== undefined && !data.has(name)) data.set(name, flat);
};

/** Event data as a plain object, as a list of `{"@Name"/"Name", "#text"}`, or as values without names. */
export const readWindowsData = (
  source: unknown,
  rename: (name: string) => string = (name) => name,
): Map<string, string> => {
  const data = new Map<string, string>();
  if (!isObject(source)) return data;
  const list = source['Data'];
  for (const [n, item] of (Array.isArray(list) ? list : isObject(list) ? [list] : []).slice(0, 500).entries()) {
    putData(
      data,
      windowsTextAt(item, '@Name', 'Name', '#attributes.Name', '@attributes.Name') ?? `param${n + 1}`,
      isObject(item) ? (windowsText(item) ?? '') : item,
    );
  }
  for (const [name, value] of Object.entries(source)) {
    if (
      name === '#attributes' ||
      name === '@attributes' ||
      name.startsWith('xmlns') ||
      (name === 'Data' && typeof value === 'object')
    )
      continue;
    // UserData holds one element with the values below it: LogFileCleared, EventXML
    if (isObject(value) && windowsText(value) === undefined)
      for (const [inner, v] of readWindowsData(value, rename)) putData(data, inner, v);
    else putData(data, rename(name), value);
    // values without names on one line: `{NA}, EXAMPLE\\kim, VPN2-1`
    if (name === 'Data' && typeof value === 'string')
      for (const [n, item] of value.split(', ', 100).entries()) putData(data, `param${n + 1}`, item);
  }
  return data;
};
