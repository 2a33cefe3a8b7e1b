/** An entry of a table by a name that evidence chose: `constructor` and the like are no entries. */
export const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;
