import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pino from 'pino';
import { moduleBeside } from '../adapters/child-process/module-beside.ts';
import { createProcessProver } from '../adapters/child-process/prover.ts';
import { METADATA } from '../forecasting/artifact.ts';
import { UnusableModel } from '../forecasting/inference.ts';
import { inspectModel } from '../forecasting/inspect-model.ts';
import { MOST_MB, MOST_MS } from '../forecasting/prove-model.ts';
import { ProofFailed } from '../ports/model-prover.ts';
import { BadSetting } from './settings/read.ts';

/** What a model takes on this very machine, beside what the contract allows. */
export interface OnSiteBench {
  readonly version: string;
  readonly inferenceMs: number;
  readonly mostMs: number;
  readonly memoryMb: number;
  readonly mostMb: number;
  /** Why the model fails; null when it is within the contract. */
  readonly failure: string | null;
}

/** Hourly load that any site may have, kW: what a model takes does not depend on it. */
const LEVEL_KW = 100;

async function readModelFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new BadSetting(path, `cannot be read: ${why}; name a model file with --model`);
  }
}

const isVerdict = (error: unknown): error is Error =>
  error instanceof ProofFailed || error instanceof UnusableModel;

/**
 * Measures a model file, by default the one that serves, in a process of its own as a device proves it. Rejects with
 * {@link BadSetting} when there is none.
 */
export async function benchOnSite(dataFolder: string, modelFile: string | undefined): Promise<OnSiteBench> {
  const bytes = await readModelFile(modelFile ?? join(dataFolder, 'models', 'forecast.onnx'));
  const prover = createProcessProver({
    entry: moduleBeside('proof-process', import.meta.url),
    logger: pino({ level: 'silent' }),
  });
  const limits = { mostMs: MOST_MS, mostMb: MOST_MB };
  let version = '';
  try {
    const { metadata, width } = inspectModel(bytes);
    version = metadata[METADATA.version] ?? '';
    const row = new Float32Array(width).fill(LEVEL_KW);
    const plausible = { fromKw: Number.NEGATIVE_INFINITY, toKw: Number.POSITIVE_INFINITY };
    const order = { systemId: metadata[METADATA.site] ?? '', bytes, row, plausible };
    const proof = await prover.prove(order, new AbortController().signal);
    return { version, ...proof, ...limits, failure: null };
  } catch (error) {
    if (!isVerdict(error)) throw error;
    return { version, inferenceMs: 0, memoryMb: 0, ...limits, failure: error.message };
  } finally {
    await prover.close();
  }
}
