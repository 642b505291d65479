import Type from 'typebox';
import { ModelVersion, nullable } from '../../events/values.ts';

/** Figures in answers: percent for every share, kW for RMSE. */

const pct = (description: string) => Type.Number({ description: `${description}, percent` });

export const AccuracySchema = Type.Object(
  { mape: pct('Mean absolute percentage error'), rmse: Type.Number({ description: 'kW' }) },
  { title: 'Accuracy', examples: [{ mape: 3.8, rmse: 47.2 }] },
);

export const MetricsSchema = Type.Object(
  {
    mape: pct('Over leads 1 to 48'),
    wape: pct('Weighted absolute percentage error'),
    rmse: Type.Number({ description: 'kW' }),
    mase: Type.Number({ description: 'Against the same hour of the day before; 1 is as good as that.' }),
    coverage90: nullable(pct('Hours inside the 90 % band')),
    mape24h: pct('Over leads 1 to 24'),
    mape48h: pct('Over leads 25 to 48'),
    hours: Type.Integer({ description: 'Hours scored.' }),
    excludedHours: Type.Integer({ description: 'Hours too near zero for a percentage.' }),
  },
  { title: 'Metrics' },
);

export const MemberSchema = Type.Object(
  {
    model: Type.String(),
    outcome: Type.Enum(['trained', 'failed', 'unavailable']),
    reason: Type.Optional(Type.String()),
    weight: Type.Number({ description: 'Weight in the ensemble; the weights sum to 1.' }),
    metrics: nullable(MetricsSchema),
  },
  { title: 'Member' },
);

const ComparisonSchema = Type.Object(
  {
    championVersion: ModelVersion,
    championDeploymentId: Type.String(),
    unseenDays: Type.Integer({ description: 'Days that neither model was trained on.' }),
    championMape: nullable(pct('Champion')),
    challengerMape: nullable(pct('Challenger')),
    gain: nullable(pct('Relative improvement')),
    gainLower90: nullable(pct('Lower end of its 90 % interval')),
    gainUpper90: nullable(pct('Upper end of its 90 % interval')),
  },
  { title: 'Comparison' },
);

export const DecisionSchema = Type.Object(
  {
    metric: Type.Enum(['mape', 'wape']),
    target: pct('What had to be undercut'),
    minimumGain: pct('What had to be gained on the champion'),
    minimumUnseenDays: Type.Integer(),
    challenger: pct('What the new model scored'),
    seasonalNaive: pct('What repeating last week scored'),
    forced: Type.Boolean(),
    comparison: nullable(ComparisonSchema),
  },
  { title: 'Decision', description: 'The gate’s numbers.' },
);

const ErrorPointSchema = Type.Object(
  {
    at: Type.Integer({ description: 'Lead time from 1, or local hour from 0.' }),
    mape: nullable(pct('Mean absolute percentage error')),
    meanAbsoluteError: nullable(Type.Number({ description: 'kW' })),
    hours: Type.Integer({ description: 'Hours scored.' }),
  },
  { title: 'ErrorPoint' },
);

export const ErrorProfileSchema = Type.Object(
  { byLead: Type.Array(ErrorPointSchema), byLocalHour: Type.Array(ErrorPointSchema) },
  { title: 'ErrorProfile', description: 'Errors in the backtest by lead time and by local hour.' },
);
