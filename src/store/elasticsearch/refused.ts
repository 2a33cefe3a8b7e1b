import { EinfallstorError } from '../../core/errors.ts';

/** What the client library throws, as far as it is looked at. */
interface Thrown {
  readonly name?: string;
  readonly message?: string;
  readonly statusCode?: number | undefined;
  readonly meta?: { readonly body?: { readonly error?: Cause } };
  readonly cause?: unknown;
}

export interface Cause {
  readonly type?: string;
  readonly reason?: string;
  readonly caused_by?: Cause;
  readonly root_cause?: readonly Cause[];
}

const causeOf = (error: Thrown): Cause => error.meta?.body?.error ?? {};

/** The innermost reason, which says most. */
export const reasonOf = (cause: Cause): string => {
  const inner = cause.caused_by === undefined ? '' : reasonOf(cause.caused_by);
  return [cause.reason ?? cause.type ?? '', inner].filter((text) => text !== '').join(': ');
};

export const statusOf = (error: unknown): number | undefined => (error as Thrown).statusCode;

export const typesOf = (error: unknown): readonly string[] => {
  const cause = causeOf(error as Thrown);
  return [cause, ...(cause.root_cause ?? [])].flatMap(({ type }) => type ?? []);
};

const CONNECTION = new Set(['ConnectionError', 'TimeoutError', 'NoLivingConnectionsError', 'RequestAbortedError']);

/** The error of one document of a bulk request, as if it had been asked alone. */
export const itemError = ({ status, error }: { readonly status: number; readonly error?: unknown }): Error =>
  Object.assign(new Error('a document was refused'), { statusCode: status, meta: { body: { error } } });

/** Whether the same request may succeed later: the server is busy, away, or for now does not take writes. */
export const isPassing = (error: unknown): boolean => {
  const { name = '' } = error as Thrown;
  if (isCertificate(error)) return false;
  if (CONNECTION.has(name)) return true;
  return isPassingStatus(statusOf(error) ?? 0) || typesOf(error).includes('cluster_block_exception');
};

export const isPassingStatus = (status: number): boolean => [408, 429, 502, 503, 504].includes(status);

/** The point in time is gone: the server was restarted, or nobody asked for long. */
export const isForgotten = (error: unknown): boolean =>
  statusOf(error) === 404 && typesOf(error).includes('search_context_missing_exception');

/** A server's circuit breaker, or the client's own limit of half a gigabyte. */
export const isTooLarge = (error: unknown): boolean =>
  typesOf(error).includes('circuit_breaking_exception') ||
  ((error as Thrown).name === 'RequestAbortedError' && /bigger than the maximum/.test(messages(error)));

const CERTIFICATE = /CERT|SELF.SIGNED|UNABLE_TO_VERIFY|certificate|fingerprint/i;

const messages = (error: unknown): string => {
  const { message = '', cause, code } = error as Thrown & { code?: string };
  return `${code ?? ''} ${message}${cause === undefined ? '' : ` ${messages(cause)}`}`;
};

const isCertificate = (error: unknown): boolean =>
  (error as Thrown).name === 'ConnectionError' && CERTIFICATE.test(messages(error));

const store = (message: string, hint: string, cause: unknown): EinfallstorError =>
  new EinfallstorError('STORE', message, hint, { cause });

const FLOOD =
  'Free disk space on the server (its flood-stage watermark blocks writes), then run the command again: it goes on where it stopped.';

/** What an operator can do about a server's refusal; anything else is a bug and stays what it is. */
export const refused = (error: unknown, url: string): unknown => {
  if (error instanceof EinfallstorError) return error;
  const thrown = error as Thrown;
  const reason = reasonOf(causeOf(thrown)) || (thrown.message ?? '').split('\n', 1)[0];
  if (isCertificate(error))
    return store(
      `the certificate of ${url} is not trusted: ${reason}`,
      'Name the CA with ELASTICSEARCH_CA_FILE or ELASTICSEARCH_CA_FINGERPRINT, and the server by the name in its certificate.',
      error,
    );
  if (CONNECTION.has(thrown.name ?? ''))
    return store(
      `${url} cannot be reached: ${reason}`,
      'Is the server running, and is it http or https? `npm run elasticsearch` starts one for trying out.',
      error,
    );
  if (thrown.name === 'ProductNotSupportedError')
    return store(`${url} is no Elasticsearch`, 'Elasticsearch 8 and 9 are supported, no other product.', error);
  switch (thrown.statusCode) {
    case undefined:
      return error;
    case 401:
      return store(
        `${url} does not accept who asks (401): ${reason}`,
        'Set ELASTICSEARCH_API_KEY, or ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD.',
        error,
      );
    case 403:
      if (typesOf(error).includes('cluster_block_exception'))
        return store(`${url} takes no writes: ${reason}`, FLOOD, error);
      return store(
        `a right is missing on ${url} (403): ${reason}`,
        'The rights needed on einfallstor-*: create_index, read, write, manage, view_index_metadata; see docs/elasticsearch.md.',
        error,
      );
    case 404:
      return store(
        `${url} does not have what was asked for: ${reason}`,
        'Is this the server of the case? `einfallstor case info` and ELASTICSEARCH_URL say which one is asked.',
        error,
      );
    case 429:
      return typesOf(error).includes('cluster_block_exception')
        ? store(`${url} takes no writes: ${reason}`, FLOOD, error)
        : store(`${url} is overloaded: ${reason}`, 'Run the command again: it goes on where it stopped.', error);
    default:
      return store(
        `${url} refused a request (${thrown.statusCode}): ${reason}`,
        'The log of the server says more.',
        error,
      );
  }
};
