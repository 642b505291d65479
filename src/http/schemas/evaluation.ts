import Type from 'typebox';
import {
  Instant,
  LocalDate,
  ModelTypeSchema,
  ModelVersion,
  nullable,
  OpaqueId,
  SystemId,
} from '../../events/values.ts';
import { closed, PageOf, paging } from './common.ts';

export const EvaluationBody = Type.Object(
  {
    systemId: SystemId,
    startDate: LocalDate,
    endDate: LocalDate,
    modelVersion: ModelVersion,
    modelType: Type.Optional(
      Type.Enum([...ModelTypeSchema.enum], {
        description: 'The model of that version; the one that its job judged when left out.',
      }),
    ),
  },
  {
    title: 'EvaluationRequest',
    ...closed,
    examples: [
      { systemId: 'bess-456', startDate: '2026-01-01', endDate: '2026-01-31', modelVersion: '1.2.0' },
    ],
  },
);

const Hours = (description: string) => Type.Array(Type.Integer({ minimum: 0, maximum: 23 }), { description });

export const EvaluationSchema = Type.Object(
  {
    mape: Type.Number({ description: 'Leads 1 to 48, percent.' }),
    rmse: Type.Number({ description: 'Leads 1 to 48, kW.' }),
    accuracy24h: Type.Number({ description: 'Hours at leads 1 to 24 within the tolerance, percent.' }),
    accuracy48h: Type.Number({ description: 'Hours at leads 25 to 48 within the tolerance, percent.' }),
    worstHours: Hours('The three local hours of highest error, ascending.'),
    bestHours: Hours('The three local hours of lowest error, ascending.'),
    mape24h: Type.Number({ description: 'Leads 1 to 24, percent.' }),
    mape48h: Type.Number({ description: 'Leads 25 to 48, percent.' }),
    accuracyTolerancePct: Type.Number(),
    inSampleHours: Type.Integer({ description: 'Scored hours that the model was trained on.' }),
    evaluatedHours: Type.Integer(),
    excludedHours: Type.Integer({ description: 'Hours too near zero for a percentage.' }),
    missingHours: Type.Integer({ description: 'Hours without a reading.' }),
    origins: Type.Integer({ description: 'Local midnights from which forecasts were made.' }),
  },
  {
    title: 'Evaluation',
    description: 'Forecasts of this version against what then happened.',
    examples: [
      {
        mape: 3.8,
        rmse: 47.2,
        accuracy24h: 94.1,
        accuracy48h: 89.7,
        worstHours: [8, 17, 18],
        bestHours: [2, 3, 4],
        mape24h: 3.5,
        mape48h: 4.1,
        accuracyTolerancePct: 10,
        inSampleHours: 0,
        evaluatedHours: 1440,
        excludedHours: 0,
        missingHours: 0,
        origins: 30,
      },
    ],
  },
);

export const EvaluationHeaders = Type.Object({
  prefer: Type.Optional(
    Type.String({ maxLength: 200, description: '`respond-async` answers 202 for short periods too.' }),
  ),
});

export const EvaluationParams = Type.Object({ evaluationId: OpaqueId }, closed);

const parts = {
  evaluationId: Type.String(),
  systemId: Type.String(),
  modelVersion: ModelVersion,
  modelType: Type.String(),
  startDate: LocalDate,
  endDate: LocalDate,
  statusUrl: Type.String(),
  result: nullable(EvaluationSchema),
  failure: nullable(
    Type.Object({ code: Type.String(), reason: Type.String() }, { description: 'Why there is no result.' }),
  ),
  createdAt: Instant,
  updatedAt: Instant,
};

export const EvaluationViewSchema = Type.Object(
  {
    ...parts,
    status: Type.Enum(['pending', 'running', 'completed', 'failed', 'cancelled']),
    progress: nullable(
      Type.Object(
        { daysDone: Type.Integer(), days: Type.Integer() },
        { description: 'Local days forecast from so far; null while nothing works on it.' },
      ),
    ),
  },
  {
    title: 'EvaluationView',
    description: 'An evaluation that is fetched later.',
    examples: [
      {
        ...{ evaluationId: '5f0c2f0e-8d2a-4c55-9a43-5a3b3f6f2d10', systemId: 'bess-456' },
        ...{ modelVersion: '1.2.0', modelType: 'ensemble', startDate: '2025-01-01', endDate: '2025-12-31' },
        ...{ status: 'running', statusUrl: '/api/v1/ml/evaluations/5f0c2f0e-8d2a-4c55-9a43-5a3b3f6f2d10' },
        ...{ progress: { daysDone: 120, days: 365 }, result: null, failure: null },
        ...{ createdAt: '2026-01-07T13:00:00Z', updatedAt: '2026-01-07T13:00:00Z' },
      },
    ],
  },
);

const EndedStatus = Type.Enum(['pending', 'completed', 'failed', 'cancelled']);

export const EvaluationFilter = Type.Object(
  { systemId: Type.Optional(SystemId), status: Type.Optional(EndedStatus), ...paging },
  closed,
);

export const EvaluationPage = PageOf(
  'EvaluationPage',
  Type.Object(
    { ...parts, status: EndedStatus },
    { title: 'EvaluationRow', description: 'Pending until it ends; its own page tells how far it is.' },
  ),
  'Evaluations that are fetched later, newest first.',
);
