/** Hours of load history that a model sees: 30 days. */
export const HISTORY_HOURS = 720;

/** Lead times of a forecast, in hours: lead 1 is the first hour not yet seen at the issue time. */
export const HORIZON_HOURS = 48;

/** Quantile levels of the `quantiles` output: 0.05 to 0.95 in steps of 0.05. */
export const QUANTILE_LEVELS: readonly number[] = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);

/** Outputs of an artifact's graph, in this order; each but the last is [N, 48], `quantiles` is [N, 48, 19]. */
export const OUTPUT_NAMES = ['forecast', 'lower', 'upper', 'peak_probability', 'quantiles'] as const;
