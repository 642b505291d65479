/** Why a model that was offered is not installed: told to the cloud as `code: detail`. */
export class ModelRejected extends Error {
  override readonly name = 'ModelRejected';
  readonly code: RejectionCode;

  constructor(code: RejectionCode, detail: string) {
    super(`${code}: ${detail}`.slice(0, 500));
    this.code = code;
  }
}

export type RejectionCode =
  | 'checksum'
  | 'expired'
  | 'lost-file'
  | 'missing-metadata'
  | 'no-history'
  | 'size-mismatch'
  | 'too-large'
  | 'unknown-layout'
  | 'untrusted'
  | 'unusable-model'
  | 'wrong-site'
  | 'wrong-version';

/** The download stopped before its end; what arrived is kept and the next attempt goes on from there. */
export class DownloadInterrupted extends Error {
  override readonly name = 'DownloadInterrupted';
}

/** Node's `fetch` hides behind two words what went wrong: a refused connection, an unknown name, a redirection. */
const hiddenBy = ({ message, cause }: Error): string =>
  message === 'fetch failed' && cause instanceof Error ? `${message}: ${messageOf(cause)}` : message;

/** What an error says, for people. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Several addresses of one host were tried.
  const [first] = error instanceof AggregateError ? error.errors : [];
  return first === undefined || error.message !== '' ? hiddenBy(error) : messageOf(first);
}
