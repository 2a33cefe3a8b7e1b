/** The indices of a case. */
export interface CaseIndices {
  /** Alias of the index with the events: what Kibana is pointed at. */
  readonly events: string;
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

/** A stable name from the case's own and a digest that tells it from others of that name. */
export const indexName = (caseName: string, digest: string): string => {
  const plain = caseName
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  return `einfallstor-${plain === '' ? 'case' : plain}-${digest.slice(0, 8)}`;
};
