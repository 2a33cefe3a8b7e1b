/** The indices of a case. */
export interface CaseIndices {
  /** Alias of the index with the events: what is read and written, and what Kibana is pointed at. */
  readonly events: string;
  /** The index that the alias stands for at first. */
  readonly eventsIndex: string;
  /** What a team shares, and what the writer must remember. */
  readonly state: string;
}

/** `einfallstor-acme-1f2e3d4c` → its indices. */
export const indicesOf = (name: string): CaseIndices => ({
  events: name,
  eventsIndex: `${name}-1`,
  state: `${name}-state`,
});

/** The index that takes the place of one: `einfallstor-acme-1f2e3d4c-1` → `…-2`. */
export const nextIndex = (index: string): string =>
  index.replace(/\d+$/, (number) => String(Number.parseInt(number, 10) + 1));

/** A stable name from the case's own and a digest that tells it from others of that name. */
export const indexName = (caseName: string, digest: string): string => {
  const plain = caseName
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  return `einfallstor-${plain === '' ? 'case' : plain}-${digest.slice(0, 8)}`;
};
