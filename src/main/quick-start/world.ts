import { randomInt } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import { Check } from 'typebox/value';
import { SystemId } from '../../events/values.ts';
import { createSiteCalendar } from '../../forecasting/calendar/site-calendar.ts';
import { HOUR_MS } from '../../forecasting/series.ts';
import { zoneOfCsv } from '../csv-file.ts';
import { planReplay, type ReplayPlan, type ReplayWishes } from '../replay/plan.ts';
import { BadSetting } from '../settings/read.ts';
import { requireSiteId } from '../site-id.ts';
import { csvReadings } from './readings.ts';

/** What the first start decided: the site, where its load comes from, and how far its clock is from ours. */
const World = Type.Object({
  systemId: SystemId,
  zone: Type.String(),
  /** Absolute path of the series, or null for the simulated plant. */
  csv: Type.Union([Type.String(), Type.Null()]),
  seed: Type.Integer({ minimum: 0 }),
  clockOffsetMs: Type.Integer(),
  /** What is replayed on a clock that may run fast; absent where the site lives beside the machine's clock. */
  replay: Type.Optional(
    Type.Object({ from: Type.Integer(), until: Type.Integer(), inject: Type.Array(Type.String()) }),
  ),
  /** Whether the site's measured hours are all stored; a start that was interrupted stores them again. */
  loaded: Type.Boolean(),
});
export type World = Static<typeof World>;

/** What the person who starts the program asks for. */
export interface Wishes {
  readonly systemId?: string;
  readonly csv?: string;
  readonly zone?: string;
  readonly replay?: ReplayWishes;
}

const FILE = 'world.json';
const DEFAULT_SYSTEM = 'bess-456';
const DEFAULT_ZONE = 'America/Sao_Paulo';
const MAX_SEED = 2 ** 31;
/** A year and a half: a year to replay and what it begins with. */
const SIMULATED_MS = 550 * 24 * HOUR_MS;

/** The world of an earlier start in this data folder, or null. Throws {@link BadSetting} for a damaged file. */
async function loadWorld(dataDir: string): Promise<World | null> {
  const path = join(dataDir, FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return null;
  }
  const value: unknown = parsed(text);
  if (!Check(World, value)) {
    throw new BadSetting('--data', `${path} is damaged: restore it, or start with another data folder`);
  }
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Replaces a file of ours, all or nothing: a start that is killed leaves the old one or the new one. */
export async function saveJson(path: string, value: object): Promise<void> {
  await writeFile(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** Replaces what is known of the world. */
export const saveWorld = (dataDir: string, world: World): Promise<void> =>
  saveJson(join(dataDir, FILE), world);

/** A replay resumes where it stood; it can be told to go on, not to be another one. */
function assertSamePlan(replay: World['replay'], wishes: ReplayWishes | undefined): void {
  if (replay === undefined && wishes === undefined) return;
  if (replay === undefined)
    throw new BadSetting('--data', 'this data folder lives in the present: name another one for a replay');
  if (wishes === undefined)
    throw new BadSetting('--data', 'this data folder holds a replay: add --speed to resume it');
  const { from, until, days, inject } = wishes;
  if ([from, until, days].some((named) => named !== undefined) || inject.length > 0)
    throw new BadSetting(
      '--data',
      'this data folder holds a replay that has begun: leave out --from, --until, --days and --inject to resume it, or name another folder',
    );
}

/**
 * A data folder keeps the site and clock of its first start: a clock that jumped would tear the log's times.
 * Throws {@link BadSetting} when the wishes of this start say otherwise.
 */
function assertSameWorld(world: World, wishes: Wishes): void {
  assertSamePlan(world.replay, wishes.replay);
  const other =
    (wishes.systemId !== undefined && wishes.systemId !== world.systemId) ||
    (wishes.csv !== undefined && wishes.csv !== world.csv) ||
    (wishes.zone !== undefined && wishes.zone !== world.zone);
  if (!other) return;
  const source = world.csv ?? 'a simulated plant';
  throw new BadSetting(
    '--data',
    `this data folder already runs site ${world.systemId} (${world.zone}) from ${source}; name another folder with --data, or leave out --csv, --system and --zone to resume`,
  );
}

/** The clock that makes the file's last hour the one that has just passed. */
async function offsetOfCsv(path: string): Promise<number> {
  const readings = await csvReadings(path);
  const last = readings.at(-1)?.hour;
  if (last === undefined) throw new BadSetting('--csv', `${path} holds no readings`);
  return last + HOUR_MS - Date.now();
}

/** Checked before the world is kept: what cannot be used would otherwise be met again at every start. */
function assertUsable(systemId: string, zone: string): void {
  requireSiteId('--system', systemId);
  try {
    createSiteCalendar({ zone, ibgeCode: null });
  } catch (error) {
    throw new BadSetting('--zone', error instanceof Error ? error.message : String(error));
  }
}

/** Where there is no file, a plant is simulated up to the present. */
async function replayOf(wishes: ReplayWishes, csv: string | undefined, zone: string): Promise<ReplayPlan> {
  const now = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  const readings = csv === undefined ? [] : await csvReadings(csv);
  const from = readings[0]?.hour ?? now - SIMULATED_MS;
  const to = (readings.at(-1)?.hour ?? now - HOUR_MS) + HOUR_MS;
  return planReplay(wishes, { from, to }, createSiteCalendar({ zone, ibgeCode: null }));
}

async function newWorld({ systemId = DEFAULT_SYSTEM, csv, zone: wished, replay }: Wishes): Promise<World> {
  const seed = randomInt(MAX_SEED);
  const zone = wished ?? (csv === undefined ? DEFAULT_ZONE : await zoneOfCsv(csv));
  assertUsable(systemId, zone);
  if (replay !== undefined) {
    const { from, until, inject } = await replayOf(replay, csv, zone);
    const plan = { from, until, inject: [...inject] };
    return { systemId, zone, csv: csv ?? null, seed, clockOffsetMs: 0, loaded: false, replay: plan };
  }
  if (csv === undefined) return { systemId, zone, csv: null, seed, clockOffsetMs: 0, loaded: false };
  return { systemId, zone, csv, seed, clockOffsetMs: await offsetOfCsv(csv), loaded: false };
}

/** The world of this data folder, made at its first start. Throws {@link BadSetting}. */
export async function worldOf(dataDir: string, wishes: Wishes): Promise<World> {
  const known = await loadWorld(dataDir);
  if (known !== null) {
    assertSameWorld(known, wishes);
    return known;
  }
  const world = await newWorld(wishes);
  await saveWorld(dataDir, world);
  return world;
}
