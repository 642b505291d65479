/** Environment variables by which the parent tells its process what the watchdog guards. */
export const PARENT_PID_VARIABLE = 'LIFO4_ORDER_PARENT_PID';
export const RSS_LIMIT_VARIABLE = 'LIFO4_ORDER_RSS_LIMIT_BYTES';

/** Limits of the processes that a training process starts for its models; without one, their own default. */
export interface ModelLimits {
  /** Models fitted at the same time. */
  readonly atOnce?: number | undefined;
  /** Most memory of one model's process in MB. */
  readonly memoryMb?: number | undefined;
}

const MODELS_AT_ONCE_VARIABLE = 'LIFO4_MODELS_AT_ONCE';
const MODEL_MEMORY_VARIABLE = 'LIFO4_MODEL_MEMORY_MB';

const text = (name: string, value: number | undefined): Record<string, string> =>
  value === undefined ? {} : { [name]: String(value) };

/** The limits as a training process is told them. */
export const limitVariables = ({ atOnce, memoryMb }: ModelLimits): Record<string, string> => ({
  ...text(MODELS_AT_ONCE_VARIABLE, atOnce),
  ...text(MODEL_MEMORY_VARIABLE, memoryMb),
});

/** The limits that a training process was told. */
export function modelLimits(variables: Readonly<Record<string, string | undefined>>): ModelLimits {
  const number = (name: string): number | undefined => {
    const value = Number(variables[name]);
    return Number.isInteger(value) && value > 0 ? value : undefined;
  };
  return { atOnce: number(MODELS_AT_ONCE_VARIABLE), memoryMb: number(MODEL_MEMORY_VARIABLE) };
}
