import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ackOf,
  CALLER,
  type CloudOnMemory,
  cloudOnMemory,
  SITE,
} from '../../../test/cloud/cloud-on-memory.ts';
import { sampleDecision, sampleSettings } from '../../../test/sample-facts.ts';
import { alert } from '../../machines/alert.ts';
import { trainingJob } from '../../machines/training-job.ts';
import type { SiteDocument } from '../../projections/documents.ts';
import type { SiteAt } from '../../projections/site-at.ts';

const MINUTE_MS = 60_000;
const origin = { actor: 'test', tenant: 'acme', systemId: SITE, correlationId: 'test' };

/** A site's life in random steps; each is told apart by its number. */
type Step = (world: CloudOnMemory, n: number, deviceId: string) => Promise<unknown>;

const versionOf = (n: number) => `1.${n}.0`;
const deploymentOf = (n: number) => `dep-${n}`;

/** The last deployment that was offered before step `n`, so that the device answers for something real. */
async function lastOffered({ log }: CloudOnMemory): Promise<string | null> {
  return (await log.lookup('offered-deployment', SITE)) ?? (await log.lookup('running-deployment', SITE));
}

const steps: Readonly<Record<string, Step>> = {
  offer: async (world, n, deviceId) => {
    const previous = await world.log.lookup('running-deployment', SITE);
    await world.offer({
      ...{ deploymentId: deploymentOf(n), deviceId, version: versionOf(n), assignment: n },
      previousDeploymentId: previous as null,
    });
  },
  activate: async (world, n, deviceId) => {
    const deploymentId = await lastOffered(world);
    if (deploymentId !== null) await world.say('ack', ackOf(deviceId, deploymentId, 'active', versionOf(n)));
  },
  rollBack: async (world, _n, deviceId) => {
    const deploymentId = await lastOffered(world);
    if (deploymentId !== null) await world.say('ack', ackOf(deviceId, deploymentId, 'rolledback'));
  },
  reject: async (world, _n, deviceId) => {
    const deploymentId = await lastOffered(world);
    if (deploymentId !== null) await world.say('ack', ackOf(deviceId, deploymentId, 'rejected'));
  },
  alert: async (world, n) => {
    if ((await world.log.lookup('open-alert', `${SITE}/daily-mape`)) !== null) return;
    const about = { alertId: `alert-${n}`, systemId: SITE, tenant: 'acme', rule: 'daily-mape' as const };
    const evidence = { limit: 0.08, days: [], hours: [], weeks: null, suspectHours: 0 };
    const advice = {
      day: '2026-01-05',
      evidence,
      actions: ['check-load-profile' as const],
      proposedFlag: null,
    };
    await world.actors.send(
      alert,
      `alert-alert-${n}`,
      { type: 'open', alert: { ...about, ...advice } },
      origin,
    );
  },
  recover: async (world) => {
    const open = await world.log.lookup('open-alert', `${SITE}/daily-mape`);
    const command = { type: 'resolve', reason: 'recovered', day: '2026-01-06' } as const;
    if (open !== null) await world.actors.send(alert, `alert-${open}`, command, origin);
  },
  change: (world, n) => world.control.putSite(CALLER, SITE, { ...sampleSettings, ratedKw: n }),
  keep: async (world, n) => {
    await world.evaluatedJob(`job-${n}`, versionOf(n), null);
    const kept = { version: versionOf(n), reason: 'target-missed' as const, decision: sampleDecision };
    await world.actors.send(trainingJob, `training-job-job-${n}`, { type: 'keep', kept }, origin);
  },
};

const page = ({ cloud }: CloudOnMemory) => cloud.readModels.get<SiteDocument>('sites', SITE);

interface Seen {
  readonly time: Date;
  readonly page: SiteDocument | null;
  readonly ratedKw: number | null;
  readonly kept: string | null;
  /** The one alert that is open. */
  readonly alert: string | null;
}

/** Takes the steps a minute apart; what the site's page showed after each. */
async function live(world: CloudOnMemory, names: readonly string[]): Promise<readonly Seen[]> {
  const deviceId = await world.site();
  const seen: Seen[] = [];
  let last: Pick<Seen, 'ratedKw' | 'kept'> = { ratedKw: null, kept: null };
  for (const [i, name] of names.entries()) {
    await steps[name]?.(world, i + 1, deviceId);
    if (name === 'change') last = { ...last, ratedKw: i + 1 };
    if (name === 'keep') last = { ...last, kept: versionOf(i + 1) };
    const open = await world.log.lookup('open-alert', `${SITE}/daily-mape`);
    seen.push({ time: world.cloud.clocks.site.now(), page: await page(world), alert: open, ...last });
    world.passSiteTime(MINUTE_MS);
  }
  return seen;
}

async function assertSeen(
  world: CloudOnMemory,
  { time, page: shown, ratedKw, kept, alert: open }: Seen,
): Promise<void> {
  const found: SiteAt = await world.control.siteAt(CALLER, SITE, time);
  expect(found.site).toEqual(shown);
  expect(found.settings.ratedKw).toBe(ratedKw);
  expect(found.lastDecision?.version ?? null).toBe(kept);
  expect(found.openAlerts.map(({ alertId }) => alertId)).toEqual(open === null ? [] : [open]);
}

describe('a site at an instant', () => {
  it('is at every instant what its page showed then, and says what settings and decision were the last', async () => {
    const walk = fc.array(fc.constantFrom(...Object.keys(steps)), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(walk, async (names) => {
        const world = await cloudOnMemory();
        for (const seen of await live(world, names)) await assertSeen(world, seen);
        expect((await world.control.siteAt(CALLER, SITE, null)).site).toEqual(await page(world));
      }),
      { numRuns: 25 },
    );
  });

  it('refuses an instant before the site, or ahead of it', async () => {
    const world = await cloudOnMemory();
    await world.site();
    const now = world.cloud.clocks.site.now().getTime();
    const at = (ms: number) => world.control.siteAt(CALLER, SITE, new Date(now + ms));
    await expect(at(-1)).rejects.toMatchObject({ code: 'before-registration' });
    await expect(at(1)).rejects.toMatchObject({ code: 'time-in-future' });
    await expect(world.control.siteAt({ ...CALLER, tenant: 'other' }, SITE, null)).rejects.toThrow(/no site/);
  });

  it('still answers for a site that was decommissioned', async () => {
    const world = await cloudOnMemory();
    await world.site();
    world.passSiteTime(MINUTE_MS);
    const before = world.cloud.clocks.site.now();
    world.passSiteTime(MINUTE_MS);
    await world.control.decommissionSite(CALLER, SITE, 'sold');
    expect((await world.control.siteAt(CALLER, SITE, before)).site.status).toBe('registered');
    expect((await world.control.siteAt(CALLER, SITE, null)).site.status).toBe('decommissioned');
  });
});
