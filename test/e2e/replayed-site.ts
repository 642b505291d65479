import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { HOUR_MS } from '../../src/forecasting/series.ts';
import { readConfig } from '../../src/main/config.ts';
import type { ReplayOutcome } from '../../src/main/replay/outcome.ts';
import { loadPosition } from '../../src/main/replay/position.ts';
import { runReplay } from '../../src/main/replay/run.ts';
import { createScreen } from '../../src/main/terminal/screen.ts';
import type { Trainer } from '../../src/ports/trainer.ts';
import { createTestDatabase } from '../services/postgres.ts';
import { createQuickTrainer, type QuickTrainer } from './quick-trainer.ts';
import { freePort } from './world.ts';

/** A replay with models that say last week's value, of a plant that nearly repeats its weeks. */

const SYSTEM = 'bess-456';
const ZONE = 'America/Sao_Paulo';
const START = Date.parse('2026-01-05T03:00:00Z');
const DAYS = 150;
const CSV = 'plant.csv';

/** Work hours on weekdays, and a little that no week repeats. */
function loadAt(hour: number): number {
  const local = new Date(hour - 3 * HOUR_MS);
  const isWork = local.getUTCDay() % 6 !== 0 && local.getUTCHours() >= 7 && local.getUTCHours() < 18;
  return (isWork ? 400 : 180) * (1 + 0.02 * Math.sin(hour / HOUR_MS / 5.3));
}

/** The evening of a day on which the meter was silent: the device forecasts without it. */
const SILENT = { from: Date.parse('2026-05-20T23:00:00Z'), to: Date.parse('2026-05-21T02:00:00Z') };

async function writePlant(file: string): Promise<void> {
  const hours = Array.from({ length: DAYS * 24 }, (_, i) => START + i * HOUR_MS);
  const rows = hours
    .filter((hour) => hour < SILENT.from || hour >= SILENT.to)
    .map((hour) => `${new Date(hour).toISOString()},${loadAt(hour).toFixed(2)}`);
  await writeFile(file, ['timestamp_utc,load_kw', ...rows].join('\n'));
}

export interface ReplayedSite {
  readonly folder: string;
  readonly connectionString: string;
  /** What the terminal showed. */
  readonly shown: string[];
  /** Where the site clock stands, epoch ms; null before its first step. */
  position(): Promise<number | null>;
  /** Runs it, or goes on with it; `signal` may end it early. */
  run(options: RunOptions): Promise<ReplayOutcome>;
  close(): Promise<void>;
}

interface RunOptions {
  readonly from?: string;
  readonly days?: number;
  readonly inject?: readonly string[];
  readonly signal?: AbortSignal;
  readonly env?: Readonly<Record<string, string>>;
  readonly wrapTrainer?: (quick: QuickTrainer) => Trainer;
  readonly onShown?: (text: string) => void;
}

/** Runs or resumes the replay that lies in a folder and a database. */
export async function runReplayIn(
  { folder, connectionString }: { readonly folder: string; readonly connectionString: string },
  { from, days, inject = [], signal = new AbortController().signal, ...options }: RunOptions,
): Promise<ReplayOutcome> {
  const { wrapTrainer, onShown } = options;
  const env = { DATABASE_URL: connectionString, LIFO4_DATA: folder, ...options.env };
  const config = { ...readConfig(env), port: await freePort(), retrainWindowMs: 0 };
  const output = { isTTY: true, columns: 200, write: (text: string) => onShown?.(text) };
  const quick = createQuickTrainer();
  const replay = { from, until: undefined, days, inject };
  return runReplay({
    ...{ config, signal, speed: Number.POSITIVE_INFINITY, stay: false, verify: 0, logFile: 'nowhere' },
    logger: pino({ level: process.env['LIFO4_LOG_LEVEL'] ?? 'fatal' }),
    screen: createScreen(output, {}),
    wishes: { systemId: SYSTEM, csv: join(folder, CSV), zone: ZONE, replay },
    report: async () => 'the test',
    cloudOptions: { wrapTrainer: () => wrapTrainer?.(quick) ?? quick },
  });
}

export async function createReplayedSite(): Promise<ReplayedSite> {
  const database = await createTestDatabase();
  const { connectionString } = database;
  const folder = await mkdtemp(join(tmpdir(), 'lifo4-replay-'));
  await writePlant(join(folder, CSV));
  const shown: string[] = [];
  return {
    ...{ folder, connectionString, shown },
    position: () => loadPosition(folder),
    run: (options) => {
      const onShown = (text: string): void => {
        shown.push(text);
        options.onShown?.(text);
      };
      return runReplayIn({ folder, connectionString }, { ...options, onShown });
    },
    async close() {
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
