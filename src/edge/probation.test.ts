import { afterEach, beforeEach, expect, it } from 'vitest';
import { proverHere } from '../../test/edge/prover-here.ts';
import { checksumOf, createSite, goodModel, type SiteUnderTest } from '../../test/edge/site-under-test.ts';
import { type ModelProver, ProofDisturbed } from '../ports/model-prover.ts';

let site: SiteUnderTest;
beforeEach(async () => {
  site = await createSite();
});
afterEach(() => site.close());

/** Somebody ends this many proofs before their verdict, or something else is amiss. */
function disturbed(
  times: number,
  error: Error = new ProofDisturbed('ended from outside (SIGKILL)'),
): ModelProver {
  let left = times;
  return {
    ...proverHere,
    prove(order, signal) {
      left -= 1;
      return left >= 0 ? Promise.reject(error) : proverHere.prove(order, signal);
    },
  };
}

/** Pauses between tries pass a hundred times as fast. */
const steady = { now: () => new Date(performance.now() * 100) };

async function servesTheSecond() {
  await site.offer(2, goodModel(2));
  await site.answered(2, 'active');
  expect(site.active()).toBe(checksumOf(goodModel(2)));
}

async function servesTheFirst(reason: string) {
  await site.offer(2, goodModel(2));
  expect(await site.answered(2, 'rolledback')).toMatchObject({ runningVersion: '1.1.0', reason });
  expect(site.active()).toBe(checksumOf(goodModel(1)));
}

it('given proofs that are ended from outside, then the model is proven anew and serves', async () => {
  await site.startWithFirst();
  await site.start({ steady, prover: disturbed(4) });
  await servesTheSecond();
});

it('given proofs that are ended from outside again and again, then the old one serves', async () => {
  await site.startWithFirst();
  await site.start({ steady, prover: disturbed(5) });
  await servesTheFirst('ended from outside (SIGKILL), 5 times');
});

it('given something that is missing for long, then the model waits for its proof and serves', async () => {
  await site.startWithFirst();
  await site.start({ steady, prover: disturbed(9, new Error('no process can be had')) });
  await servesTheSecond();
});

it('given proofs that ended with the device five times, then the old one serves', async () => {
  await site.startWithFirst();
  await site.start({
    wrapStore: (store) => ({ ...store, beginEffect: (key) => store.beginEffect(key) + 5 }),
  });
  await servesTheFirst('the model was not through its proof after 5 tries');
});
