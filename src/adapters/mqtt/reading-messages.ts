import type { Logger } from 'pino';
import { createConnection } from './connection.ts';

export interface ReadingMessagesOptions {
  /** Broker of the site, for example `mqtt://127.0.0.1:1883`. */
  readonly url: string;
  readonly topic: string;
  readonly clientId: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly logger: Logger;
}

/** On the site's own network a ping costs nothing. */
const KEEPALIVE_SECONDS = 30;

/**
 * Readings that a program at the site publishes to a broker there: each message as it comes, at least once (QoS 1),
 * until the returned function is called. `pass` says whether it has the message for good; one that it has not comes
 * again at the next connection, like what was published while the device was away.
 */
export const mqttReadingMessages =
  ({ topic, ...options }: ReadingMessagesOptions) =>
  (pass: (message: Uint8Array) => boolean): (() => Promise<void>) => {
    const connection = createConnection({
      ...options,
      clean: false,
      keepaliveSeconds: KEEPALIVE_SECONDS,
      subscriptions: { [topic]: { qos: 1 } },
      onMessage: ({ payload, acknowledge }) => {
        if (pass(payload)) acknowledge();
      },
    });
    connection.start();
    return () => connection.close();
  };
