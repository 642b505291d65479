import type { StageTiming } from '../../events/training-job.ts';
import type { Clock } from '../../ports/clocks.ts';
import type { Tracing } from '../../ports/tracing.ts';
import type { TrainingProgress } from '../../ports/trainer.ts';

interface Stage extends Pick<TrainingProgress, 'stage' | 'model'> {
  readonly from: Date;
  to: Date;
  done: boolean;
}

/** Watches a training by what its processes tell, and records each stage of each model as a part of the trace. */
export interface StageSpans {
  note(step: TrainingProgress): void;
  /** Once the training has ended; with what each stage took where that is known. */
  record(timings: readonly StageTiming[]): void;
}

const NO_STAGES: StageSpans = { note: () => undefined, record: () => undefined };

const named = ({ stage, model }: Pick<StageTiming, 'stage' | 'model'>): string =>
  model === null ? stage : `${stage} ${model}`;

export function stageSpans(tracing: Tracing, clock: Clock): StageSpans {
  if (!tracing.enabled) return NO_STAGES;
  const stages = new Map<string, Stage>();

  function note({ stage, model, share }: TrainingProgress): void {
    const name = named({ stage, model });
    const now = clock.now();
    const known = stages.get(name) ?? { stage, model, from: now, to: now, done: false };
    stages.set(name, known);
    // The last word of a stage may be repeated.
    if (!known.done) known.to = now;
    known.done ||= share >= 1;
  }

  function record(timings: readonly StageTiming[]): void {
    for (const [name, { stage, model, from, to, done }] of stages) {
      const told = timings.filter((timing) => named(timing) === name);
      const cpuSeconds = told.reduce((sum, timing) => sum + timing.cpuSeconds, 0);
      tracing.record(name, from, to, {
        ...{ 'lifo4.training.stage': stage, 'lifo4.training.done': done },
        ...(model === null ? {} : { 'lifo4.training.model': model }),
        ...(told.length === 0 ? {} : { 'lifo4.training.cpu_seconds': cpuSeconds }),
      });
    }
  }

  return { note, record };
}
