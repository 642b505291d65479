import pg from 'pg';
import { type ConnectOptions, clientOptions } from './connect.ts';

export type Unsubscribe = () => void;

/** Callers to be woken by a hint. One that throws never keeps the others from being woken. */
export interface Bell<T = void> {
  ring(value: T): void;
  on(listener: (value: T) => void): Unsubscribe;
}

export function createBell<T = void>(onError: (error: unknown) => void): Bell<T> {
  const listeners = new Set<(value: T) => void>();
  return {
    ring: (value) => {
      for (const listener of listeners) {
        try {
          listener(value);
        } catch (error) {
          onError(error);
        }
      }
    },
    on: (listener) => {
      const own = (value: T): void => listener(value);
      listeners.add(own);
      return () => listeners.delete(own);
    },
  };
}

/** Resolves at the bell's next ring, or after `ms`. */
export const ringOrTimeout = (bell: Bell, ms: number): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      off();
      resolve();
    };
    const timer = setTimeout(done, ms);
    const off = bell.on(done);
  });

export const CHANNELS = ['lifo4_facts', 'lifo4_effects', 'lifo4_revoked'] as const;
export type Channel = (typeof CHANNELS)[number];

export interface Notifications {
  on(channel: Channel, listener: (payload: string) => void): Unsubscribe;
  /** Rings when the connection was lost: whatever was notified meanwhile is missed. */
  onLost(listener: () => void): Unsubscribe;
  close(): Promise<void>;
}

const RECONNECT_MS = 1_000;

/**
 * One connection that listens, made anew when it is lost. Notifications are hints: whoever waits for one also
 * polls.
 */
export async function listenForNotifications(options: ConnectOptions): Promise<Notifications> {
  const { logger } = options;
  const report = (error: unknown): void => logger.error({ err: error }, 'a notification listener failed');
  const bells = Object.fromEntries(CHANNELS.map((name) => [name, createBell<string>(report)]));
  const lost = createBell(report);
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const connect = async (): Promise<void> => {
    const next = new pg.Client(clientOptions(options, ' listen'));
    next.on('error', (error) => logger.warn({ err: error }, 'the listening connection failed'));
    next.on('notification', ({ channel, payload }) => bells[channel]?.ring(payload ?? ''));
    await next.connect();
    next.once('end', () => {
      client = null;
      if (closed) return;
      lost.ring();
      again();
    });
    client = next;
    await next.query(CHANNELS.map((channel) => `listen ${channel}`).join('; '));
    if (closed) await next.end();
  };
  const again = (): void => {
    timer = setTimeout(() => {
      connect().catch((error: unknown) => {
        logger.warn({ err: error }, 'the database cannot be listened to; trying again');
        again();
      });
    }, RECONNECT_MS);
  };

  await connect();
  return {
    on: (channel, listener) => bells[channel]?.on(listener) ?? (() => undefined),
    onLost: (listener) => lost.on(listener),
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await client?.end();
    },
  };
}
