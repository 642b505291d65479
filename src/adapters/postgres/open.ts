import type pg from 'pg';
import { createCatalogueRules, type FactRules } from '../../events/catalogue.ts';
import type { ConfigRenewals } from '../../ports/config-renewals.ts';
import type { DeviceCredentials } from '../../ports/device-credentials.ts';
import type { EffectQueue } from '../../ports/effect-queue.ts';
import type { Commit, EventLog } from '../../ports/event-log.ts';
import type { FittedModels } from '../../ports/fitted-models.ts';
import type { CountFleet } from '../../ports/fleet-figures.ts';
import type { FleetSites } from '../../ports/fleet-sites.ts';
import type { MemberDays } from '../../ports/member-days.ts';
import type { ReadModels } from '../../ports/read-models.ts';
import type { ScoreCopies } from '../../ports/score-copies.ts';
import type { ScoreStore } from '../../ports/scores.ts';
import type { ForecastStore, TelemetryStore } from '../../ports/telemetry.ts';
import type { TemperatureForecasts } from '../../ports/temperature-forecasts.ts';
import type { TrustStore } from '../../ports/trust-store.ts';
import type { WatchList } from '../../ports/watch-list.ts';
import type { Projection } from '../../projections/projection.ts';
import { createPostgresConfigRenewals } from './config-renewals.ts';
import { type ConnectOptions, createPool } from './connect.ts';
import { createPostgresDeviceCredentials } from './device-credentials.ts';
import { createPostgresEffectQueue } from './effect-queue.ts';
import { createPostgresEventLog } from './event-log.ts';
import { type FeedRelay, type FeedRelayOptions, relayFeed } from './feed-relay.ts';
import { createPostgresFittedModels } from './fitted-models.ts';
import { createPostgresFleetFigures } from './fleet-figures.ts';
import { createPostgresFleetSites } from './fleet-sites.ts';
import { createPostgresForecasts } from './forecasts.ts';
import { createPostgresMemberDays } from './member-days.ts';
import { migrate } from './migrate.ts';
import { createBell, listenForNotifications } from './notifications.ts';
import { type ProjectionRunner, runProjections } from './projection-runner.ts';
import { createPostgresReadModels } from './read-models.ts';
import { createPostgresScoreCopies } from './score-copies.ts';
import { createPostgresScores } from './scores.ts';
import { createSequencer, type FeedHealth } from './sequencer.ts';
import { createPostgresTelemetry } from './telemetry.ts';
import { createPostgresTemperatureForecasts } from './temperature-forecasts.ts';
import { createPostgresTrustStore } from './trust-store.ts';
import { createPostgresWatchList } from './watch-list.ts';

export interface OpenPostgresOptions extends ConnectOptions {
  /** Projections that this node folds. Default none: read models can still be read. */
  readonly projections?: readonly Projection[] | undefined;
  /** Longest time between two looks of the sequencer and the projections, in ms. Default 1000. */
  readonly pollMs?: number | undefined;
  /** Seconds after which a fact without a `seq` is reported as stalled. Default 5. */
  readonly stallSeconds?: number | undefined;
  /** Rules of the facts; the catalogue's unless a test has its own. */
  readonly rules?: FactRules | undefined;
}

/** Everything that one node keeps in Postgres, over one pool. */
export interface Postgres {
  readonly log: EventLog;
  readonly effects: EffectQueue;
  readonly readModels: ReadModels;
  readonly telemetry: TelemetryStore;
  readonly forecasts: ForecastStore;
  readonly temperatureForecasts: TemperatureForecasts;
  readonly scores: ScoreStore;
  readonly memberDays: MemberDays;
  readonly scoreCopies: ScoreCopies;
  readonly watchList: WatchList;
  readonly renewals: ConfigRenewals;
  readonly credentials: DeviceCredentials;
  readonly fitted: FittedModels;
  readonly trust: TrustStore;
  readonly countFleet: CountFleet;
  readonly fleetSites: FleetSites;
  readonly projections: ProjectionRunner;
  /** Passes the feed on to something outside; the caller closes it before the rest. */
  relay(options: Pick<FeedRelayOptions, 'name' | 'deliver' | 'logger'>): FeedRelay;
  /** For programs of ours that share the database. */
  readonly connectionString: string;
  /** For other adapters' own queries and for readiness checks. */
  readonly pool: pg.Pool;
  /** Head and stall of the feed as this node saw it last. */
  feedHealth(): FeedHealth;
  /** Ends the loops, then the connections; calls under way finish first. */
  close(): Promise<void>;
}

/**
 * Connects, migrates, and starts this node's sequencer and projections. Throws when the database cannot be reached,
 * with the connection's own error, or `MigrationChanged`.
 */
export async function openPostgres(options: OpenPostgresOptions): Promise<Postgres> {
  const { logger, rules = createCatalogueRules(), pollMs } = options;
  const pool = createPool(options);
  const report = (error: unknown): void => logger.error({ err: error }, 'a database listener failed');
  const sequenced = createBell(report);
  const due = createBell(report);
  const folded = createBell(report);
  const notifications = await migrate(pool, logger)
    .then(() => listenForNotifications(options))
    .catch(async (error: unknown) => {
      await pool.end();
      throw error;
    });

  const sequencer = createSequencer({
    pool,
    logger,
    pollMs,
    stallSeconds: options.stallSeconds,
    // The notification tells this node too, but a moment later.
    onSequenced: () => sequenced.ring(),
  });
  notifications.on('lifo4_facts', () => {
    sequenced.ring();
    due.ring();
  });
  notifications.on('lifo4_effects', () => due.ring());
  const onCommitted = ({ appends }: Commit): void => {
    if (appends.some(({ facts }) => facts.length > 0)) sequencer.poke();
    if (appends.some(({ effects }) => effects.length > 0)) due.ring();
  };
  const projections = runProjections({
    pool,
    logger,
    projections: options.projections ?? [],
    sequenced,
    folded,
    rules,
    pollMs,
  });
  const log = createPostgresEventLog({ pool, sequenced, onCommitted, rules });
  return {
    log,
    effects: createPostgresEffectQueue({ pool, log, due }),
    readModels: createPostgresReadModels({ pool, folded }),
    telemetry: createPostgresTelemetry({ pool }),
    forecasts: createPostgresForecasts({ pool }),
    temperatureForecasts: createPostgresTemperatureForecasts({ pool }),
    scores: createPostgresScores({ pool }),
    memberDays: createPostgresMemberDays({ pool }),
    scoreCopies: createPostgresScoreCopies({ pool }),
    watchList: createPostgresWatchList({ pool }),
    renewals: createPostgresConfigRenewals({ pool }),
    credentials: createPostgresDeviceCredentials({ pool, notifications }),
    fitted: createPostgresFittedModels({ pool }),
    trust: createPostgresTrustStore({ pool }),
    countFleet: createPostgresFleetFigures({ pool }),
    fleetSites: createPostgresFleetSites({ pool }),
    connectionString: options.connectionString,
    projections,
    relay: (relay) => relayFeed({ connectionString: options.connectionString, log, pollMs, ...relay }),
    pool,
    feedHealth: () => sequencer.health(),
    close: async () => {
      await Promise.all([sequencer.close(), projections.close()]);
      await notifications.close();
      await pool.end();
    },
  };
}
