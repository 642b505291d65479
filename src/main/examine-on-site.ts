import { createHash } from 'node:crypto';
import { access, constants, readFile, stat, statfs } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { importJWK, type JWK } from 'jose';
import { authorization } from '../edge/credential.ts';
import { sumOf } from '../edge/data-budget.ts';
import type { DeviceStatus } from '../edge/status.ts';
import { type DeviceSettings, monthlyBytesOf } from './device-settings.ts';
import { findDevice } from './on-site.ts';

/** What a person on site needs to know of a device's health; each finding has words in each language. */
export interface Finding {
  readonly check:
    | 'disk'
    | 'clock'
    | 'broker'
    | 'credential'
    | 'keys'
    | 'model'
    | 'history'
    | 'forecast'
    | 'journal'
    | 'data';
  readonly level: 'ok' | 'warn' | 'fail';
  /** Which words. */
  readonly code: string;
  /** What the words name. */
  readonly values: Readonly<Record<string, string | number>>;
}

interface Patient {
  readonly settings: DeviceSettings;
  /** Null where the device's memory could not be read. */
  readonly status: DeviceStatus | null;
}

const PATIENCE_MS = 5_000;
const MB = 1024 * 1024;
const LITTLE_MB = 256;
const LEAST_MB = 64;
const USABLE_HOURS = 336;
const STALE_HOURS = 2;

const finding = (
  check: Finding['check'],
  level: Finding['level'],
  code: string,
  values: Finding['values'] = {},
): Finding => ({ check, level, code, values });

async function disk({ settings: { dataFolder } }: Patient): Promise<Finding> {
  try {
    await access(dataFolder, constants.W_OK);
  } catch {
    return finding('disk', 'fail', 'not-writable', { folder: dataFolder });
  }
  const { bavail, bsize } = await statfs(dataFolder);
  const free = Math.floor((bavail * bsize) / MB);
  if (free < LEAST_MB) return finding('disk', 'fail', 'full', { free });
  return finding('disk', free < LITTLE_MB ? 'warn' : 'ok', free < LITTLE_MB ? 'little' : 'ok', { free });
}

async function clock({ status }: Patient): Promise<Finding> {
  const now = new Date().toISOString();
  if (status === null) return finding('clock', 'ok', 'unchecked', { now });
  if (status.time.isLost) return finding('clock', 'fail', 'lost', { now, floor: status.time.floor ?? '' });
  return finding('clock', 'ok', 'ok', { now: status.time.now });
}

/** Resolves when something listens there. */
const reach = (host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: PATIENCE_MS });
    const end = (error: Error | null) => {
      socket.destroy();
      if (error === null) resolve();
      else reject(error);
    };
    socket.once('connect', () => end(null));
    socket.once('timeout', () => end(new Error('no answer')));
    socket.once('error', end);
  });

async function broker({ settings: { mqttUrl }, status }: Patient): Promise<Finding> {
  if (status?.connected === true) return finding('broker', 'ok', 'connected', { url: mqttUrl });
  const { hostname, port, protocol } = new URL(mqttUrl);
  try {
    await reach(hostname, Number(port || (protocol === 'mqtts:' ? 8883 : 1883)));
    const running = status !== null && status.connected !== null;
    return finding('broker', running ? 'warn' : 'ok', running ? 'not-connected' : 'reached', {
      url: mqttUrl,
    });
  } catch (error) {
    return finding('broker', 'fail', 'unreachable', { url: mqttUrl, why: String(error) });
  }
}

async function credential({ settings }: Patient): Promise<Finding> {
  const { cloudUrl, systemId, deviceId } = settings;
  try {
    const response = await fetch(`${cloudUrl}/api/v1/telemetry/${systemId}?days=1`, {
      headers: { authorization: authorization(settings) },
      signal: AbortSignal.timeout(PATIENCE_MS),
      redirect: 'error',
    });
    await response.body?.cancel();
    if (response.ok) return finding('credential', 'ok', 'ok', { deviceId });
    const isRefused = [401, 403, 404].includes(response.status);
    const code = isRefused ? 'refused' : 'unasked';
    return finding('credential', isRefused ? 'fail' : 'warn', code, {
      deviceId,
      why: response.status,
      url: cloudUrl,
    });
  } catch (error) {
    return finding('credential', 'warn', 'unasked', { deviceId, why: String(error), url: cloudUrl });
  }
}

