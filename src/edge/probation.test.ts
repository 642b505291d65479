import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { proverHere } from '../../test/edge/prover-here.ts';
import {
  checksumOf,
  createSite,
  goodModel,
  type SiteUnderTest,
  soon,
} from '../../test/edge/site-under-test.ts';
import type { ModelProver } from '../ports/model-prover.ts';

let site: SiteUnderTest;
beforeEach(async () => {
  site = await createSite();
});
afterEach(() => site.close());

/** Somebody ends this many proofs before their verdict. */
function disturbed(times: number): ModelProver {
  let left = times;
  return {
    ...proverHere,
    prove(order, signal) {
      left -= 1;
      if (left >= 0) return Promise.reject(new Error('the proof was ended from outside (SIGKILL)'));
      return proverHere.prove(order, signal);
    },
  };
}

it('given proofs that are ended from outside, then the model is proven anew and serves', async () => {
  await site.start({ prover: disturbed(2) });
  await site.offer(1, goodModel(1));
  await site.answered(1, 'active');
  expect(site.active()).toBe(checksumOf(goodModel(1)));
});

it('given a model whose proof never comes to an end, then it is taken back, and the old one serves', async () => {
  await site.startWithFirst();
  // So many tries were begun before the power failed.
  await site.start({
    prover: disturbed(Number.POSITIVE_INFINITY),
    wrapStore: (store) => ({ ...store, beginEffect: (key) => store.beginEffect(key) + 4 }),
  });
  await site.offer(2, goodModel(2));
  expect(await site.answered(2, 'rolledback')).toMatchObject({
    runningVersion: '1.1.0',
    reason: 'the model was not through its proof after 5 tries',
  });
  await vi.waitFor(() => expect(site.active()).toBe(checksumOf(goodModel(1))), soon);
});
