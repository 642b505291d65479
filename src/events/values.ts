import Type, { type Static } from 'typebox';

/** Value schemas shared by facts, HTTP bodies and device messages. */

export const SYSTEM_ID_PATTERN = '^[a-z0-9][a-z0-9-]{0,62}$';
const OPAQUE_ID_PATTERN = '^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$';

export const SystemId = Type.String({
  pattern: SYSTEM_ID_PATTERN,
  maxLength: 63,
  description: 'A site: lower-case letters, digits and hyphens, at most 63, starting with a letter or digit.',
  examples: ['bess-456'],
});
export const OpaqueId = Type.String({ pattern: OPAQUE_ID_PATTERN, maxLength: 100 });
/** ISO 8601 in UTC, with `Z`. */
export const Instant = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?Z$',
  maxLength: 30,
  examples: ['2026-01-05T06:00:00Z'],
});
export const LocalDate = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}$',
  maxLength: 10,
  examples: ['2026-01-31'],
});
export const Sha256 = Type.String({
  pattern: '^sha256:[0-9a-f]{64}$',
  maxLength: 71,
  examples: [`sha256:${'4f1c'.repeat(16)}`],
});
export const ModelVersion = Type.String({
  pattern: '^(0|[1-9]\\d{0,5})\\.(0|[1-9]\\d{0,5})\\.(0|[1-9]\\d{0,5})$',
  maxLength: 20,
  examples: ['1.3.0'],
});

/** Models that can be trained; `ensemble` is the default to deploy and `arima` is never deployed. */
export const MODEL_TYPES = ['ensemble', 'xgboost', 'lstm', 'prophet', 'arima', 'linear', 'profile'] as const;
export type ModelType = (typeof MODEL_TYPES)[number];
export const ModelTypeSchema = Type.Enum([...MODEL_TYPES]);

/** A file in the artifact store, addressed by content. */
export const ArtifactRef = Type.Object(
  { checksum: Sha256, size: Type.Integer({ minimum: 1 }) },
  { additionalProperties: false },
);
export type ArtifactRef = Static<typeof ArtifactRef>;

/** Accuracy as fractions (0.038 is 3.8 %) and kW. */
export const Accuracy = Type.Object(
  { mape: Type.Number({ minimum: 0 }), rmse: Type.Number({ minimum: 0 }) },
  { additionalProperties: false },
);
export type Accuracy = Static<typeof Accuracy>;

export const nullable = <S extends Type.TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

/** The schema with words about it, for whoever reads the fact or the message. */
export const described = <S extends Type.TSchema>(schema: S, description: string): S =>
  // Object.defineProperties and not a spread: TypeBox keeps what a schema is where nobody lists it.
  Object.defineProperties(
    {},
    {
      ...Object.getOwnPropertyDescriptors(schema),
      description: { value: description, enumerable: true },
    },
  ) as S;
