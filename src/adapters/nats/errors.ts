type NatsFailure =
  | 'unreachable'
  | 'certificate'
  | 'login-refused'
  | 'too-old'
  | 'jetstream-off'
  | 'mqtt-off'
  | 'callout-off'
  | 'not-permitted';

/** The NATS server cannot carry the device link; the message names the setting to change. */
export class NatsUnfit extends Error {
  override readonly name = 'NatsUnfit';
  readonly failure: NatsFailure;
  readonly server: string;

  constructor(failure: NatsFailure, server: string, message: string, cause?: unknown) {
    super(`NATS at ${server}: ${message}`, cause === undefined ? undefined : { cause });
    this.failure = failure;
    this.server = server;
  }
}
