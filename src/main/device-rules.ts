import { join } from 'node:path';
import type { JWK } from 'jose';
import type { InstallRules } from '../edge/install-carried.ts';
import type { TrustSettings } from '../edge/trust/trust.ts';
import type { DeviceSettings } from './device-settings.ts';

/** Where the device's trust begins; null when it was set up before there was a root. */
function trustOf({ trustRoot, cloudUrl, dataFolder }: DeviceSettings): TrustSettings | null {
  if (trustRoot === undefined) return null;
  return {
    root: JSON.stringify(trustRoot),
    metadataUrl: `${cloudUrl}/tuf`,
    folder: join(dataFolder, 'trust'),
  };
}

/** Whom a device's models are held against, by its settings: who it is, and whom it trusts. */
export function deviceRules(settings: DeviceSettings): Omit<InstallRules, 'maxModelBytes'> {
  const { systemId, deviceId, secret, cloudUrl, trustedKeys } = settings;
  return {
    ...{ systemId, deviceId, secret },
    modelOrigins: [new URL(cloudUrl).origin],
    trust: trustOf(settings),
    keys: new Map(trustedKeys.map(({ kid, publicKey }) => [kid, publicKey as JWK])),
  };
}
