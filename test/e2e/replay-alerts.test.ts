import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createReplayedSite, type ReplayedSite } from './replayed-site.ts';

/** Far more than it takes: other tests share the machine. */
const LONG = 300_000;

let site: ReplayedSite;

beforeEach(async () => {
  site = await createReplayedSite();
});
afterEach(() => site.close());

const midnight = (day: string): number => Date.parse(`${day}T03:00:00Z`);

describe('what is injected into a replay', () => {
  it('a new level opens the alert of its rule once, on the third day, until a retrain', {
    timeout: LONG,
  }, async () => {
    const { folded, checks } = await site.run({
      ...{ from: '2026-05-13', days: 10, inject: ['level:2026-05-13:1.13'] },
      env: { LIFO4_ALERT_RETRAIN: 'on' },
    });
    expect(checks.filter(({ isMet }) => !isMet)).toEqual([]);
    const opened = folded.alerts.filter(({ rule }) => rule === 'daily-mape');
    expect(opened).toMatchObject([{ day: '2026-05-15', resolvedDay: '2026-05-21' }]);
    const [alert] = opened;
    expect(alert?.openedAt).toBe(midnight('2026-05-16') + 6 * 3_600_000);
    // One retrain of its own, at once; the week's slot comes as always.
    const ofAlert = folded.jobs.filter(({ trigger }) => trigger === 'alert');
    expect(ofAlert).toMatchObject([
      { jobId: alert?.retrainJobId, state: 'acked', requestedAt: alert?.openedAt, activeAt: alert?.openedAt },
    ]);
    expect(folded.jobs.filter(({ slot }) => slot !== null)).toHaveLength(1);
    expect(alert?.resolvedAt).toBeGreaterThan(alert?.openedAt ?? Number.NaN);
    expect(folded.alerts.filter(({ rule }) => rule === 'hour-errors')).toEqual([]);
  });

  it('certain hours that are wrong open theirs once, on the fifth day, until a retrain', {
    timeout: LONG,
  }, async () => {
    const { folded } = await site.run({
      ...{ from: '2026-05-13', days: 11, inject: ['hours:2026-05-13:13,14,15:1.4'] },
    });
    const opened = folded.alerts.filter(({ rule }) => rule === 'hour-errors');
    expect(opened).toMatchObject([
      { day: '2026-05-17', actions: expect.arrayContaining(['add-event-flag']) },
    ]);
    expect(opened[0]?.evidence.hours.map(({ hour }) => hour)).toEqual([13, 14, 15]);
    expect(opened[0]?.resolvedAt).not.toBeNull();
    expect(folded.alerts.filter(({ rule }) => rule === 'daily-mape')).toEqual([]);
  });
});
