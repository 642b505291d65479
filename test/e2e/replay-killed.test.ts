import { fork } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createReplayedSite, type ReplayedSite } from './replayed-site.ts';

const SLOT = Date.parse('2026-05-18T06:00:00Z');
/** Far more than it takes: other tests share the machine. */
const LONG = 300_000;

let site: ReplayedSite;

beforeAll(async () => {
  site = await createReplayedSite();
});
afterAll(() => site.close());

it('a replay that is killed in a training goes on from the log, and the slot has its one job', {
  timeout: LONG,
}, async () => {
  const entry = new URL('./replay-process.ts', import.meta.url);
  const child = fork(entry, [site.connectionString, site.folder], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [said] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  expect(said).toBe('training');
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(await site.position()).toBe(SLOT);

  const outcome = await site.run({});
  expect(outcome.to).toBe(outcome.plan.until);
  expect(outcome.folded.jobs.map(({ slot, state }) => [slot, state])).toEqual([
    [null, 'acked'],
    [SLOT, 'acked'],
  ]);
  // Its training took no time at the site, though the machine was a while about it.
  expect(outcome.folded.jobs.at(-1)?.activeAt).toBe(SLOT);
  expect(outcome.days.map(({ hours }) => hours)).toEqual([24, 24, 24]);
  expect(outcome.checks.filter(({ isMet }) => !isMet)).toEqual([]);
});
