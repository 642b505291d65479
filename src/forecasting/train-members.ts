import type { Models } from './ensemble/combine.ts';
import { type UsualErrors, usualErrorsOf } from './ensemble/usual-errors.ts';
import { type InputRows, withHistory } from './features/input-rows.ts';
import type { FitAnswer, FitModel } from './fit-model.ts';
import type { LinearState } from './models/linear.ts';
import { type MemberName, numericView, type TrainingRows } from './models/member.ts';
import { type MemberStates, restoreModels } from './models/members.ts';
import { CannotTrain } from './refusal.ts';
import type { HourlySeries } from './series.ts';
import { targetsOf, trainingOrigins } from './training-plan.ts';

/** Models of a job. The linear one is fitted before the others, since the LSTM and the trees build on it. */
const ORDER: readonly MemberName[] = ['linear', 'lstm', 'xgboost', 'prophet', 'profile', 'arima'];

export interface MemberFailure {
  readonly model: MemberName;
  readonly reason: string;
}

type FitTime = Pick<FitAnswer, 'cpuSeconds' | 'elsewhere'>;

export interface TrainedMembers {
  readonly rows: TrainingRows;
  /** What the models learnt, for a later fit to begin with or for another process. */
  readonly states: MemberStates;
  readonly models: Models;
  readonly usualErrors: UsualErrors;
  readonly failures: readonly MemberFailure[];
  /** Processor time of each fit, wherever it was done. */
  readonly fitTimes: Readonly<Partial<Record<MemberName, FitTime>>>;
}

/** Progress of one model: share from 0 to 1, and the loss where it has one. */
export type MemberProgress = (model: MemberName, share: number, loss?: number) => void;

/**
 * Rows of all origins whose 48 hours lie in `from <= hour < until`, but for those in and after an outage so long
 * that a device would not forecast from them.
 * @throws {CannotTrain} when no origin is left
 */
export function trainingRowsOf(
  series: HourlySeries,
  inputs: InputRows,
  from: number,
  until: number,
): TrainingRows {
  const origins = withHistory(series, trainingOrigins(from, until));
  if (origins.length === 0) {
    throw new CannotTrain(
      'too-many-gaps',
      'Nowhere in the window is enough measured in the month before to learn a forecast from. Import the missing readings, or choose another window.',
    );
  }
  return {
    count: origins.length,
    origins,
    view: numericView(inputs.layout, inputs.rows(series, origins), origins.length),
    targets: targetsOf(series, origins, until),
  };
}

export interface MembersOptions {
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress: MemberProgress;
  readonly fitModel: FitModel;
  /** Models to fit; all by default. */
  readonly models?: readonly MemberName[] | undefined;
  /** What was learnt from fewer of the rows before, to begin with. */
  readonly earlier: MemberStates;
}

type Fitted = FitAnswer | { readonly reason: string };

async function fitOne(
  rows: TrainingRows,
  model: MemberName,
  base: LinearState | null,
  { seed, signal, fitModel, earlier, onProgress }: MembersOptions,
): Promise<Fitted> {
  const hooks = { signal, onProgress: (share: number, loss?: number) => onProgress(model, share, loss) };
  try {
    return await fitModel({ model, rows, seed, base, earlier }, hooks);
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

/** What came of the fits, in the order of the models. */
type FittedMembers = Pick<TrainedMembers, 'states' | 'failures' | 'fitTimes'>;

/**
 * Fits every model on the same rows, as many at once as the fitter takes. A model that fails is recorded and the
 * others go on. What comes of it does not depend on which model was done first.
 */
export async function fitMembers(rows: TrainingRows, options: MembersOptions): Promise<FittedMembers> {
  const wanted = ORDER.filter((name) => options.models?.includes(name) ?? true);
  const [first, ...others] = wanted;
  const done = new Map<MemberName, Fitted>();
  if (first !== undefined) done.set(first, await fitOne(rows, first, null, options));
  const linear = done.get('linear');
  const base = linear !== undefined && 'states' in linear ? (linear.states.linear ?? null) : null;
  await Promise.all(
    others.map(async (name) => {
      done.set(name, await fitOne(rows, name, base, options));
    }),
  );
  options.signal.throwIfAborted();
  const inOrder = wanted.flatMap((model) => {
    const fitted = done.get(model);
    return fitted === undefined ? [] : [{ model, fitted }];
  });
  const answers = inOrder.flatMap(({ model, fitted }) => ('states' in fitted ? [{ model, ...fitted }] : []));
  return {
    states: Object.assign({}, ...answers.map((answer) => answer.states)),
    failures: inOrder.flatMap(({ model, fitted }) =>
      'reason' in fitted ? [{ model, reason: fitted.reason }] : [],
    ),
    fitTimes: Object.fromEntries(
      answers.map(({ model, cpuSeconds, elsewhere }) => [model, { cpuSeconds, elsewhere }]),
    ),
  };
}

/** As {@link fitMembers}, with the models ready to forecast. */
export async function trainMembers(rows: TrainingRows, options: MembersOptions): Promise<TrainedMembers> {
  const fitted = await fitMembers(rows, options);
  const models = restoreModels(fitted.states);
  return { ...fitted, rows, models, usualErrors: usualErrorsOf(models, rows) };
}
