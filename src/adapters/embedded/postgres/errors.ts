type PostgresFailure =
  | 'disk-full'
  | 'version-mismatch'
  | 'port-taken'
  | 'no-user'
  | 'no-binaries'
  | 'no-place'
  | 'not-ours'
  | 'damaged'
  | 'crashed';

/** The embedded PostgreSQL cannot run; the message says why and what to do. */
export class EmbeddedPostgresFailed extends Error {
  override readonly name = 'EmbeddedPostgresFailed';
  readonly failure: PostgresFailure;
  readonly dataDir: string;

  constructor(failure: PostgresFailure, dataDir: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.failure = failure;
    this.dataDir = dataDir;
  }
}

interface Symptom {
  readonly pattern: RegExp;
  readonly failure: PostgresFailure;
  readonly advice: string;
}

const SYMPTOMS: readonly Symptom[] = [
  {
    pattern: /No space left on device|Disk quota exceeded/,
    failure: 'disk-full',
    advice: 'the disk is full: free some space and start again, nothing that was committed is lost',
  },
  {
    pattern: /Address (already|not available) in use|could not bind .*Address/,
    failure: 'port-taken',
    advice: 'its port is taken by another program: choose another port or none',
  },
  {
    pattern: /incompatible with server|initialized by PostgreSQL version/,
    failure: 'version-mismatch',
    advice:
      'its data was written by another version of PostgreSQL: dump it with that version, or point DATABASE_URL at a server that can read it',
  },
  {
    pattern: /could not locate a valid checkpoint|invalid page in block|invalid checkpoint record/,
    failure: 'damaged',
    advice: 'its data is damaged: restore a backup into an empty data folder',
  },
];

/** Turns what the server wrote before it ended into a failure that says what to do. */
export function diagnose(
  dataDir: string,
  exit: number | Error,
  lines: readonly string[],
): EmbeddedPostgresFailed {
  const text = lines.join('\n');
  const symptom = SYMPTOMS.find(({ pattern }) => pattern.test(text));
  const said = text === '' ? '' : `; it said:\n${text}`;
  if (symptom !== undefined) {
    return new EmbeddedPostgresFailed(
      symptom.failure,
      dataDir,
      `PostgreSQL on ${dataDir}: ${symptom.advice}${said}`,
    );
  }
  const how = exit instanceof Error ? `did not start (${exit.message})` : `ended with code ${exit}`;
  return new EmbeddedPostgresFailed('crashed', dataDir, `PostgreSQL on ${dataDir} ${how}${said}`, exit);
}
