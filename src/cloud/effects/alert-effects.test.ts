import { describe, expect, it } from 'vitest';
import { CALLER, cloudOnMemory, SITE } from '../../../test/cloud/cloud-on-memory.ts';
import type { OpenedAlert } from '../../events/alert.ts';
import { streamId } from '../../events/stream-id.ts';
import { alert } from '../../machines/alert.ts';
import { trainingJob } from '../../machines/training-job.ts';
import type { AlertNotice } from '../../ports/alert-notifier.ts';

const opened: OpenedAlert = {
  ...({
    alertId: 'alert-1',
    systemId: SITE,
    tenant: 'acme',
    rule: 'hour-errors',
    day: '2026-01-04',
  } as const),
  evidence: {
    limit: 0.15,
    days: [{ day: '2026-01-04', error: 0.12, rmseKw: 14 }],
    hours: [{ hour: 17, error: 0.2, days: 5 }],
    ...{ weeks: null, suspectHours: 0 },
  },
  actions: ['add-event-flag', 'retrain-on-recent-data'],
  proposedFlag: { label: 'hours-17', hours: [17] },
};
const origin = { actor: 'test', tenant: 'acme', systemId: SITE, correlationId: 'test' };

async function world(over: { readonly failures?: number; readonly retrainOnAlert?: boolean } = {}) {
  const notices: AlertNotice[] = [];
  let failures = over.failures ?? 0;
  const notifier = {
    send: async (notice: AlertNotice) => {
      failures -= 1;
      if (failures >= 0) throw new Error('the receiver is away');
      notices.push(notice);
    },
  };
  const memory = await cloudOnMemory({ notifier, retrainOnAlert: over.retrainOnAlert ?? false });
  await memory.site();
  const { actors, log } = memory;
  const jobs = async () =>
    (await log.readFeed(0, 1_000))
      .filter(({ fact }) => fact.type === 'JobRequested')
      .map(({ fact }) => fact.data);
  return {
    ...memory,
    notices,
    jobs,
    open: (alertId: string, rule: OpenedAlert['rule'] = 'hour-errors') =>
      actors.send(
        alert,
        streamId('alert', alertId),
        { type: 'open', alert: { ...opened, alertId, rule } },
        origin,
      ),
    resolve: (alertId: string) =>
      actors.send(
        alert,
        streamId('alert', alertId),
        { type: 'resolve', reason: 'recovered', day: '2026-01-05' },
        origin,
      ),
    told: () => notices.map(({ event }) => event),
  };
}

const UNTIL = '2026-01-06T06:00:00Z';

describe('an alert', () => {
  it('is retained at the broker while it is open, and told to the webhook when it opens and closes', async () => {
    const { open, resolve, runUntil, retained, told, notices } = await world({ failures: 1 });
    await open('alert-1');
    await runUntil(() => expect(told()).toEqual(['opened']));
    expect(notices[0]?.alert).toMatchObject({
      rule: 'hour-errors',
      evidence: { limit: 15, hours: [{ error: 20 }] },
    });
    await runUntil(() =>
      expect(retained.get(`alert/${SITE}`)).toMatchObject({ alerts: [{ status: 'open' }] }),
    );
    await resolve('alert-1');
    await runUntil(() => expect(retained.has(`alert/${SITE}`)).toBe(false));
    await runUntil(() => expect(told()).toEqual(['opened', 'resolved']));
  });

  it.each([
    { systemId: SITE, rule: null },
    { systemId: null, rule: 'hour-errors' as const },
    { systemId: null, rule: null },
  ])('is told to nobody while $systemId $rule is silent, and still listed', async (scope) => {
    const { control, open, runUntil, retained, told } = await world();
    await control.setSilence(CALLER, { ...scope, until: UNTIL }, 'the plant is rebuilt');
    expect(await control.silences(CALLER)).toMatchObject([scope]);
    expect(await control.silences({ ...CALLER, tenant: 'other' })).toEqual([]);
    await open('alert-1');
    await runUntil(() =>
      expect(retained.get(`alert/${SITE}`)).toMatchObject({
        alerts: [{ silencedUntil: new Date(UNTIL).toISOString() }],
      }),
    );
    expect(told()).toEqual([]);
    await control.liftSilence(CALLER, scope, 'done');
    expect(await control.silences(CALLER)).toEqual([]);
  });

  it('gives the site the flag that it proposes by one call, once', async () => {
    const { control, open, retained, runUntil } = await world();
    await open('alert-1');
    await control.acceptFlag(CALLER, 'alert-1');
    await control.acceptFlag(CALLER, 'alert-1');
    const { settings } = await control.getSite(CALLER, SITE);
    expect(settings.eventFlags).toEqual([{ label: 'hours-17', hours: [17] }]);
    await runUntil(() =>
      expect(retained.get(`config/${SITE}`)).toMatchObject({ flags: [{ label: 'hours-17' }] }),
    );
    await expect(control.acceptFlag({ ...CALLER, tenant: 'other' }, 'alert-1')).rejects.toMatchObject({
      name: 'NotFound',
    });
  });

  it('starts one retrain on recent data where that is wanted, and within a week no other', async () => {
    const { open, runUntil, jobs, actors, log, told } = await world({ retrainOnAlert: true });
    await open('alert-1');
    await runUntil(async () => expect(await jobs()).toHaveLength(1));
    const [job] = (await jobs()) as [{ readonly jobId: string }];
    expect(job).toMatchObject({ trigger: 'alert', trainingWindowDays: 45 });
    const failed = { type: 'fail', code: 'x', reason: 'it did not help' } as const;
    await actors.send(trainingJob, streamId('training-job', job.jobId), failed, origin);
    await open('alert-2', 'daily-mape');
    await runUntil(() => expect(told()).toHaveLength(2));
    const { stage } = await actors.load(alert, streamId('alert', 'alert-1'));
    expect(stage.context.retrainJobId).toBe(job.jobId);
    expect(await jobs()).toHaveLength(1);
    expect(await log.lookup('latest-alert-retrain', SITE)).not.toBeNull();
  });

  it('ends with its site', async () => {
    const { control, open, runUntil, log } = await world();
    await open('alert-1');
    await control.decommissionSite(CALLER, SITE, 'sold');
    await runUntil(async () => expect(await log.entries('open-alert', '', 10)).toEqual([]));
  });
});
