import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { pino } from 'pino';
import { startEmbeddedBroker } from '../../../src/adapters/embedded/broker/start.ts';
import { createMqttDeviceLink } from '../../../src/adapters/mqtt/device-link.ts';
import { buildAssignment } from '../../../src/ota/assignment.ts';
import { type Ack, type Progress, parseUplink } from '../../../src/ota/messages.ts';
import { type CloudStub, DEVICE_SECRET, startCloudStub } from '../../edge/cloud-stub.ts';
import { checksumOf } from '../../edge/site-under-test.ts';

/** What a tortured device talks to: a real broker, a slow HTTP server, and an ear for all that it says. */

const SYSTEM_ID = 'bess-456';
const HOUR_MS = 3_600_000;
const HISTORY_DAYS = 60;
/** Bytes that the server sends at once; small, so that a download takes a while and is often cut. */
const CHUNK = 16_384;
const CHUNK_PAUSE_MS = 2;

/** A message with when it came, ms of the machine clock. */
interface Heard<Message> {
  readonly message: Message;
  readonly at: number;
}

export interface TorturedCloud {
  readonly deviceId: string;
  readonly acks: readonly Heard<Ack>[];
  readonly progress: readonly Heard<Progress>[];
  /** Where the device keeps everything. */
  readonly deviceFolder: string;
  /** The device's settings file. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Puts a file on the server and retains the offer for it; `claimed` is the checksum that the offer names. */
  offer(assignment: number, bytes: Uint8Array, claimed?: string): Promise<void>;
  close(): Promise<void>;
}

/** Two months of a plant that is busy by day, up to the present hour. */
function history() {
  const now = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  return Array.from({ length: HISTORY_DAYS * 24 }, (_, i) => {
    const hour = now - (HISTORY_DAYS * 24 - i) * HOUR_MS;
    const local = (Math.floor(hour / HOUR_MS) + 21) % 24;
    return { hour: new Date(hour).toISOString(), loadKw: (local >= 7 && local < 18 ? 300 : 80) + (i % 5) };
  });
}

/** Sends a file in pieces with pauses, from where the request asks. */
async function sendSlowly(bytes: Uint8Array, request: IncomingMessage, response: ServerResponse) {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const last = bytes.length - 1;
  if (start > last) {
    response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    return;
  }
  response.writeHead(request.headers.range === undefined ? 200 : 206, {
    'content-length': bytes.length - start,
    'content-range': `bytes ${start}-${last}/${bytes.length}`,
  });
  for (let at = start; at < bytes.length && !response.destroyed; at += CHUNK) {
    response.write(bytes.subarray(at, at + CHUNK));
    await new Promise((resolve) => setTimeout(resolve, CHUNK_PAUSE_MS));
  }
  response.end();
}

function settingsOf(cloud: CloudStub, mqttUrl: string, deviceId: string, publicKey: JWK, dataFolder: string) {
  return {
    ...{ deviceId, dataFolder, mqttUrl },
    secret: DEVICE_SECRET,
    systemId: SYSTEM_ID,
    zone: 'America/Sao_Paulo',
    cloudUrl: cloud.url,
    topicPrefix: 'lifo4',
    trustedKeys: [{ kid: 'k1', publicKey }],
    clockOffsetMs: 0,
    readings: { kind: 'none' },
    // A thousand updates in an hour are not a month's.
    dataMbPerMonth: 100_000,
  };
}

/** Starts broker and server for one device, which keeps its data below `parent`. */
export async function startTorturedCloud(deviceId: string, parent = tmpdir()): Promise<TorturedCloud> {
  const logger = pino({ level: process.env['LIFO4_LOG_LEVEL'] ?? 'fatal' });
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const login = { username: '@cloud', password: 'for this process alone' };
  const identity = { deviceId, systemId: SYSTEM_ID, tenant: 'torture' };
  const broker = await startEmbeddedBroker({
    credentials: {
      add: async () => undefined,
      verify: async (id, secret) => (id === deviceId && secret === DEVICE_SECRET ? identity : null),
      revoke: async () => undefined,
    },
    cloud: login,
    logger,
  });
  const cloud = await startCloudStub(deviceId);
  cloud.readings = history();
  cloud.answer = (request, response) => {
    const bytes = cloud.files.get(request.url ?? '');
    if (bytes === undefined) response.writeHead(404).end();
    else void sendSlowly(bytes, request, response);
  };
  const link = createMqttDeviceLink({ url: broker.url, ...login, node: 'torture', logger });
  const acks: Heard<Ack>[] = [];
  const progress: Heard<Progress>[] = [];
  const stopListening = await link.onUplink(async ({ kind, payload }) => {
    const at = performance.now();
    if (kind === 'ack') acks.push({ message: parseUplink(kind, payload), at });
    if (kind === 'progress') progress.push({ message: parseUplink(kind, payload), at });
  });
  const deviceFolder = mkdtempSync(join(parent, 'tortured-device-'));
  return {
    ...{ deviceId, acks, progress, deviceFolder },
    settings: settingsOf(cloud, broker.url, deviceId, await exportJWK(publicKey), deviceFolder),
    async offer(assignment, bytes, claimed = checksumOf(bytes)) {
      const version = `1.${assignment}.0`;
      const path = `/${SYSTEM_ID}/v${version}.onnx`;
      cloud.files.clear();
      cloud.files.set(path, bytes);
      const offer = {
        ...{ systemId: SYSTEM_ID, deviceId, assignment, version, modelType: 'ensemble' as const },
        deploymentId: `dep-${assignment}`,
        artifact: { checksum: claimed, size: bytes.length },
        accuracy: { mape: 0.03, rmse: 12 },
        url: `${cloud.url}${path}`,
        expires: new Date(Date.now() + 24 * HOUR_MS).toISOString(),
      };
      await link.publishDesired(SYSTEM_ID, await buildAssignment(offer, { kid: 'k1', key: privateKey }));
    },
    async close() {
      await stopListening();
      await link.close();
      await broker.close();
      await cloud.close();
      rmSync(deviceFolder, { recursive: true, force: true });
    },
  };
}
