import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { NodeAnswer, NodeOrder } from './status-messages.ts';

type Answer<Kind extends NodeAnswer['kind']> = Extract<NodeAnswer, { kind: Kind }>;

/** A server in a process of its own. */
export interface Server {
  readonly url: string;
  /** Rejects when the process ends before it answers. */
  ask<Kind extends NodeAnswer['kind']>(order: NodeOrder, kind: Kind): Promise<Answer<Kind>>;
  close(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function nextAnswer<Kind extends NodeAnswer['kind']>(child: ChildProcess, kind: Kind): Promise<Answer<Kind>> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer<Kind>>();
  const onExit = (): void => reject(new Error(`the server ended before it said ${kind}`));
  const onMessage = (answer: NodeAnswer): void => {
    if (answer.kind === kind) resolve(answer as Answer<Kind>);
  };
  child.on('exit', onExit);
  child.on('message', onMessage);
  return promise.finally(() => {
    child.off('exit', onExit);
    child.off('message', onMessage);
  });
}

/** Runs a file of this folder, which says where it listens. */
export async function startServer(file: string, env: Readonly<Record<string, string>>): Promise<Server> {
  const child = fork(join(import.meta.dirname, file), { env: { ...process.env, ...env } });
  const { url } = await nextAnswer(child, 'ready');
  return {
    url,
    ask: (order, kind) => {
      const answer = nextAnswer(child, kind);
      child.send(order);
      return answer;
    },
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    },
  };
}
