import { readFile } from 'node:fs/promises';
import Type, { type Static } from 'typebox';
import { Check, Errors } from 'typebox/value';
import { MONTHLY_BYTES } from '../edge/data-use.ts';
import { isLoopback } from '../edge/local/guard.ts';
import { OpaqueId, SystemId } from '../events/values.ts';
import { BadSetting } from './settings/read.ts';

/** What a device is told once, when it is set up: who it is, whom it trusts, where its cloud is. */
const DeviceSettings = Type.Object({
  deviceId: OpaqueId,
  secret: Type.String({ minLength: 8 }),
  systemId: SystemId,
  /** IANA zone, until the cloud's signed configuration has come. */
  zone: Type.String({ minLength: 1 }),
  /** Where the cloud's API answers, without a trailing slash. */
  cloudUrl: Type.String({ minLength: 1 }),
  mqttUrl: Type.String({ minLength: 1 }),
  /** Files in PEM, for `mqtts:`: whom to trust, and the device's own certificate where the broker wants one. */
  mqttTls: Type.Optional(
    Type.Object({
      caFile: Type.Optional(Type.String()),
      certFile: Type.Optional(Type.String()),
      keyFile: Type.Optional(Type.String()),
    }),
  ),
  topicPrefix: Type.String({ pattern: '^[A-Za-z0-9_-]{1,40}$' }),
  /** Public keys that may sign what the device acts upon. */
  trustedKeys: Type.Array(
    Type.Object({ kid: Type.String(), publicKey: Type.Record(Type.String(), Type.Unknown()) }),
    { minItems: 1 },
  ),
  /** The signed root that its trust begins with, as `device add` prints it; then every model must be signed for it. */
  trustRoot: Type.Optional(
    Type.Object({
      signed: Type.Object({ _type: Type.Literal('root') }),
      signatures: Type.Array(Type.Unknown()),
    }),
  ),
  /** Folder of the device's models and memory. */
  dataFolder: Type.String({ minLength: 1 }),
  clockOffsetMs: Type.Integer(),
  /** Most that the download of a model takes of the link, kilobytes a second; all of it when absent. */
  downloadKbPerSecond: Type.Optional(Type.Integer({ minimum: 5, maximum: 1_000_000 })),
  /** Bound of a month's data for everything, megabytes; 30 when absent. */
  dataMbPerMonth: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
  /** A log in rotating files instead of standard output; `{}` takes every default. */
  logFile: Type.Optional(
    Type.Object({
      /** Within the data folder where it is relative; `device.log` when absent. What a device keeps ends otherwise. */
      path: Type.Optional(Type.String({ pattern: '[^/]\\.log$', maxLength: 1_000 })),
      /** Bound of one file, megabytes; 10 when absent. */
      maxMb: Type.Optional(Type.Number({ minimum: 0.01, maximum: 1_000 })),
      /** How many files are kept, with the one that is written; 5 when absent. */
      files: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    }),
  ),
  /** Where readings come from: a simulated plant, or only from other programs and the cloud. */
  readings: Type.Union([
    Type.Object({ kind: Type.Literal('simulated'), seed: Type.Integer({ minimum: 0 }) }),
    /** A program at the site publishes them to a broker there. */
    Type.Object({
      kind: Type.Literal('mqtt'),
      url: Type.String({ minLength: 1 }),
      topic: Type.String({ minLength: 1, maxLength: 200 }),
      username: Type.Optional(Type.String()),
      password: Type.Optional(Type.String()),
    }),
    Type.Object({ kind: Type.Literal('none') }),
  ]),
  /** The local interface; without it, on a free port of 127.0.0.1 that the data folder keeps. */
  local: Type.Optional(
    Type.Object({
      host: Type.Optional(Type.String({ minLength: 1 })),
      port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
      token: Type.Optional(Type.String({ minLength: 16 })),
    }),
  ),
});
export type DeviceSettings = Static<typeof DeviceSettings>;

const MB = 1024 * 1024;

/** Bound of a month's data, bytes. */
export const monthlyBytesOf = ({ dataMbPerMonth }: DeviceSettings): number =>
  dataMbPerMonth === undefined ? MONTHLY_BYTES : dataMbPerMonth * MB;

/** Reads a settings file. Throws {@link BadSetting} that names what is wrong. */
export async function readDeviceSettings(path: string): Promise<DeviceSettings> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BadSetting(
      path,
      `this settings file cannot be read as JSON (${reason}); write what "lifo4-ml device add" or the API gave for this device`,
    );
  }
  if (!Check(DeviceSettings, value)) {
    const problems = [...Errors(DeviceSettings, value)].map((e) => `${e.instancePath || '/'} ${e.message}`);
    throw new BadSetting(path, problems.slice(0, 5).join('; '));
  }
  assertAddress(path, 'cloudUrl', value.cloudUrl, ['http:', 'https:']);
  assertAddress(path, 'mqttUrl', value.mqttUrl, ['mqtt:', 'mqtts:']);
  if (value.readings.kind === 'mqtt')
    assertAddress(path, 'readings/url', value.readings.url, ['mqtt:', 'mqtts:']);
  assertLocal(path, value.local);
  return value;
}

function assertAddress(path: string, name: string, text: string, protocols: readonly string[]): void {
  if (URL.canParse(text) && protocols.includes(new URL(text).protocol)) return;
  const beginnings = protocols.map((protocol) => `${protocol}//`).join(' or ');
  throw new BadSetting(path, `/${name} must be an address that starts with ${beginnings}`);
}

/** What other machines can reach asks for a token. */
function assertLocal(
  path: string,
  { host = '127.0.0.1', token }: NonNullable<DeviceSettings['local']> = {},
): void {
  if (token !== undefined || isLoopback(host)) return;
  throw new BadSetting(
    path,
    `/local/token must be set where /local/host is ${host}: other machines reach it`,
  );
}
