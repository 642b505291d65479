import Type from 'typebox';
import { type FactOf, firstVersion } from './envelope.ts';
import { OpaqueId } from './values.ts';

/** Facts of a tenant's fleet, stream `fleet-{tenant}`: whether models go out by themselves. */

const closed = { additionalProperties: false } as const;

export const fleetFacts = {
  FleetStopped: firstVersion(
    'Too many of the last deployments failed; `limit` is a share of `window`.',
    Type.Object(
      {
        tenant: OpaqueId,
        failed: Type.Integer({ minimum: 1 }),
        settled: Type.Integer({ minimum: 1 }),
        window: Type.Integer({ minimum: 1 }),
        limit: Type.Number(),
        deploymentIds: Type.Array(OpaqueId, { maxItems: 100 }),
      },
      closed,
    ),
  ),
  FleetResumed: firstVersion(
    'A person looked into it. Deployments that ended before count no more.',
    Type.Object({ reason: Type.String({ minLength: 3, maxLength: 500 }) }, closed),
  ),
};

export type FleetFact = FactOf<typeof fleetFacts>;
