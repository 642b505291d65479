/** Prophet's own Stan program with its optimiser, compiled to WebAssembly by augurs: nothing is downloaded. */

/** What is fitted: `load` at `time`, both of equal length, with one row of regressors each. */
export interface ProphetData {
  /** Scaled so that the largest |load| is 1, as Prophet's priors expect. */
  readonly load: readonly number[];
  /** From 0 to 1, ascending. */
  readonly time: readonly number[];
  readonly regressors: readonly (readonly number[])[];
}

/** The posterior mode, in the units of {@link ProphetData}. */
export interface ProphetFit {
  /** Value of the trend at time 1. */
  readonly trendAtEnd: number;
  /** A coefficient for each regressor. */
  readonly beta: Float64Array;
}

/** Prophet's defaults: changepoints in the first 80 % of the time, and the scales of the priors. */
const CHANGEPOINTS = 25;
const CHANGEPOINT_RANGE = 0.8;
const CHANGEPOINT_PRIOR = 0.05;
const SEASONALITY_PRIOR = 10;
/** In units of the machine's precision: Stan's own 10⁴ takes half the steps again for a forecast that is the same. */
const RELATIVE_CHANGE = 1e7;

/** Prophet's optimiser stopped without an answer, or with one that is no number. */
class ProphetNotFitted extends Error {
  override readonly name = 'ProphetNotFitted';

  constructor(detail: string) {
    super(`Prophet's optimiser found no fit: ${detail.slice(0, 200)}. Train on a longer or cleaner window.`);
  }
}

/** The trend of Prophet at time 1: k·t + m with every change of slope since. */
function trendAtEnd(k: number, m: number, delta: ArrayLike<number>, changes: readonly number[]): number {
  return changes.reduce((sum, at, i) => sum + (delta[i] ?? 0) * (1 - at), k + m);
}

/** Maximises the posterior of Taylor and Letham, Forecasting at Scale (2018). @throws {ProphetNotFitted} */
export async function fitProphet({ load, time, regressors }: ProphetData): Promise<ProphetFit> {
  // Loaded when it is needed: only a process that trains pays for its memory.
  const { optimizer } = await import('@bsull/augurs-prophet-wasmstan');
  const columns = regressors[0]?.length ?? 0;
  const changes = Array.from(
    { length: CHANGEPOINTS },
    (_, i) => (CHANGEPOINT_RANGE * (i + 1)) / CHANGEPOINTS,
  );
  const first = load[0] ?? 0;
  const data = {
    T: load.length,
    y: load,
    t: time,
    cap: load.map(() => 0),
    S: changes.length,
    t_change: changes,
    trend_indicator: 0,
    K: columns,
    s_a: new Array(columns).fill(1),
    s_m: new Array(columns).fill(0),
    X: regressors,
    sigmas: new Array(columns).fill(SEASONALITY_PRIOR),
    tau: CHANGEPOINT_PRIOR,
  };
  const start = {
    k: (load.at(-1) ?? first) - first,
    m: first,
    delta: new Float64Array(changes.length),
    beta: new Float64Array(columns),
    sigmaObs: 1,
  };
  const options = { algorithm: 'lbfgs', seed: 1, tolRelObj: RELATIVE_CHANGE } as const;
  const { params, logs } = optimizer.optimize(start, JSON.stringify(data), options);
  const end = trendAtEnd(params.k, params.m, params.delta, changes);
  if (!Number.isFinite(end) || !params.beta.every(Number.isFinite)) throw new ProphetNotFitted(logs.error);
  return { trendAtEnd: end, beta: params.beta };
}
