import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlPlane, JobView } from '../../cloud/control-plane.ts';
import type { TrainingJobFact } from '../../events/training-job.ts';
import { trainingJob } from '../../machines/training-job.ts';
import type { TrainingProgress } from '../../ports/trainer.ts';
import type { Screen } from '../terminal/screen.ts';
import { progressBar } from '../terminal/sparkline.ts';

const LOOK_MS = 200;
const BAR_WIDTH = 20;

/** States in which nothing more happens to a job. */
const SETTLED: ReadonlySet<string> = new Set([
  'acked',
  'rolledback',
  'undelivered',
  'kept',
  'failed',
  'cancelled',
]);

const WORDS: Readonly<Record<string, string>> = {
  pending: 'collecting and checking the load',
  training: 'training',
  evaluated: 'the gate judges the model',
  deployed: 'waiting for the device',
};

/** The job's board as the training effect reports it. */
const boardOf = ({ effects }: JobView): readonly TrainingProgress[] => {
  const training = effects.find(({ type }) => type === 'train-models');
  return Array.isArray(training?.progress) ? training.progress : [];
};

function detail(view: JobView): string {
  const board = boardOf(view);
  const last = board.at(-1);
  if (last === undefined) return '';
  const share = board.reduce((sum, step) => sum + step.share, 0) / board.length;
  return `${progressBar(share, BAR_WIDTH)} ${last.stage}${last.model === null ? '' : ` ${last.model}`}`;
}

/** The state after each fact, so that one that passed between two looks is shown too. */
function statesOf({ facts }: JobView): readonly string[] {
  let stage = trainingJob.initial;
  return facts.map(({ fact }) => {
    // The stream of a job holds no other facts.
    [stage] = trainingJob.step(stage, fact as TrainingJobFact);
    return stage.state;
  });
}

/** Prints the states reached since `shown` of them were printed; returns how many are printed now. */
function show(view: JobView, shown: number, screen: Screen): number {
  const states = statesOf(view);
  for (const state of states.slice(shown)) screen.done(`job ${screen.colors.bold(state)}`);
  const { state } = view.stage;
  if (!SETTLED.has(state)) screen.progress(WORDS[state] ?? state, detail(view));
  return states.length;
}

/** Follows a job on the screen until it is settled or the signal aborts, and returns how it stands then. */
export async function watchJob(
  control: Pick<ControlPlane, 'readJob'>,
  jobId: string,
  screen: Screen,
  signal: AbortSignal,
): Promise<JobView> {
  let shown = 0;
  for (;;) {
    const view = await control.readJob(jobId);
    if (view === null) throw new Error(`no job ${jobId} in the log`);
    shown = show(view, shown, screen);
    if (SETTLED.has(view.stage.state) || signal.aborted) return view;
    await sleep(LOOK_MS);
  }
}
