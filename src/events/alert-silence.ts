import Type, { type Static } from 'typebox';
import { AlertRuleSchema } from './alert.ts';
import { type FactOf, firstVersion } from './envelope.ts';
import { described, Instant, nullable, OpaqueId, SystemId } from './values.ts';

/** Facts of a silence, stream `alert-silence-{tenant}.{site}.{rule}`: one stream for whatever is kept silent. */

const closed = { additionalProperties: false } as const;

export const SilenceScope = described(
  Type.Object({ tenant: OpaqueId, systemId: nullable(SystemId), rule: nullable(AlertRuleSchema) }, closed),
  'Null for every site of the tenant, and for every rule.',
);
export type SilenceScope = Static<typeof SilenceScope>;

export const alertSilenceFacts = {
  SilenceSet: firstVersion(
    'Alerts of this scope are told to nobody until then.',
    Type.Object({ scope: SilenceScope, until: Instant, reason: Type.String({ maxLength: 500 }) }, closed),
  ),
  SilenceLifted: firstVersion(
    'The silence ended before its time.',
    Type.Object({ reason: Type.String({ maxLength: 500 }) }, closed),
  ),
};

export type AlertSilenceFact = FactOf<typeof alertSilenceFacts>;

const ALL = '_';

/** Key of a silence in the registry, and with dots the id of its stream. */
export const silenceKey = ({ tenant, systemId, rule }: SilenceScope): string =>
  `${tenant}/${systemId ?? ALL}/${rule ?? ALL}`;

/** The keys of all silences that would keep this alert silent. */
export const silencesOf = (tenant: string, systemId: string, rule: NonNullable<SilenceScope['rule']>) =>
  [
    { tenant, systemId, rule },
    { tenant, systemId, rule: null },
    { tenant, systemId: null, rule },
    { tenant, systemId: null, rule: null },
  ].map(silenceKey);
