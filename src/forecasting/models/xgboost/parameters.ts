/** What the trees minimise. `alpha` is the quantile level, strictly between 0 and 1. */
export type Objective =
  | { readonly name: 'squared-error' }
  | { readonly name: 'absolute-error' }
  | { readonly name: 'quantile-error'; readonly alpha: number };

/** XGBoost's parameters under their usual meaning (https://xgboost.readthedocs.io/en/stable/parameter.html). */
export interface BoosterParameters {
  readonly objective: Objective;
  /** Boosting rounds, one tree each; fewer when early stopping ends the run. */
  readonly rounds: number;
  /** Shrinkage (`eta`). */
  readonly learningRate: number;
  /** Levels of splits below the root, 1 to 15. */
  readonly maxDepth: number;
  /** Most leaves of a tree, 0 for no limit; the tree still grows level by level. */
  readonly maxLeaves: number;
  /** Least sum of hessians in a child. */
  readonly minChildWeight: number;
  /** Least loss reduction of a split (`gamma`, `min_split_loss`). */
  readonly gamma: number;
  /** L2 penalty on leaf weights. */
  readonly lambda: number;
  /** L1 penalty on leaf weights. */
  readonly alpha: number;
  /** Share of rows drawn for each tree, without replacement. */
  readonly subsample: number;
  /** Share of columns drawn for each tree. */
  readonly colsampleByTree: number;
  /** Histogram bins per column, 2 to 256; one of them holds the missing values where there are any. */
  readonly maxBin: number;
  /** Rounds without a better evaluation loss after which training ends; 0 never stops early. */
  readonly earlyStoppingRounds: number;
  readonly seed: number;
}

/** XGBoost's defaults, with 100 rounds. */
const DEFAULT_PARAMETERS: BoosterParameters = {
  objective: { name: 'squared-error' },
  rounds: 100,
  learningRate: 0.3,
  maxDepth: 6,
  maxLeaves: 0,
  minChildWeight: 1,
  gamma: 0,
  lambda: 1,
  alpha: 0,
  subsample: 1,
  colsampleByTree: 1,
  maxBin: 256,
  earlyStoppingRounds: 0,
  seed: 0,
};

const RANGES: Readonly<Record<Exclude<keyof BoosterParameters, 'objective'>, readonly [number, number]>> = {
  rounds: [0, 100_000],
  learningRate: [1e-6, 10],
  maxDepth: [1, 15],
  maxLeaves: [0, 32_768],
  minChildWeight: [0, Number.MAX_VALUE],
  gamma: [0, Number.MAX_VALUE],
  lambda: [0, Number.MAX_VALUE],
  alpha: [0, Number.MAX_VALUE],
  subsample: [1e-6, 1],
  colsampleByTree: [1e-6, 1],
  maxBin: [2, 256],
  earlyStoppingRounds: [0, 100_000],
  seed: [0, Number.MAX_SAFE_INTEGER],
};
const WHOLE = new Set<string>(['rounds', 'maxDepth', 'maxLeaves', 'maxBin', 'earlyStoppingRounds', 'seed']);

/** Fills the defaults in and checks every value; throws `RangeError` naming the parameter and its range. */
export const resolveParameters = (given: Partial<BoosterParameters>): BoosterParameters => {
  const parameters: BoosterParameters = { ...DEFAULT_PARAMETERS, ...given };
  for (const [name, [least, most]] of Object.entries(RANGES)) {
    const value = parameters[name as keyof typeof RANGES];
    const whole = !WHOLE.has(name) || Number.isInteger(value);
    if (!(value >= least && value <= most && whole)) {
      const kind = WHOLE.has(name) ? 'a whole number' : 'a number';
      throw new RangeError(
        `booster parameter ${name} must be ${kind} from ${least} to ${most}, not ${value}`,
      );
    }
  }
  checkObjective(parameters.objective);
  return parameters;
};

const checkObjective = (objective: Objective): void => {
  if (objective.name === 'quantile-error' && !(objective.alpha > 0 && objective.alpha < 1)) {
    throw new RangeError(`quantile level must lie between 0 and 1, not ${objective.alpha}`);
  }
};
