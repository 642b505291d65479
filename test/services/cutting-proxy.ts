import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy on loopback that breaks connections at a chosen moment. */
export interface CuttingProxy {
  readonly port: number;
  /** From now on every connection breaks when this many more bytes came back from the server; null: none does. */
  cutAfter(bytes: number | null): void;
  /** Looks at what the client sends; the connection breaks when this says so, before or after passing it on. */
  cutWhen(judge: Judge | null): void;
  cuts(): number;
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly target: Socket;
}

type Judge = (sent: Buffer) => 'pass' | 'cut' | 'pass-then-cut';

/** What a proxy does to all of its connections. */
interface Mischief {
  limit: number | null;
  judge: Judge | null;
  cuts: number;
}

function end({ client, target }: Pair): void {
  client.destroy();
  target.destroy();
}

function cut(pair: Pair, mischief: Mischief): void {
  if (pair.client.destroyed) return;
  mischief.cuts += 1;
  end(pair);
}

function passToServer(pair: Pair, sent: Buffer, mischief: Mischief): void {
  const verdict = mischief.judge?.(sent) ?? 'pass';
  if (verdict === 'cut') cut(pair, mischief);
  else pair.target.write(sent);
  // What the server answers to this is lost.
  if (verdict === 'pass-then-cut') pair.target.prependOnceListener('data', () => cut(pair, mischief));
}

function passToClient(pair: Pair, answers: AsyncIterable<Buffer>, mischief: Mischief): Promise<void> {
  const pass = async (): Promise<void> => {
    let passed = 0;
    for await (const answer of answers) {
      const room = mischief.limit === null ? answer.length : mischief.limit - passed;
      pair.client.write(answer.subarray(0, room));
      passed += answer.length;
      if (room >= answer.length) continue;
      mischief.cuts += 1;
      pair.client.destroySoon();
      return;
    }
    pair.client.end();
  };
  return pass().catch(() => end(pair));
}

export async function cuttingProxy(targetPort: number): Promise<CuttingProxy> {
  const open = new Set<Pair>();
  const mischief: Mischief = { limit: null, judge: null, cuts: 0 };
  const server = createServer((client) => {
    const pair = { client, target: connect(targetPort, '127.0.0.1') };
    open.add(pair);
    for (const socket of [pair.client, pair.target]) {
      socket.on('error', () => end(pair)).once('close', () => open.delete(pair));
    }
    client.on('data', (sent: Buffer) => passToServer(pair, sent, mischief)).once('end', () => end(pair));
    void passToClient(pair, pair.target, mischief);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cutAfter: (bytes) => {
      mischief.limit = bytes;
    },
    cutWhen: (judge) => {
      mischief.judge = judge;
    },
    cuts: () => mischief.cuts,
    close: async () => {
      for (const pair of open) end(pair);
      server.close();
      await once(server, 'close');
    },
  };
}
