import type { Trainer, TrainingResult } from '../../src/ports/trainer.ts';
import { tinyModel } from '../edge/tiny-model.ts';
import { sampleMetrics } from '../sample-facts.ts';

/** A trainer for tests of what comes after training: real small models at once, good or broken as asked. */
export interface QuickTrainer extends Trainer {
  /** The next models answer numbers, or none. */
  answers: 'numbers' | 'NaN';
}

export function createQuickTrainer(): QuickTrainer {
  const trainer: QuickTrainer = {
    answers: 'numbers',
    async train({ systemId, version, champion }, onProgress): Promise<TrainingResult> {
      for (const share of [0, 1]) onProgress({ stage: 'fit', model: 'profile', share });
      for (const share of [0, 1]) onProgress({ stage: 'export', model: null, share });
      const factor = trainer.answers === 'NaN' ? Number.NaN : 1;
      const comparison =
        champion === null
          ? null
          : {
              championVersion: champion.version,
              championDeploymentId: champion.deploymentId,
              unseenDays: 7,
              championMape: 0.05,
              challengerMape: 0.04,
              gain: 0.2,
              gainLower90: 0.1,
              gainUpper90: 0.3,
            };
      return {
        artifact: tinyModel({ systemId, version, factor }),
        layoutVersion: 1,
        members: [{ model: 'profile', outcome: 'trained', weight: 1, metrics: sampleMetrics }],
        gateMetric: 'mape',
        metrics: sampleMetrics,
        seasonalNaive: { ...sampleMetrics, mape: 0.06 },
        comparison,
        trainedUntil: '2026-10-15T12:00:00Z',
        cpuSeconds: 0,
        modelArtifacts: [],
        timings: [{ stage: 'export', model: null, cpuSeconds: 0.25 }],
        errorProfile: { byLead: [], byLocalHour: [] },
      };
    },
    close: async () => undefined,
  };
  return trainer;
}
