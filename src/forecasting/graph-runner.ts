/** Values of a graph's input with their shape, row-major. */
export interface GraphInput {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** A graph of our own that is ready to run again and again. */
export interface RunningGraph {
  /** All outputs by name. Rejects when the graph fails. */
  run(inputs: Readonly<Record<string, GraphInput>>): Promise<Readonly<Record<string, Float32Array>>>;
  /** Frees the native memory; the graph is unusable afterwards. */
  close(): Promise<void>;
}

/** Opens a graph that this program built itself; never a file that came from elsewhere. */
export type OpenGraph = (bytes: Uint8Array) => Promise<RunningGraph>;
