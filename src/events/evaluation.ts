import Type, { type Static } from 'typebox';
import { type FactOf, firstVersion } from './envelope.ts';
import {
  ArtifactRef,
  described,
  LocalDate,
  ModelTypeSchema,
  ModelVersion,
  OpaqueId,
  SystemId,
} from './values.ts';

/** Facts of an evaluation that a person asked for and fetches later, stream `evaluation-{evaluationId}`. */

const closed = { additionalProperties: false } as const;
const Count = Type.Integer({ minimum: 0 });
const LocalHours = Type.Array(Type.Integer({ minimum: 0, maximum: 23 }), { maxItems: 24 });

const EvaluationResult = described(
  Type.Object(
    {
      mape: Type.Number(),
      rmse: Type.Number(),
      accuracy24h: Type.Number(),
      accuracy48h: Type.Number(),
      mape24h: Type.Number(),
      mape48h: Type.Number(),
      accuracyTolerance: Type.Number(),
      worstHours: LocalHours,
      bestHours: LocalHours,
      inSampleHours: Count,
      evaluatedHours: Count,
      excludedHours: Count,
      missingHours: Count,
      origins: Count,
    },
    closed,
  ),
  'What a version’s forecasts were worth: shares as fractions, RMSE in kW, hours local.',
);
export type EvaluationResult = Static<typeof EvaluationResult>;

export const evaluationFacts = {
  EvaluationRequested: firstVersion(
    'A version is to be run over past days.',
    Type.Object(
      {
        evaluationId: OpaqueId,
        systemId: SystemId,
        tenant: OpaqueId,
        version: ModelVersion,
        modelType: ModelTypeSchema,
        artifact: ArtifactRef,
        startDate: described(LocalDate, 'First and last local day, both included.'),
        endDate: LocalDate,
      },
      closed,
    ),
  ),
  EvaluationCompleted: firstVersion(
    'What the version’s forecasts were worth.',
    Type.Object({ result: EvaluationResult }, closed),
  ),
  EvaluationFailed: firstVersion(
    'There is no result; the code is for programs, the reason for people.',
    Type.Object({ code: Type.String({ maxLength: 60 }), reason: Type.String({ maxLength: 1000 }) }, closed),
  ),
  EvaluationCancelled: firstVersion(
    'Somebody stopped the evaluation.',
    Type.Object({ reason: Type.String({ maxLength: 500 }) }, closed),
  ),
};

export type EvaluationFact = FactOf<typeof evaluationFacts>;
