import Type from 'typebox';
import { type FactOf, firstVersion } from './envelope.ts';
import { OpaqueId, SystemId } from './values.ts';

/** What the cloud decides about a device, stream `device-{deviceId}`. */

const closed = { additionalProperties: false } as const;

export const deviceFacts = {
  DeviceAdded: firstVersion(
    'A device was given a credential for the site.',
    Type.Object({ deviceId: OpaqueId, systemId: SystemId, tenant: OpaqueId }, closed),
  ),
  DeviceRevoked: firstVersion(
    'Its credential counts no more, for good.',
    Type.Object({ reason: Type.String({ maxLength: 500 }) }, closed),
  ),
};

export type DeviceFact = FactOf<typeof deviceFacts>;
