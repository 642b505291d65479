import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino, { type Logger } from 'pino';
import { expect, vi } from 'vitest';
import { HOUR_MS } from '../../src/forecasting/series.ts';
import { simulateLoad } from '../../src/forecasting/simulation/simulate-load.ts';
import { type Cloud, type StartCloudOptions, startCloud } from '../../src/main/cloud.ts';
import { type Config, readConfig } from '../../src/main/config.ts';
import type { DeviceSettings } from '../../src/main/device-settings.ts';
import { createTestDatabase } from '../services/postgres.ts';

/** A whole cloud on loopback with devices as processes of their own, living on a day without holidays around it. */

const ZONE = 'America/Sao_Paulo';
/** The sites' now: an ordinary Thursday. */
const SITE_NOW = Date.parse('2026-10-15T12:00:00Z');
const PATIENCE = { timeout: 240_000, interval: 100 } as const;
/** A job that is here stays here: who waits for another status hears why at once. */
const ENDED: ReadonlySet<string> = new Set(['kept', 'acked', 'rolledback', 'undelivered', 'failed']);
const DAYS_OF_LOAD = 135;

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export interface DeviceHandle {
  readonly deviceId: string;
  readonly dataFolder: string;
  stop(): Promise<void>;
}

export interface NewDevice {
  readonly deviceId: string;
  readonly secret: string;
  /** What its trust begins with, where the cloud has published a root. */
  readonly trustRoot?: NonNullable<DeviceSettings['trustRoot']>;
}

export interface E2eWorld {
  readonly cloud: Cloud;
  readonly config: Config;
  readonly token: string;
  readonly folder: string;
  /** Calls the API with the token and returns the parsed answer; throws unless the status is the expected one. */
  call(method: string, path: string, body?: unknown, expected?: number): Promise<Record<string, unknown>>;
  /** A registered site with months of simulated load. */
  addSite(systemId: string, seed?: number): Promise<void>;
  addDevice(systemId: string): Promise<NewDevice>;
  /** Starts the device's process; the same folder again for the same device. */
  startDevice(systemId: string, device: NewDevice): Promise<DeviceHandle>;
  retrain(systemId: string, wishes?: Record<string, unknown>): Promise<string>;
  /** Waits until the job has this status and answers its view. */
  jobReaches(jobId: string, status: string): Promise<Record<string, unknown>>;
  statesOf(jobId: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface WorldOptions extends StartCloudOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly config?: Partial<Config>;
  /** Of the cloud. */
  readonly logger?: Logger;
}

const ALL_SCOPES = ['ml:read', 'ml:train', 'ml:deploy', 'telemetry:write', 'admin'] as const;

function loadCsv(seed: number): string {
  const hours = DAYS_OF_LOAD * 24;
  const from = Math.floor(SITE_NOW / HOUR_MS) * HOUR_MS - hours * HOUR_MS;
  const rows = simulateLoad({ seed, zone: ZONE, from, hours }).map(
    ({ hour, loadKw, temperatureC }) => `${new Date(hour).toISOString()},${loadKw},${temperatureC}`,
  );
  return ['timestamp_utc,load_kw,temperature_c', ...rows].join('\n');
}

function runDevice(settingsFile: string): { stop(): Promise<void> } {
  const child = fork(new URL('../../src/main/edge.ts', import.meta.url), [settingsFile], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, LIFO4_LOG_LEVEL: process.env['LIFO4_LOG_LEVEL'] ?? 'fatal' },
  });
  const exited = once(child, 'exit');
  return {
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** A body of text is CSV, any other is JSON. */
function requestOf(method: string, token: string, body: unknown): RequestInit {
  const authorization = `Bearer ${token}`;
  if (body === undefined) return { method, headers: { authorization } };
  const text = typeof body === 'string';
  const headers = { authorization, 'content-type': text ? 'text/csv' : 'application/json' };
  return { method, headers, body: text ? body : JSON.stringify(body) };
}

const caller =
  (url: string, token: string): E2eWorld['call'] =>
  async (method, path, body, expected) => {
    const response = await fetch(`${url}/api/v1${path}`, requestOf(method, token, body));
    const answer = await response.text();
    const asExpected = expected === undefined ? response.ok : response.status === expected;
    if (!asExpected)
      throw new Error(`${method} ${path} answered ${response.status}: ${answer.slice(0, 1000)}`);
    return answer === '' ? {} : JSON.parse(answer);
  };

export async function createWorld(options: WorldOptions = {}): Promise<E2eWorld> {
  const database = await createTestDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'lifo4-e2e-'));
  const base = readConfig({ DATABASE_URL: database.connectionString, LIFO4_DATA: folder, ...options.env });
  const clockOffsetMs = SITE_NOW - Date.now();
  const config: Config = { ...base, port: await freePort(), clockOffsetMs, ...options.config };
  const logger = options.logger ?? pino({ level: process.env['LIFO4_LOG_LEVEL'] ?? 'fatal' });
  const cloud = await startCloud(config, logger, options);
  const token = await cloud.tokens.issue({
    subject: 'tester',
    tenant: 'acme',
    scopes: ALL_SCOPES,
    ttlSeconds: 3600,
  });
  const devices = new Set<{ stop(): Promise<void> }>();

  const call = caller(cloud.url, token);

  const facts = async (jobId: string) => {
    const { items } = await call('GET', `/ml/training-jobs/${jobId}/events`);
    return items as readonly { readonly type: string }[];
  };

  return {
    ...{ cloud, config, token, folder, call },
    async addSite(systemId, seed = 7) {
      await call('PUT', `/systems/${systemId}`, { zone: ZONE });
      await call('POST', `/telemetry/${systemId}`, loadCsv(seed));
    },
    async addDevice(systemId) {
      return (await call('POST', `/systems/${systemId}/devices`, {})) as unknown as NewDevice;
    },
    async startDevice(systemId, device) {
      const own = join(folder, 'devices', device.deviceId);
      await mkdir(own, { recursive: true });
      const settings: DeviceSettings = {
        ...device,
        systemId,
        zone: ZONE,
        cloudUrl: cloud.url,
        mqttUrl: cloud.mqttUrl,
        topicPrefix: config.topicPrefix,
        trustedKeys: [{ kid: cloud.deviceKey.kid, publicKey: cloud.deviceKey.publicKey }],
        dataFolder: join(own, 'data'),
        clockOffsetMs,
        readings: { kind: 'none' },
      };
      const file = join(own, 'device.json');
      await writeFile(file, JSON.stringify(settings));
      const process = runDevice(file);
      devices.add(process);
      return {
        deviceId: device.deviceId,
        dataFolder: settings.dataFolder,
        async stop() {
          devices.delete(process);
          await process.stop();
        },
      };
    },
    async retrain(systemId, wishes = {}) {
      const { jobId } = await call('POST', '/ml/retrain', { systemId, ...wishes }, 202);
      return String(jobId);
    },
    async jobReaches(jobId, status) {
      const job = await vi.waitUntil(async () => {
        const view = await call('GET', `/ml/training-jobs/${jobId}`);
        return (view['status'] === status || ENDED.has(String(view['status']))) && view;
      }, PATIENCE);
      expect(job['status'], JSON.stringify(job['reason'] ?? job['decision'])).toBe(status);
      return job;
    },
    statesOf: async (jobId) => (await facts(jobId)).map(({ type }) => type),
    async close() {
      await Promise.all([...devices].map((device) => device.stop()));
      await cloud.close();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