async function keys({ settings: { trustedKeys, trustRoot } }: Patient): Promise<Finding> {
  for (const { kid, publicKey } of trustedKeys) {
    try {
      await importJWK(publicKey as JWK, 'ES256');
    } catch (error) {
      return finding('keys', 'fail', 'unusable', { kid, why: String(error) });
    }
  }
  if (trustRoot === undefined) return finding('keys', 'warn', 'no-root', { keys: trustedKeys.length });
  return finding('keys', 'ok', 'ok', { keys: trustedKeys.length });
}

async function checksumOf(path: string): Promise<string | null> {
  const bytes = await readFile(path).catch(() => null);
  return bytes && `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

async function model({ settings: { dataFolder }, status }: Patient): Promise<Finding> {
  const running = status?.report.running ?? null;
  if (running === null) return finding('model', 'warn', 'none');
  const path = join(dataFolder, 'models', 'forecast.onnx');
  const found = await checksumOf(path);
  const { version } = running;
  if (found === null) return finding('model', 'fail', 'missing', { version, path });
  if (found !== running.checksum) return finding('model', 'fail', 'damaged', { version, path });
  const { size } = await stat(path);
  return finding('model', 'ok', 'ok', { version, size: Math.round(size / 1024) });
}

async function history({ status }: Patient): Promise<Finding> {
  const hours = status?.report.historyHours ?? 0;
  return hours < USABLE_HOURS
    ? finding('history', 'warn', 'short', { hours, least: USABLE_HOURS })
    : finding('history', 'ok', 'ok', { hours });
}

async function forecast({ status }: Patient): Promise<Finding> {
  const latest = status?.forecast ?? null;
  if (status === null || latest === null) return finding('forecast', 'warn', 'none');
  const hours = Math.floor((Date.parse(status.time.now) - Date.parse(latest.issuedAt)) / 3_600_000);
  const about = { at: latest.issuedAt, hours };
  if (hours >= STALE_HOURS) return finding('forecast', 'warn', 'stale', about);
  if (latest.fallback !== undefined)
    return finding('forecast', 'warn', 'naive', { ...about, why: latest.fallback });
  return finding('forecast', 'ok', 'ok', { ...about, version: latest.version ?? '' });
}

async function journal({ status }: Patient): Promise<Finding> {
  if (status === null) return finding('journal', 'warn', 'unread');
  const { facts, copied, refused } = status.journal;
  if (refused) return finding('journal', 'warn', 'refused', { facts, copied, why: refused.reason });
  return finding('journal', 'ok', 'ok', { facts, copied });
}

async function data({ settings, status }: Patient): Promise<Finding> {
  const bytes = sumOf({ bytes: status?.data.bytes ?? {} });
  const about = { mb: (bytes / MB).toFixed(1), most: monthlyBytesOf(settings) / MB };
  const level = status?.data.level ?? 'within';
  return level === 'within' ? finding('data', 'ok', 'ok', about) : finding('data', 'warn', 'much', about);
}

async function statusOf(settings: DeviceSettings): Promise<DeviceStatus | null> {
  try {
    const device = await findDevice(settings);
    try {
      return await device.status();
    } finally {
      device.close();
    }
  } catch {
    // Told as a finding: its memory is locked, damaged or not there yet.
    return null;
  }
}

const CHECKS = [disk, clock, broker, credential, keys, model, history, forecast, journal, data];

/** Looks at everything that keeps a device from its work. Asks the broker and the cloud, and changes nothing. */
export async function examineOnSite(settings: DeviceSettings): Promise<readonly Finding[]> {
  const patient = { settings, status: await statusOf(settings) };
  return Promise.all(CHECKS.map((check) => check(patient)));
}
