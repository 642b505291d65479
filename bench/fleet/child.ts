import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A process of the bench that says what happens by messages with a `kind`. */
export interface Child<Answer extends { readonly kind: string }> {
  /** The next message of that kind. Rejects when the process ends before, or says that it failed. */
  next<Kind extends Answer['kind']>(kind: Kind): Promise<Extract<Answer, { readonly kind: Kind }>>;
  ask<Kind extends Answer['kind']>(kind: Kind): Promise<Extract<Answer, { readonly kind: Kind }>>;
  close(): Promise<void>;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.disconnect();
  await exit;
}

export function startChild<Answer extends { readonly kind: string }>(
  file: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Child<Answer> {
  const child = fork(join(import.meta.dirname, file), args, { env: { ...process.env, ...env } });
  const next: Child<Answer>['next'] = async (kind) => {
    const { promise, resolve, reject } = Promise.withResolvers<Extract<Answer, { kind: typeof kind }>>();
    const onExit = (): void => reject(new Error(`${file} ended before it said ${kind}`));
    const onMessage = (answer: Answer): void => {
      if (answer.kind === 'failed') reject(new Error(`${file}: ${JSON.stringify(answer)}`));
      if (answer.kind === kind) resolve(answer as Extract<Answer, { kind: typeof kind }>);
    };
    child.on('exit', onExit).on('message', onMessage);
    return promise.finally(() => child.off('exit', onExit).off('message', onMessage));
  };
  return {
    next,
    ask: (kind) => {
      const answer = next(kind);
      child.send(kind);
      return answer;
    },
    close: () => end(child),
  };
}
