/**
 * What the analysts of a case share when its events lie on a server: journals that only grow. Whoever adds to one sees
 * what others have added; nothing is ever written over.
 */
export interface Shared {
  entries<T>(journal: string): Promise<T[]>;
  /** The entry may depend on how many there are. */
  append(journal: string, entry: (count: number) => unknown): Promise<void>;
  /** Content kept last under a name. */
  last(name: string): Promise<string | undefined>;
  /** Keeps a content beside those kept before. */
  keep(name: string, content: string): Promise<void>;
}
