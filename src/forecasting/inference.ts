/** What the artifact's graph answers for N rows; each array is [N × 48], `quantiles` is [N × 48 × 19]. kW. */
export interface ModelOutputs {
  readonly forecast: Float32Array;
  readonly lower: Float32Array;
  readonly upper: Float32Array;
  readonly peakProbability: Float32Array;
  readonly quantiles: Float32Array;
}

/** A loaded artifact. */
export interface ModelSession {
  /** `metadata_props` of the file. */
  readonly metadata: Readonly<Record<string, string>>;
  /** `inputs` is [rows × F], row-major. Rejects when the graph fails; values are not judged here. */
  run(inputs: Float32Array, rows: number): Promise<ModelOutputs>;
  /** Frees the native memory; the session is unusable afterwards. */
  close(): Promise<void>;
}

/** Loads verified bytes, never a path. Rejects with `UnusableModel` when the file cannot be run. */
export type LoadModel = (bytes: Uint8Array) => Promise<ModelSession>;

/** The file is no model that can be run here, and why. */
export class UnusableModel extends Error {
  override readonly name = 'UnusableModel';
}
