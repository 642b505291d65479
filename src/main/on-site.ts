import { randomUUID } from 'node:crypto';
import { createReadStream, openAsBlob } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import pino from 'pino';
import { openDeviceStore } from '../adapters/sqlite/device-store.ts';
import { MAX_MODEL_BYTES } from '../edge/device-options.ts';
import { type CarriedModel, InstallRefused } from '../edge/install-carried.ts';
import type { RefusedReading } from '../edge/reading-check.ts';
import type { RejectionCode } from '../edge/refusals.ts';
import type { DeviceStatus } from '../edge/status.ts';
import { createSteadyClock } from '../edge/steady-clock.ts';
import { createStoredDevice, type StoredDevice } from '../edge/stored-device.ts';
import type { DeviceJournalFact } from '../events/device-journal.ts';
import type { DeviceUpdateState } from '../machines/device-update-model.ts';
import type { Refusal } from '../ota/assignment.ts';
import { systemClocks } from '../ports/clocks.ts';
import type { JournalFact } from '../ports/device-store.ts';
import { deviceRules } from './device-rules.ts';
import { type DeviceSettings, monthlyBytesOf } from './device-settings.ts';
import { readLocalAddress } from './local-endpoint.ts';
import { BadSetting } from './settings/read.ts';

export type { DeviceStatus, JournalFact };
export type DeviceState = DeviceUpdateState;
export type DeviceFact = DeviceJournalFact['type'];
/** Codes by which a device says why it refused something. */
export type RefusalCode =
  | RejectionCode
  | Refusal
  | RefusedReading['code']
  | ('operator' | 'nothing-to-take-back' | 'busy' | 'token-missing' | 'too-slow');

/** The device refused what was asked, and says why and what to do. */
export class DeviceRefused extends Error {
  override readonly name = 'DeviceRefused';
  readonly code: string;

  constructor(code: string, detail: string) {
    super(detail);
    this.code = code;
  }
}

/** A device, asked by a person on site: through its local interface while it runs, else through its memory. */
export interface OnSite {
  readonly isRunning: boolean;
  status(): Promise<DeviceStatus>;
  /** The newest facts of the journal, oldest first. */
  history(limit: number): Promise<readonly JournalFact[]>;
  /** Rejects with {@link DeviceRefused}. A device that does not run does it when it starts. */
  rollback(reason: string): Promise<void>;
  /** Lifts the bound of the month's data and the download hours for so many hours. */
  allowData(hours: number): Promise<void>;
  /**
   * Installs a model from a carried file. A device that does not run does it when it starts. Rejects with
   * {@link DeviceRefused}; nothing has changed then.
   */
  install(file: string, signal: AbortSignal): Promise<CarriedModel>;
  close(): void;
}

/** The largest model on the slowest disk; the device gives up sooner where nothing comes any more. */
const INSTALL_TIMEOUT_MS = 30 * 60_000;
const TIMEOUT_MS = 10_000;

interface Local {
  readonly url: string;
  readonly token: string;
}

function ask({ url, token }: Local, method: string, path: string, body?: object): Promise<unknown> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const init = { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS) };
  const sent = body === undefined ? init : { ...init, body: JSON.stringify(body) };
  return answerOf(fetch(`${url}${path}`, sent));
}

async function send({ url, token }: Local, path: string, file: string, stop: AbortSignal) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' };
  const signal = AbortSignal.any([stop, AbortSignal.timeout(INSTALL_TIMEOUT_MS)]);
  const body = await openAsBlob(file);
  return answerOf(fetch(`${url}${path}`, { method: 'POST', headers, body, signal }));
}

async function answerOf(asked: Promise<Response>): Promise<unknown> {
  const response = await asked;
  const answer: unknown = await response.json();
  if (response.ok) return answer;
  const { code = 'failed', detail = `status ${response.status}` } = answer as {
    code?: string;
    detail?: string;
  };
  throw new DeviceRefused(code, detail);
}

/** Null when no device answers there: it does not run, or another program has its port now. */
async function findRunning(dataFolder: string): Promise<Local | null> {
  const address = await readLocalAddress(dataFolder);
  if (address === null || address.url === null || address.operatorToken === null) return null;
  const local = { url: address.url, token: address.operatorToken };
  return ask(local, 'GET', '/status').then(
    () => local,
    () => null,
  );
}

const runningDevice = (local: Local): OnSite => ({
  isRunning: true,
  status: async () => (await ask(local, 'GET', '/status')) as DeviceStatus,
  history: async (limit) => {
    const { facts } = (await ask(local, 'GET', '/history')) as { readonly facts: readonly JournalFact[] };
    return facts.slice(-limit);
  },
  rollback: async (reason) => {
    await ask(local, 'POST', '/rollback', { reason });
  },
  allowData: async (hours) => {
    await ask(local, 'POST', '/allow-data', { hours });
  },
  install: async (file, signal) => (await send(local, '/install', file, signal)) as CarriedModel,
  close: () => undefined,
});

function refused(error: unknown): never {
  if (!(error instanceof Error)) throw error;
  if (error instanceof InstallRefused) throw new DeviceRefused(error.code, error.message);
  if (error.name === 'NothingToTakeBack') throw new DeviceRefused('nothing-to-take-back', error.message);
  if (error.name === 'IllegalCommand')
    throw new DeviceRefused('busy', 'a model is being installed: start the device and try again in a minute');
  throw error;
}

const stoppedDevice = (stored: StoredDevice): OnSite => ({
  isRunning: false,
  status: async () => stored.status(),
  history: async (limit) => stored.history(limit),
  rollback: async (reason) => {
    try {
      stored.takeBack(reason);
    } catch (error) {
      refused(error);
    }
  },
  allowData: async (hours) => stored.allowData(hours),
  async install(file, signal) {
    const chunks = createReadStream(file);
    try {
      return await stored.install(chunks, signal);
    } catch (error) {
      return refused(error);
    } finally {
      chunks.destroy();
    }
  },
  close: () => stored.close(),
});

/** Throws `BadSetting` where no device has run, `DeviceStoreUnusable` where one runs that does not answer. */
export async function findDevice(settings: DeviceSettings): Promise<OnSite> {
  const { dataFolder, clockOffsetMs } = settings;
  const local = await findRunning(dataFolder);
  if (local !== null) return runningDevice(local);
  const file = join(dataFolder, 'device.sqlite');
  await access(file).catch(() => {
    throw new BadSetting('dataFolder', `${file} does not exist: no device has run there`);
  });
  const store = openDeviceStore(file);
  return stoppedDevice(
    createStoredDevice({
      ...{ store, newId: randomUUID, steady: createSteadyClock() },
      rules: { ...deviceRules(settings), maxModelBytes: MAX_MODEL_BYTES },
      modelsFolder: join(dataFolder, 'models'),
      monthlyBytes: monthlyBytesOf(settings),
      clocks: systemClocks(clockOffsetMs),
      logger: pino({ level: 'silent' }),
    }),
  );
}
