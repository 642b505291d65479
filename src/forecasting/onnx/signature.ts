import { HORIZON_HOURS, OUTPUT_NAMES, QUANTILE_LEVELS } from '../horizon.ts';
import { UnusableModel } from '../inference.ts';
import type { TensorInfo } from './model-reader.ts';

export const INPUT_NAME = 'input';
const FLOAT32 = 1;

/** Sizes of each output after the row. */
export const OUTPUT_SIZES: Readonly<Record<(typeof OUTPUT_NAMES)[number], readonly number[]>> = {
  forecast: [HORIZON_HOURS],
  lower: [HORIZON_HOURS],
  upper: [HORIZON_HOURS],
  peak_probability: [HORIZON_HOURS],
  quantiles: [HORIZON_HOURS, QUANTILE_LEVELS.length],
};

const shapeText = ({ name, elementType, dimensions }: TensorInfo): string =>
  `${name} (element type ${elementType}) [${dimensions?.join(', ') ?? '?'}]`;

/** Answers the width of a feature row. Throws `UnusableModel` unless the one input is `input`, float32 [N, F]. */
export const checkInput = (inputs: readonly TensorInfo[]): number => {
  const [input, ...others] = inputs;
  const [, width, ...more] = input?.dimensions ?? [];
  const named = input?.name === INPUT_NAME && input.elementType === FLOAT32 && others.length === 0;
  if (!named || typeof width !== 'number' || width < 1 || more.length > 0) {
    throw new UnusableModel(
      `the only input must be ${INPUT_NAME}, float32 [N, F], but there is ${inputs.map(shapeText).join(', ') || 'none'}`,
    );
  }
  return width;
};

/** Throws `UnusableModel` unless the outputs are those of `horizon.ts`, in their order and shapes. */
export const checkOutputs = (outputs: readonly TensorInfo[]): void => {
  const names = outputs.map(({ name }) => name);
  if (names.join() !== OUTPUT_NAMES.join()) {
    throw new UnusableModel(
      `the outputs must be ${OUTPUT_NAMES.join(', ')}, not ${names.join(', ') || 'none'}`,
    );
  }
  OUTPUT_NAMES.forEach((name, i) => {
    const output = outputs[i];
    const [, ...sizes] = output?.dimensions ?? [];
    const wanted = OUTPUT_SIZES[name];
    if (!output || output.elementType !== FLOAT32 || sizes.join() !== wanted.join()) {
      const found = output ? shapeText(output) : name;
      throw new UnusableModel(`output ${name} must be float32 [N, ${wanted.join(', ')}], but is ${found}`);
    }
  });
};
