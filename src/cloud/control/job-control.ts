import { streamId } from '../../events/stream-id.ts';
import { trainingJob } from '../../machines/training-job.ts';
import { RegistryConflict } from '../../ports/event-log.ts';
import { isFleetStopped } from '../blast-radius.ts';
import type { Caller, ControlPlane, RetrainRequest } from '../control-plane.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { JobRunning, NotFound } from '../refusals.ts';
import { loadJob, loadSite } from '../streams.ts';
import { originOf, ownSite } from './site-control.ts';

type JobControl = Pick<ControlPlane, 'requestRetrain' | 'readJob' | 'cancelJob'>;

const JOB_HINT = 'list your jobs with GET /api/v1/ml/training-jobs';

/** The answer to a claim that another job holds: the same job for a repeated key, else a refusal. */
function answerConflict(error: RegistryConflict, systemId: string) {
  if (error.kind === 'idempotency-key') return { jobId: error.holder, created: false };
  if (error.kind === 'unfinished-job') throw new JobRunning(systemId, error.holder);
  throw error;
}

/** What was wished for, as the fact says it: what was left out, or is as usual, is not there. */
function factsOf({ idempotencyKey, hold = false, ...wishes }: Omit<RetrainRequest, 'systemId'>) {
  const key = idempotencyKey === undefined ? {} : { idempotencyKey };
  return { ...wishes, ...key, ...(hold ? { hold } : {}) };
}

export function createJobControl({ actors, log, queue, newId, newSeed }: CloudDependencies): JobControl {
  async function requestRetrain(caller: Caller, request: RetrainRequest) {
    const { systemId, ...wishes } = request;
    const { tenant } = ownSite(caller, systemId, await loadSite(actors, systemId));
    const jobId = newId();
    const about = { jobId, systemId, tenant, trigger: 'manual' as const, seed: newSeed() };
    const data = { ...about, ...factsOf(wishes) };
    const origin = originOf(caller, systemId, jobId);
    try {
      await actors.send(
        trainingJob,
        streamId('training-job', jobId),
        { type: 'request', request: data },
        origin,
      );
      return { jobId, created: true };
    } catch (error) {
      if (error instanceof RegistryConflict) return answerConflict(error, systemId);
      throw error;
    }
  }

  const readJob: JobControl['readJob'] = async (jobId) => {
    const { stage, facts, streamId: stream } = await loadJob(actors, jobId);
    const { request } = stage.context;
    if (request === null) return null;
    const waits = stage.state === 'evaluated' && request.trigger !== 'manual';
    const held = waits && (await isFleetStopped({ log }, request.tenant));
    return { stage, facts, effects: await queue.ofStream(stream), held };
  };

  const cancelJob: JobControl['cancelJob'] = async (caller, jobId, reason) => {
    const { stage, streamId: stream } = await loadJob(actors, jobId);
    const { request } = stage.context;
    if (request === null || request.tenant !== caller.tenant)
      throw new NotFound('training job', jobId, JOB_HINT);
    await actors.send(
      trainingJob,
      stream,
      { type: 'cancel', reason },
      originOf(caller, request.systemId, jobId),
    );
  };

  return { requestRetrain, readJob, cancelJob };
}
