import { UnusableModel } from '../../forecasting/inference.ts';
import type { Proof, ProofOrder } from '../../ports/model-prover.ts';
import { type Ceilings, setCeilings } from './ceilings.ts';
import { serveOrder } from './serve-order.ts';

/** What a model's session and its runs may take: tens of times what an ensemble does. */
const CEILINGS: Ceilings = { moreMb: 192, moreSeconds: 3 };

/** Said once, when the process is ready to meet the model: what follows is the model's own doing. */
export interface ProofProgress {
  readonly ready: true;
  /** Whether the kernel holds the limits. */
  readonly hasCeilings: boolean;
}

/** Makes this process one that tries the one model its parent sends, and ends. */
export const serveProof = (prove: (order: ProofOrder) => Promise<Proof>): void =>
  serveOrder<ProofOrder, ProofProgress, Proof>({
    perform: async (order, { onProgress }) => {
      onProgress({ ready: true, hasCeilings: setCeilings(CEILINGS) });
      return prove(order);
    },
    refusalCode: (error) => (error instanceof UnusableModel ? 'unusable-model' : null),
  });
