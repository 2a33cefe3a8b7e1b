/** How every DuckDB of ours is opened: it downloads nothing, sees one directory tree, and its settings are final. */
export interface EngineOptions {
  /** The only directory tree it may touch. */
  readonly directory: string;
  /** Where it spills what does not fit into memory. */
  readonly temporary: string;
  readonly threads: number;
  /** `512MB` */
  readonly memory: string;
}

export const configOf = (options: EngineOptions): Readonly<Record<string, string>> => ({
  threads: String(options.threads),
  memory_limit: options.memory,
  temp_directory: options.temporary,
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
});

/** Statements to run before any other; after the last one nothing can be set any more. */
export const lockdownOf = (options: EngineOptions): readonly string[] => [
  `SET allowed_directories = ['${options.directory.replaceAll("'", "''")}']`,
  'SET enable_external_access = false',
  'SET lock_configuration = true',
];

/** Where readers spill: `tmp/read-<process>-<number>`; DuckDB makes it when it needs it. */
export const READING = 'read-';
