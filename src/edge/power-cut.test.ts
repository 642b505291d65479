import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFuse, filesUntil, storeUntil } from '../../test/edge/power-cut.ts';
import {
  checksumOf,
  createSite,
  goodModel,
  type SiteUnderTest,
  soon,
} from '../../test/edge/site-under-test.ts';
import { tinyModel } from '../../test/edge/tiny-model.ts';
import { nodeFiles } from './files.ts';

/** A device is started some fifty times. */
const PATIENCE_MS = 180_000;

let site: SiteUnderTest;

beforeEach(async () => {
  site = await createSite();
  await site.startWithFirst();
});
afterEach(() => site.close());

/** Offers a model to a device whose power fails after so many steps; false when it got through before. */
async function cutAfter(
  steps: number,
  assignment: number,
  bytes: Uint8Array,
  status: string,
): Promise<boolean> {
  const fuse = createFuse(steps);
  await site.start({ files: filesUntil(fuse, nodeFiles), wrapStore: (store) => storeUntil(fuse, store) });
  await site.offer(assignment, bytes);
  await vi.waitFor(() => {
    const isAnswered = site
      .acks()
      .some((ack) => ack['assignment'] === assignment && ack['status'] === status);
    expect(fuse.blown || isAnswered).toBe(true);
  }, soon);
  return fuse.blown;
}

describe('power cuts', () => {
  it(
    'leave a whole model at every step of an installation, which is finished afterwards',
    async () => {
      let serving = checksumOf(goodModel(1));
      let steps = 0;
      for (let assignment = 2, cut = true; cut; assignment += 1) {
        const bytes = goodModel(assignment);
        cut = await cutAfter(steps, assignment, bytes, 'active');
        expect([serving, checksumOf(bytes)]).toContain(site.active());
        await site.start();
        await site.answered(assignment, 'active');
        serving = checksumOf(bytes);
        expect(site.active()).toBe(serving);
        steps += 1;
      }
      expect(steps).toBeGreaterThan(15);
    },
    PATIENCE_MS,
  );

  it(
    'leave a whole model at every step of a rollback, and the answer is true in the end',
    async () => {
      const good = checksumOf(goodModel(1));
      let steps = 0;
      for (let assignment = 2, cut = true; cut; assignment += 1) {
        const bad = tinyModel({ version: `1.${assignment}.0`, factor: Number.NaN });
        cut = await cutAfter(steps, assignment, bad, 'rolledback');
        expect([good, checksumOf(bad)]).toContain(site.active());
        await site.start();
        expect(await site.answered(assignment, 'rolledback')).toMatchObject({ runningVersion: '1.1.0' });
        expect(site.active()).toBe(good);
        steps += 1;
      }
      expect(steps).toBeGreaterThan(15);
    },
    PATIENCE_MS,
  );
});
