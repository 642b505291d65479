import type { Logger } from 'pino';

/** What was opened, to be closed in the opposite order. */
export interface Closing {
  /** Remembers how to close something that was just opened. */
  add(name: string, close: () => Promise<void> | void): void;
  /** Closes everything once, last opened first; a failure is logged and the rest still closes. */
  closeAll(): Promise<void>;
}

export function createClosing(logger: Logger): Closing {
  const open: { readonly name: string; readonly close: () => Promise<void> | void }[] = [];
  let closing: Promise<void> | null = null;

  async function run(): Promise<void> {
    for (const { name, close } of open.splice(0).reverse()) {
      const started = performance.now();
      try {
        await close();
        logger.info({ part: name, ms: Math.round(performance.now() - started) }, 'closed');
      } catch (err) {
        logger.error({ err, part: name }, 'could not close cleanly');
      }
    }
  }

  return {
    add: (name, close) => {
      open.push({ name, close });
    },
    closeAll: () => {
      closing ??= run();
      return closing;
    },
  };
}
