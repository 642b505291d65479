import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ReplayOutcome } from '../../src/main/replay/outcome.ts';
import { replayReport } from '../../src/report/replay/replay-report.ts';
import { createReplayedSite, type ReplayedSite } from './replayed-site.ts';

/** Sunday to the second Monday after: two weekly slots, 18 and 25 May at 03:00. */
const FROM = '2026-05-17';
const DAYS = 9;
const SLOTS = ['2026-05-18T06:00:00Z', '2026-05-25T06:00:00Z'].map(Date.parse);
const PATIENCE = { timeout: 60_000, interval: 10 } as const;
/** Far more than it takes: other tests share the machine. */
const LONG = 300_000;

let site: ReplayedSite;

beforeAll(async () => {
  site = await createReplayedSite();
});
afterAll(() => site.close());

describe('a replay', () => {
  const stop = new AbortController();
  /** Where the site clock stood when each training began, and when it ended. */
  const stood: (readonly [before: number | null, after: number | null])[] = [];
  let part: ReplayOutcome;
  let whole: ReplayOutcome;

  it('ends in order when it is told to, and reports what was replayed', { timeout: LONG }, async () => {
    part = await site.run({
      ...{ from: FROM, days: DAYS, signal: stop.signal },
      onShown: (text) => {
        if (text.includes('22 May 2026')) stop.abort();
      },
      wrapTrainer: (quick) => ({
        ...quick,
        async train(...about) {
          const before = await site.position();
          const looked = site.shown.length;
          const isWaitedFor = () => site.shown.slice(looked).some((text) => text.includes('(train-models)'));
          await vi.waitFor(() => expect(isWaitedFor()).toBe(true), PATIENCE);
          stood.push([before, await site.position()]);
          return quick.train(...about);
        },
      }),
    });
    expect(part.to).toBeLessThan(part.plan.until);
    expect(part.days.length).toBeGreaterThan(3);
    expect(part.folded.jobs.map(({ slot }) => slot)).toEqual([null, SLOTS[0]]);
    expect(part.checks.filter(({ isMet }) => !isMet)).toEqual([]);
    const page = replayReport(part);
    expect(page).toContain('ended at 22 May 2026');
  });

  it('stood still while its models were trained', () => {
    expect(stood).toHaveLength(2);
    for (const [before, after] of stood) expect(after).toBe(before);
    expect(stood[1]?.[0]).toBe(SLOTS[0]);
  });

  it('resumes where it stood, and runs every slot once', { timeout: LONG }, async () => {
    whole = await site.run({ wrapTrainer: (quick) => Object.assign(quick, { answers: 'NaN' }) });
    expect(whole.to).toBe(whole.plan.until);
    expect(whole.folded.jobs.map(({ slot }) => slot)).toEqual([null, ...SLOTS]);
    expect(whole.checks.filter(({ isMet }) => !isMet)).toEqual([]);
  });

  it('took a broken model back, and the one before it served on', () => {
    expect(whole.folded.jobs.map(({ state }) => state)).toEqual(['acked', 'acked', 'rolledback']);
    expect(whole.folded.jobs.at(-1)?.activeAt).toBeNull();
    expect(whole.days.at(-1)?.version).toBe('1.1.0');
    expect(replayReport(whole)).toContain('The device took 1.2.0 back');
  });

  it('scored every day, by what the device forecast at its first hour', () => {
    expect(whole.days.map(({ day }) => day)).toEqual(
      Array.from({ length: DAYS }, (_, i) => `2026-05-${17 + i}`),
    );
    // The meter was silent for three hours of the fourth day.
    expect(whole.days.map(({ hours }) => hours)).toEqual([24, 24, 24, 21, 24, 24, 24, 24, 24]);
    // The model says last week's value, so all three are the same.
    const { device, seasonalNaive, neverRetrained } = whole.accuracy.all;
    expect(device).toBeGreaterThan(0);
    expect(device).toBeCloseTo(seasonalNaive ?? Number.NaN, 3);
    expect(device).toBeCloseTo(neverRetrained ?? Number.NaN, 3);
  });

  it('is reported with its weeks, decisions and checks', () => {
    const page = replayReport(whole);
    for (const text of ['Accuracy by week', '1.2.0', 'every weekly slot ran once', 'No alert was opened'])
      expect(page).toContain(text);
  });

  it('is not begun anew with other wishes in the same folder', async () => {
    await expect(site.run({ days: 3 })).rejects.toMatchObject({ name: 'BadSetting', setting: '--data' });
  });
});
