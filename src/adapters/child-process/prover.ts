import type { Logger } from 'pino';
import {
  type ModelProver,
  type Proof,
  ProofDisturbed,
  ProofFailed,
  type ProofOrder,
} from '../../ports/model-prover.ts';
import { saysOverMemory } from './over-memory.ts';
import { createOrderRunner, OrderFailed } from './run-order.ts';
import type { ProofProgress } from './serve-proof.ts';

export interface ProcessProverOptions {
  /** Module that calls `serveProof`; it is run in a new process for every model. */
  readonly entry: URL;
  readonly logger: Logger;
  /** How long a process may take to be there; a slow disk is not the model's fault. */
  readonly startMs?: number;
  /** How long the model may take from being loaded to its last answer, where processor time alone does not end it. */
  readonly proofMs?: number;
}

const START_MS = 60_000;
const PROOF_MS = 30_000;
/** Of the whole process, when the kernel holds no limit. */
const MEMORY_MB = 400;

/** A time limit that can be set anew; aborts when it is reached. */
function createDeadline() {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  return {
    signal: late.signal,
    set(ms: number, error: () => Error): void {
      clearTimeout(timer);
      timer = setTimeout(() => late.abort(error()), ms);
    },
    clear: () => clearTimeout(timer),
  };
}

const took = (ms: number): ProofFailed =>
  new ProofFailed(`the model was not through its proof after ${ms / 1000} s, its process was ended`);

/** What an operator, a service manager or a machine without memory ends a process with. */
const FROM_OUTSIDE: readonly (string | null)[] = [
  'SIGKILL',
  'SIGTERM',
  'SIGINT',
  'SIGHUP',
  'SIGQUIT',
  'SIGPWR',
];

const wasEndedFromOutside = ({ exitSignal, message }: OrderFailed): boolean =>
  FROM_OUTSIDE.includes(exitSignal) && !saysOverMemory(message);

/** What went wrong once the process had said that it was ready is the model's doing, unless somebody else ended it. */
function failedBy(error: OrderFailed): Error {
  const { exitSignal } = error;
  if (wasEndedFromOutside(error))
    return new ProofDisturbed(`the proof was ended from outside (${exitSignal})`, {
      cause: error,
    });
  const detail =
    exitSignal === 'SIGXCPU'
      ? 'the model computed for seconds without an end, its process was ended'
      : `the model took its process down: ${error.message}`;
  return new ProofFailed(detail, { cause: error });
}

/** Tries each model in a process of its own, with limits of time and memory. */
export function createProcessProver({
  entry,
  logger,
  startMs = START_MS,
  proofMs = PROOF_MS,
}: ProcessProverOptions): ModelProver {
  const runner = createOrderRunner<ProofOrder, ProofProgress, Proof>({
    ...{ work: 'proof', entry, logger, memoryMb: MEMORY_MB },
    refused: (_, message) => new ProofFailed(message),
  });
  return {
    async prove(order, signal) {
      const deadline = createDeadline();
      deadline.set(startMs, () => new Error(`the process of a proof was not there after ${startMs} ms`));
      let isReady = false;
      const onReady = ({ hasCeilings }: ProofProgress): void => {
        isReady = true;
        if (!hasCeilings) logger.warn('no prlimit here: what a model takes is watched, not limited');
        deadline.set(proofMs, () => took(proofMs));
      };
      try {
        return await runner.run(order, onReady, AbortSignal.any([signal, deadline.signal]));
      } catch (error) {
        throw isReady && error instanceof OrderFailed ? failedBy(error) : error;
      } finally {
        deadline.clear();
      }
    },
    close: () => runner.close(),
  };
}
