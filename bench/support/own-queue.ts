import { createEffectRunner } from '../../src/actors/effect-runner.ts';
import { openPostgres } from '../../src/adapters/postgres/open.ts';
import { systemClocks } from '../../src/ports/clocks.ts';
import { type Contender, inParallel, WORKERS } from './contender.ts';
import { appendOf, effectOf, newStream } from './facts.ts';
import { quietLogger } from './postgres.ts';

/** The product's own table with the product's own runner. */
export async function openOwnQueue(connectionString: string): Promise<Contender> {
  const node = await openPostgres({ connectionString, logger: quietLogger });
  const enqueueOne = (withFacts: boolean) => async (): Promise<void> => {
    const stream = newStream();
    const append = appendOf(stream, 0, [effectOf(`${stream}@1#0`)]);
    await node.log.commit({ appends: [withFacts ? append : { ...append, facts: [] }] });
  };
  return {
    enqueue: (count, withFacts) => inParallel(count, WORKERS, enqueueOne(withFacts)),
    finish: async (count, withFacts) => {
      let finished = 0;
      const { promise, resolve } = Promise.withResolvers<void>();
      const runner = createEffectRunner({
        log: node.log,
        queue: node.effects,
        clocks: systemClocks(),
        handlers: new Map([
          [
            'publish-desired',
            {
              handle: async ({ streamId }) =>
                withFacts ? { kind: 'commit', appends: [appendOf(streamId, 1)] } : { kind: 'done' },
            },
          ],
        ]),
        concurrency: { quick: WORKERS, slow: 0 },
        worker: 'bench',
        logger: quietLogger,
        random: Math.random,
        observe: () => {
          finished += 1;
          if (finished === count) resolve();
        },
      });
      runner.start();
      await promise;
      await runner.close();
    },
    close: () => node.close(),
  };
}
