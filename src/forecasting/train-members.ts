import type { Models } from './ensemble/combine.ts';
import { type UsualErrors, usualErrorsOf } from './ensemble/usual-errors.ts';
import type { InputRows } from './features/input-rows.ts';
import type { OpenGraph } from './graph-runner.ts';
import { arima } from './models/arima-member.ts';
import { linear } from './models/linear.ts';
import { lstm } from './models/lstm-member.ts';
import {
  type FittedModel,
  type Member,
  type MemberName,
  numericView,
  type TrainingRows,
} from './models/member.ts';
import { profile } from './models/profile.ts';
import { prophet } from './models/prophet-member.ts';
import { xgboost } from './models/xgboost-member.ts';
import type { HourlySeries } from './series.ts';
import { targetsOf, trainingOrigins } from './training-plan.ts';

/** Models of a job, in this order: the LSTM and the trees build on the linear model. */
const MEMBERS: readonly Member[] = [linear, lstm, xgboost, prophet, profile, arima];

export interface MemberFailure {
  readonly model: MemberName;
  readonly reason: string;
}

export interface TrainedMembers {
  readonly rows: TrainingRows;
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
  /** Models that were fitted to fewer of the rows before, to begin with. */
  readonly earlier: Models;
}

/** Fits every model on the same rows. A model that fails is recorded and the others go on. */
export async function trainMembers(rows: TrainingRows, options: MembersOptions): Promise<TrainedMembers> {
  const models: Partial<Record<MemberName, FittedModel>> = {};
  const failures: MemberFailure[] = [];
  for (const member of MEMBERS) {
    await breathe();
    options.signal.throwIfAborted();
    const onProgress = (share: number, loss?: number): void => options.onProgress(member.name, share, loss);
    try {
      models[member.name] = await member.fit(rows, {
        seed: options.seed,
        signal: options.signal,
        fitted: models,
        earlier: options.earlier,
        openGraph: options.openGraph,
        onProgress,
      });
    } catch (error) {
      options.signal.throwIfAborted();
      failures.push({ model: member.name, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { rows, models, usualErrors: usualErrorsOf(models, rows), failures };
}
