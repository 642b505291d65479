import type { Logger } from 'pino';
import { createSiteCalendar } from '../../forecasting/calendar/site-calendar.ts';
import { createSteppedClock, type SteppedClock } from '../../ports/clocks.ts';
import { type Cloud, type StartCloudOptions, startCloud } from '../cloud.ts';
import type { Config } from '../config.ts';
import { signerOf, untilStopped } from '../quick-start/run.ts';
import { ensureDevice, ensureSite, ensureStored } from '../quick-start/seed-site.ts';
import { jobOf, showDoors } from '../quick-start/steps.ts';
import { type World, worldOf } from '../quick-start/world.ts';
import { BadSetting } from '../settings/read.ts';
import type { Screen } from '../terminal/screen.ts';
import { openReplayDevice, type ReplayDevice } from './device.ts';
import { drive } from './drive.ts';
import { createHolders } from './holders.ts';
import { outcomeOf, type ReplayOutcome } from './outcome.ts';
import type { ReplayPlan, ReplayWishes } from './plan.ts';
import { loadPosition, savePosition } from './position.ts';
import { type Holder, settled } from './settled.ts';
import { createReplayScreen, showOutcome } from './show.ts';
import { openSource, type ReplaySource } from './source.ts';
import { createPace } from './speed.ts';
import { trainAgain } from './train-again.ts';

export interface ReplayStart {
  readonly config: Config;
  readonly logger: Logger;
  readonly logFile: string;
  readonly screen: Screen;
  readonly signal: AbortSignal;
  readonly wishes: {
    readonly systemId?: string;
    readonly csv?: string;
    readonly zone?: string;
    readonly replay: ReplayWishes;
  };
  /** Times real; `Infinity` for as fast as the work allows. */
  readonly speed: number;
  /** Keeps API and console up after the end, until the signal. */
  readonly stay: boolean;
  /** How many trainings are repeated from the log at the end, to see whether the same comes out. */
  readonly verify: number;
  /** Writes the report and answers where it lies. */
  readonly report: (outcome: ReplayOutcome) => Promise<string>;
  readonly cloudOptions?: Omit<StartCloudOptions, 'siteClock'>;
}

interface Stage {
  readonly start: ReplayStart;
  readonly cloud: Cloud;
  readonly world: World;
  readonly plan: ReplayPlan;
  readonly clock: SteppedClock;
  readonly source: ReplaySource;
}

const START_PATIENCE_MS = 60_000;

/** A device that just started finds its broker, and the hours that it needs at the cloud. */
const starting = ({ device }: ReplayDevice): Holder => ({
  ...{ name: 'start of the device', patienceMs: START_PATIENCE_MS },
  holds() {
    const { connected, report } = device.status();
    if (!connected) return 'the device connects';
    return report.historyHours > 24 ? null : 'the device fetches its history';
  },
});

async function replay(stage: Stage, replayed: ReplayDevice): Promise<void> {
  const { start, cloud, world, plan, clock, source } = stage;
  const { screen, signal, logger, config } = start;
  const { log, effects: queue, forecasts, scores } = cloud.postgres;
  const { systemId, zone } = world;
  const version = (): string | null => replayed.sent()?.version ?? null;
  const shown = createReplayScreen({ screen, systemId, zone, plan, scores, version });
  const settling = { signal, logger, onWait: shown.waits };
  const holders = createHolders({ systemId, clock, replayed, queue, log, forecasts });
  await settled([starting(replayed)], settling);
  if (!signal.aborted) await jobOf(cloud, systemId);
  await drive({
    ...{ clock, source, replayed, queue, signal, until: plan.until },
    look: cloud.look,
    outstanding: holders.outstanding,
    calendar: createSiteCalendar({ zone, ibgeCode: null }),
    pace: createPace(start.speed, signal),
    settled: (what) => settled(what === 'all' ? holders.all : holders.atDevice, settling),
    savePosition: (at) => savePosition(config.dataDir, at),
    onHour: shown.hour,
  });
}

/** Ends the replay early when a part that it cannot live without has ended. */
async function orFailed(work: Promise<void>, { failed }: Cloud): Promise<void> {
  const failure = await Promise.race([failed, work.then(() => null)]);
  if (failure !== null) throw failure;
}

/** What was replayed, with trainings repeated from the log where that is wanted. */
async function concluded({ start, cloud, world, plan, clock }: Stage): Promise<ReplayOutcome> {
  const { screen, signal, config, verify } = start;
  screen.progress('folding the log', '');
  const outcome = await outcomeOf(cloud, world, plan, clock.now().getTime(), config.retrainWindowMs);
  if (verify === 0 || signal.aborted) return outcome;
  const onProgress = (done: number, of: number): void =>
    screen.progress('training again from the log', `${done + 1} of ${of}`);
  const { systemId, zone } = world;
  const { folded, checks } = outcome;
  const about = { cloud: cloud.cloud, systemId, zone, folded, count: verify, signal, onProgress };
  return { ...outcome, checks: [...checks, await trainAgain(about)] };
}

async function live(stage: Stage): Promise<ReplayOutcome> {
  const { start, cloud, world, source } = stage;
  const { config, screen, logger } = start;
  screen.done(`storage, broker and API are up at ${cloud.url}`);
  await ensureSite(cloud, world, screen);
  await ensureStored(cloud, world, source.before, { dataDir: config.dataDir, screen });
  // One that goes by in minutes leaves nobody the time to look; `stay` shows the doors at the end.
  if (Number.isFinite(start.speed)) await showDoors(cloud, world.systemId, start);
  const settingsFile = await ensureDevice(cloud, world, config.dataDir, config.topicPrefix);
  const { clocks } = cloud;
  const replayed = await openReplayDevice({ settingsFile, dataDir: config.dataDir, clocks, logger });
  try {
    await replayed.device.start();
    await orFailed(replay(stage, replayed), cloud);
  } finally {
    await replayed.device.close();
  }
  const outcome = await concluded(stage);
  showOutcome(outcome, screen);
  screen.done(`report: ${await start.report(outcome)}`);
  if (start.stay && !start.signal.aborted) {
    await showDoors(cloud, world.systemId, start);
    await untilStopped(cloud, start.signal);
  }
  return outcome;
}

/**
 * Replays a series on a site clock of its own, through the cloud and the device as they are in production; what was
 * replayed is reported also when the signal ends it early. Rejects with {@link BadSetting} for wishes that cannot be.
 */
export async function runReplay(start: ReplayStart): Promise<ReplayOutcome> {
  const { config, screen, logger } = start;
  screen.line(screen.colors.bold('lifo4-ml replay'));
  const world = await worldOf(config.dataDir, start.wishes);
  const plan = world.replay;
  if (plan === undefined) throw new BadSetting('--data', 'this data folder holds no replay');
  const clock = createSteppedClock((await loadPosition(config.dataDir)) ?? plan.from);
  const source = await openSource(world, plan);
  screen.progress('starting storage, broker and API', '');
  const cloud = await startCloud(config, logger, { ...start.cloudOptions, siteClock: clock });
  const signer = signerOf(cloud, config, logger);
  try {
    return await live({ start, cloud, world, plan, clock, source });
  } finally {
    await signer.close();
    await cloud.close();
  }
}
