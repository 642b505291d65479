import type { Models } from './ensemble/combine.ts';
import { type UsualErrors, usualErrorsOf } from './ensemble/usual-errors.ts';
import type { InputRows } from './features/input-rows.ts';
import type { OpenGraph } from './graph-runner.ts';
import { type MemberName, numericView, type TrainingRows } from './models/member.ts';
import { fitMember, type MemberStates, restoreModels } from './models/members.ts';
import type { HourlySeries } from './series.ts';
import { targetsOf, trainingOrigins } from './training-plan.ts';

/** Models of a job, in this order: the LSTM and the trees build on the linear model. */
const ORDER: readonly MemberName[] = ['linear', 'lstm', 'xgboost', 'prophet', 'profile', 'arima'];

export interface MemberFailure {
  readonly model: MemberName;
  readonly reason: string;
}

export interface TrainedMembers {
  readonly rows: TrainingRows;
  /** What the models learnt, for a later fit to begin with or for another process. */
  readonly states: MemberStates;
  readonly models: Models;
  readonly usualErrors: UsualErrors;
  readonly failures: readonly MemberFailure[];
}

/** Progress of one model: share from 0 to 1, and the loss where it has one. */
export type MemberProgress = (model: MemberName, share: number, loss?: number) => void;

/** Lets what else the process does, cancellation among it, have its turn. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Rows of all origins whose 48 hours lie in `from <= hour < until`. */
export function trainingRowsOf(
  series: HourlySeries,
  inputs: InputRows,
  from: number,
  until: number,
): TrainingRows {
  const origins = trainingOrigins(from, until);
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
  readonly openGraph: OpenGraph;
  /** What was learnt from fewer of the rows before, to begin with. */
  readonly earlier: MemberStates;
}

/** Fits every model on the same rows. A model that fails is recorded and the others go on. */
export async function trainMembers(rows: TrainingRows, options: MembersOptions): Promise<TrainedMembers> {
  let states: MemberStates = {};
  const failures: MemberFailure[] = [];
  for (const name of ORDER) {
    await breathe();
    options.signal.throwIfAborted();
    try {
      const state = await fitMember(name, rows, {
        seed: options.seed,
        signal: options.signal,
        base: states.linear ?? null,
        earlier: options.earlier[name] ?? null,
        openGraph: options.openGraph,
        onProgress: (share, loss) => options.onProgress(name, share, loss),
      });
      states = { ...states, [name]: state };
    } catch (error) {
      options.signal.throwIfAborted();
      failures.push({ model: name, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  const models = restoreModels(states);
  return { rows, states, models, usualErrors: usualErrorsOf(models, rows), failures };
}
