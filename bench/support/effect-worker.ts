/**
 * One worker process of the take-over run: works off effects with the product's runner until it is killed. Each
 * answer is a fact of its own, so that an effect that was finished twice shows as two answers in its stream.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { createEffectRunner } from '../../src/actors/effect-runner.ts';
import { openPostgres } from '../../src/adapters/postgres/open.ts';
import { systemClocks } from '../../src/ports/clocks.ts';
import { appendOf } from './facts.ts';
import { quietLogger } from './postgres.ts';

const [connectionString = '', worker = '', workMs = ''] = process.argv.slice(2);
const node = await openPostgres({ connectionString, logger: quietLogger, applicationName: worker });
const runner = createEffectRunner({
  log: node.log,
  queue: node.effects,
  clocks: systemClocks(),
  handlers: new Map([
    [
      'publish-desired',
      {
        handle: async ({ streamId }) => {
          await wait(Number(workMs));
          // On whatever the stream's head is now: only the fence keeps a second answer out.
          const facts = await node.log.readStream(streamId);
          return { kind: 'commit', appends: [appendOf(streamId, facts.length)] };
        },
      },
    ],
  ]),
  concurrency: { quick: 4, slow: 0 },
  worker,
  logger: quietLogger,
  random: Math.random,
  observe: () => undefined,
});
runner.start();
