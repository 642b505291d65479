import type { TrainingProgress } from '../../ports/trainer.ts';

/** The latest progress of every model and stage, as the job's status shows it. */
export function progressBoard(
  publish: (value: readonly TrainingProgress[]) => void,
): (step: TrainingProgress) => void {
  const board = new Map<string, TrainingProgress>();
  return (step) => {
    board.set(`${step.stage}/${step.model ?? ''}`, step);
    publish([...board.values()]);
  };
}

const isStep = (value: unknown): value is TrainingProgress =>
  typeof value === 'object' && value !== null && 'stage' in value && 'share' in value && 'model' in value;

/** The steps of a board that was published; none of anything else. */
export const stepsOf = (published: unknown): readonly TrainingProgress[] =>
  Array.isArray(published) ? published.filter(isStep) : [];
