import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPair } from 'jose';
import { pino } from 'pino';
import { expect, vi } from 'vitest';
import { createModelLoader } from '../../src/adapters/onnxruntime/model-loader.ts';
import { openDeviceStore } from '../../src/adapters/sqlite/device-store.ts';
import { createDevice, type Device } from '../../src/edge/device.ts';
import type { DeviceOptions } from '../../src/edge/device-options.ts';
import { buildAssignment, type ModelOffer } from '../../src/ota/assignment.ts';
import type { Signer } from '../../src/ota/signature.ts';
import { buildSiteConfig } from '../../src/ota/site-config.ts';
import type { UplinkKind } from '../../src/ports/device-link.ts';
import type { DeviceStore } from '../../src/ports/device-store.ts';
import type { Reading } from '../../src/ports/telemetry.ts';
import { type CloudStub, DEVICE_SECRET, startCloudStub } from './cloud-stub.ts';
import { createMemoryBroker, type MemoryBroker } from './memory-link.ts';
import { proverHere } from './prover-here.ts';
import { tinyModel } from './tiny-model.ts';

export const soon = { timeout: 10_000, interval: 5 };
/** A Monday, 09:10 in São Paulo. */
export const NOW = Date.parse('2026-03-02T12:10:00Z');
export const HOUR = 3_600_000;

export const checksumOf = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** A plant's load: busy in working hours. */
function loadOf(hour: number): number {
  const at = new Date(hour - 3 * HOUR);
  const isWorking = at.getUTCDay() % 6 !== 0 && at.getUTCHours() >= 7 && at.getUTCHours() < 18;
  return (isWorking ? 300 : 80) + 10 * Math.sin(at.getUTCHours()) + (at.getUTCDate() % 5);
}

export const readingsUntil = (end: number, hours: number): Reading[] =>
  Array.from({ length: hours }, (_, i) => {
    const hour = end - (hours - i) * HOUR;
    return { hour: new Date(hour).toISOString(), loadKw: loadOf(hour) };
  });

export const thisHour = Math.floor(NOW / HOUR) * HOUR;

interface Changes extends Partial<DeviceOptions> {
  readonly wrapStore?: (store: DeviceStore) => DeviceStore;
}

/** One site with its cloud and its device's disk; the device can be started again and again. */
export interface SiteUnderTest {
  readonly cloud: CloudStub;
  readonly broker: MemoryBroker;
  /** The device's data folder, and its models in it. */
  readonly folder: string;
  readonly models: string;
  now: number;
  device: Device;
  /** Starts the device on the same disk. */
  start(changed?: Changes): Promise<Device>;
  /** Starts it, and waits until the first model serves. */
  startWithFirst(changed?: Changes): Promise<void>;
  /** Ends the device; it can be started again. */
  stop(): Promise<void>;
  /** Checksums of `forecast.onnx` and `forecast_previous.onnx`; they throw where there is no such file. */
  active(): string;
  previous(): string;
  /** What the device told the cloud of this kind, in its order. */
  sent(kind: UplinkKind): Record<string, unknown>[];
  /** The signed offer of a model, which is on the server then. */
  sign(
    assignment: number,
    bytes: Uint8Array,
    changed?: Partial<ModelOffer>,
    by?: Signer,
  ): Promise<Uint8Array>;
  /** Puts a model on the server and retains the offer for it. */
  offer(assignment: number, bytes: Uint8Array, changed?: Partial<ModelOffer>, by?: Signer): Promise<void>;
  /** Publishes a signed configuration that names these local hours for downloads. */
  configure(revision: number, downloadHours: number[]): Promise<void>;
  acks(): Record<string, unknown>[];
  /** Waits until the cloud has this answer. */
  answered(assignment: number, status: string): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

const { privateKey, publicKey } = await generateKeyPair('ES256');
const signer: Signer = { kid: 'k1', key: privateKey };

export async function createSite(deviceId = 'dev-1'): Promise<SiteUnderTest> {
  const cloud = await startCloudStub(deviceId);
  const broker = createMemoryBroker();
  const folder = mkdtempSync(join(tmpdir(), 'device-'));
  const models = join(folder, 'models');
  cloud.readings = readingsUntil(thisHour, 60 * 24);
  let device: Device | null = null;
  const stop = async () => {
    await device?.close();
    device = null;
  };
  const site: SiteUnderTest = {
    cloud,
    broker,
    folder,
    models,
    now: NOW,
    get device() {
      if (device === null) throw new Error('the device is not started');
      return device;
    },
    async start({ wrapStore = (store) => store, ...changed }: Changes = {}) {
      await stop();
      device = createDevice({
        systemId: 'bess-456',
        deviceId,
        secret: DEVICE_SECRET,
        cloudUrl: cloud.url,
        modelOrigins: [cloud.url],
        keys: new Map([['k1', publicKey]]),
        trust: null,
        modelsFolder: models,
        zone: 'America/Sao_Paulo',
        store: wrapStore(openDeviceStore(join(folder, 'device.sqlite'))),
        link: broker.connect(),
        loadModel: createModelLoader(),
        prover: proverHere,
        clocks: { site: { now: () => new Date(site.now) }, machine: { now: () => new Date() } },
        logger: pino({ level: process.env['LOG_LEVEL'] ?? 'silent' }),
        timings: { tickMs: 5 },
        random: () => 0,
        ...changed,
      });
      await device.start();
      return device;
    },
    async startWithFirst(changed) {
      await site.start(changed);
      await site.offer(1, goodModel(1));
      await site.answered(1, 'active');
    },
    stop,
    active: () => checksumOf(readFileSync(join(models, 'forecast.onnx'))),
    previous: () => checksumOf(readFileSync(join(models, 'forecast_previous.onnx'))),
    sent: (kind) => broker.sent.filter((said) => said.kind === kind).map(({ message }) => message),
    async sign(assignment, bytes, changed = {}, by = signer) {
      const version = changed.version ?? `1.${assignment}.0`;
      const path = `/bess-456/v${version}.onnx`;
      cloud.files.set(path, bytes);
      const offer: ModelOffer = {
        systemId: 'bess-456',
        deviceId,
        deploymentId: `dep-${assignment}`,
        assignment,
        version,
        modelType: 'ensemble',
        artifact: { checksum: checksumOf(bytes), size: bytes.length },
        accuracy: { mape: 0.03, rmse: 12 },
        url: `${cloud.url}${path}`,
        expires: new Date(NOW + 7 * 24 * HOUR).toISOString(),
        ...changed,
      };
      return buildAssignment(offer, by);
    },
    async offer(assignment, bytes, changed, by) {
      broker.publishDesired(await site.sign(assignment, bytes, changed, by));
    },
    async configure(revision, downloadHours) {
      const about = { systemId: 'bess-456', deviceId, revision, issuedAt: new Date(NOW).toISOString() };
      const site = { zone: 'America/Sao_Paulo', ibgeCode: null, contract: null, holidays: [], flags: [] };
      broker.publishConfig(await buildSiteConfig({ ...about, ...site, downloadHours }, signer));
    },
    acks: () => site.sent('ack'),
    answered: (assignment, status) =>
      vi.waitFor(() => {
        const ack = site.acks().findLast((message) => message['assignment'] === assignment);
        expect(ack).toMatchObject({ status });
        return ack ?? {};
      }, soon),
    async close() {
      await stop();
      await cloud.close();
      rmSync(folder, { recursive: true });
    },
  };
  return site;
}

/** The model of an assignment's default version. */
export const goodModel = (assignment: number): Uint8Array => tinyModel({ version: `1.${assignment}.0` });
