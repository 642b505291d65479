import { BadSetting } from './settings/read.ts';

/** Errors whose own message already says what to do. */
const PLAIN = new Set([
  'BadSetting',
  'CsvError',
  'UnknownZone',
  'UnusableData',
  'EmbeddedPostgresFailed',
  'FolderInUse',
  'FolderUnusable',
  'DeviceStoreUnusable',
  'MigrationChanged',
  'MigrationsOutstanding',
  'BadConnectionString',
  'PricesUnfit',
  'TelemetryUnfit',
  'NatsUnfit',
  'S3Unfit',
  'UnusableSigningKey',
  'Invalid',
]);

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** One line for the person who started the program: what is wrong and what to do; no stack. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof BadSetting || PLAIN.has(error.name)) return error.message;
  switch (codeOf(error)) {
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${error.message}: MQTT_URL or NATS_URL names a host that is not to be found`;
    case 'ECONNREFUSED':
      return `${error.message}: the server that MQTT_URL or NATS_URL names does not answer`;
    case 'ENOSPC':
      return 'the disk is full: free some space and start again';
    default:
      return `${error.name}: ${error.message} (see the log for more)`;
  }
}
