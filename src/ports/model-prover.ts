/** A model that is to be tried apart from the program that will use it. */
export interface ProofOrder {
  readonly systemId: string;
  /** Verified bytes of the file. */
  readonly bytes: Uint8Array;
  /** One row of the site's own features, as the file's layout has them. */
  readonly row: Float32Array;
  /** What the site's load may plausibly be, kW. */
  readonly plausible: { readonly fromKw: number; readonly toKw: number };
}

/** What a proof measured. */
export interface Proof {
  /** Median time of one inference, ms. */
  readonly inferenceMs: number;
  /** What loading and running it added to the process, MB. */
  readonly memoryMb: number;
}

/** The model failed its proof: it ends, hangs or floods its process, or answers what it must not. */
export class ProofFailed extends Error {
  override readonly name = 'ProofFailed';
}

/** Somebody else ended the proof: an operator, a service manager, a machine out of memory. It says nothing of the model. */
export class ProofDisturbed extends Error {
  override readonly name = 'ProofDisturbed';
}

export interface ModelProver {
  /** Rejects with {@link ProofFailed}, with {@link ProofDisturbed}, with the signal's reason, or with another error when it could not be tried. */
  prove(order: ProofOrder, signal: AbortSignal): Promise<Proof>;
  close(): Promise<void>;
}
