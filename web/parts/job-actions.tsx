import type { Job } from '../../src/client/client.ts';
import { answerOf, api } from '../api.ts';
import { go } from '../router.tsx';
import { Action } from './action.tsx';
import { ask } from './dialog.tsx';
import { sayTraining } from './training-words.ts';

type ModelType = 'ensemble' | 'xgboost' | 'lstm' | 'prophet' | 'arima' | 'linear' | 'profile';

interface Request {
  readonly systemId: string;
  readonly modelType: ModelType;
  readonly members: 'all' | 'documented';
  readonly trainingWindowDays: number;
}

interface JobActionProps {
  readonly job: Job;
  /** Data of the job's first fact. */
  readonly request: unknown;
  /** Commands that its machine takes now. */
  readonly commands: readonly string[];
  readonly after: () => void;
}

async function cancel(jobId: string): Promise<string | null> {
  const given = await ask({
    title: sayTraining('stop'),
    text: sayTraining('stopAsk'),
    action: sayTraining('stop'),
    danger: true,
    fields: (
      <label>
        {sayTraining('why')}
        <input name="reason" maxLength={500} />
      </label>
    ),
  });
  if (given === null) return null;
  const reason = (given['reason'] ?? '').trim();
  const body = reason === '' ? null : { reason };
  await answerOf(api.POST('/api/v1/ml/training-jobs/{jobId}/cancel', { params: { path: { jobId } }, body }));
  return sayTraining('stopped');
}

async function again(request: Request): Promise<string | null> {
  const { systemId, modelType, members, trainingWindowDays } = request;
  const given = await ask({
    title: sayTraining('again'),
    text: sayTraining('againAsk', { systemId }),
    action: sayTraining('again'),
    fields: (
      <label>
        <input type="checkbox" name="force" /> {sayTraining('force')}
      </label>
    ),
  });
  if (given === null) return null;
  const body = { systemId, modelType, members, trainingWindowDays, forceRedeploy: given['force'] === 'on' };
  const { jobId } = await answerOf(api.POST('/api/v1/ml/retrain', { body }));
  go(`/jobs/${encodeURIComponent(jobId)}`);
  return sayTraining('begun');
}

/** What a person may do about a job: cancel it while its machine takes that, train anew when it has ended. */
export function JobActions({ job, request, commands, after }: JobActionProps) {
  const ended = request !== undefined && !commands.includes('cancel');
  return (
    <span class="actions">
      {commands.includes('cancel') && (
        <Action scope="ml:train" act={() => cancel(job.jobId)} after={after}>
          {sayTraining('stop')}
        </Action>
      )}
      {ended && (
        <Action scope="ml:train" act={() => again(request as Request)} after={after}>
          {sayTraining('again')}
        </Action>
      )}
    </span>
  );
}
