import { UnusableModel } from './inference.ts';
import { type ModelStructure, readModel, UnsafeModel } from './onnx/model-reader.ts';
import { checkSafety } from './onnx/safety.ts';
import { checkInput, checkOutputs } from './onnx/signature.ts';

/** What a file says of itself that was read from its bytes alone. */
export interface InspectedModel {
  /** `metadata_props` of the file. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Features of a row. */
  readonly width: number;
}

function readStructure(bytes: Uint8Array): ModelStructure {
  try {
    return readModel(bytes);
  } catch (error) {
    if (error instanceof UnsafeModel) throw new UnusableModel(error.message, { cause: error });
    throw error;
  }
}

/**
 * Judges a model file before any runtime sees it: nothing in it reaches beyond the file, its operators, sizes and
 * versions are those of models written here, its input and outputs those of a forecast.
 * @throws {UnusableModel} saying what is wrong
 */
export function inspectModel(bytes: Uint8Array): InspectedModel {
  const structure = readStructure(bytes);
  checkSafety(structure);
  const width = checkInput(structure.inputs);
  checkOutputs(structure.outputs);
  return { metadata: structure.metadata, width };
}
