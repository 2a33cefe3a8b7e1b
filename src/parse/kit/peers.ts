/** So many peers of one stream are remembered. */
export const PEERS_MAX = 10_000;

/** What the lines of a stream have told of each peer; beyond the limit the one not heard of for longest is forgotten. */
export interface Peers<Peer> {
  /** What is known of a peer, which counts as heard of now; without a key one that is not remembered. */
  of(key: string | undefined): Peer;
  get(key: string): Peer | undefined;
  put(key: string, peer: Peer): void;
  forget(key: string | undefined): void;
  clear(): void;
}

/** `unknown` makes a peer of which nothing is known yet. */
export const openPeers = <Peer>(unknown: () => Peer): Peers<Peer> => {
  const known = new Map<string, Peer>();
  const put = (key: string, peer: Peer): void => {
    known.delete(key);
    if (known.size >= PEERS_MAX) known.delete(known.keys().next().value as string);
    known.set(key, peer);
  };
  return {
    of: (key) => {
      if (key === undefined) return unknown();
      const peer = known.get(key) ?? unknown();
      put(key, peer);
      return peer;
    },
    get: (key) => known.get(key),
    put,
    forget: (key) => {
      if (key !== undefined) known.delete(key);
    },
    clear: () => known.clear(),
  };
};
