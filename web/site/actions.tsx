import type { RetrainRequest, Site } from '../../src/client/client.ts';
import { answerOf, api } from '../api.ts';
import { Action } from '../parts/action.tsx';
import { ask } from '../parts/dialog.tsx';
import { go } from '../router.tsx';
import { say } from '../words/site.ts';

const MODELS = ['ensemble', 'linear', 'xgboost', 'lstm', 'prophet', 'profile'] as const;

const RetrainFields = () => (
  <>
    <label>
      {say('modelType')}
      <select name="modelType">
        {MODELS.map((model) => (
          <option key={model} value={model}>
            {model}
          </option>
        ))}
      </select>
    </label>
    <label>
      {say('window')}
      <input name="window" type="number" min={30} max={1095} defaultValue="90" required />
    </label>
    <label class="check">
      <input name="force" type="checkbox" /> {say('force')}
    </label>
  </>
);

async function retrain(systemId: string): Promise<string | null> {
  const answer = await ask({
    title: say('retrainTitle', { id: systemId }),
    text: say('retrainText'),
    action: say('retrain'),
    fields: <RetrainFields />,
  });
  if (answer === null) return null;
  const modelType: RetrainRequest['modelType'] =
    MODELS.find((model) => model === answer['modelType']) ?? 'ensemble';
  const body = {
    ...{ systemId, modelType, trainingWindowDays: Number(answer['window']) },
    forceRedeploy: answer['force'] !== undefined,
  };
  // A request that is sent again after a lost answer starts no second job.
  const params = { header: { 'idempotency-key': crypto.randomUUID() } };
  const { jobId } = await answerOf(api.POST('/api/v1/ml/retrain', { body, params }));
  go(`/jobs/${encodeURIComponent(jobId)}`);
  return say('started', { id: jobId });
}

async function pause(systemId: string): Promise<string | null> {
  const answer = await ask({
    title: say('pause'),
    text: say('pauseText'),
    action: say('pause'),
    fields: (
      <label>
        {say('reason')}
        <input name="reason" required minLength={3} maxLength={500} autocomplete="off" />
      </label>
    ),
  });
  if (answer === null) return null;
  const call = { params: { path: { systemId } }, body: { reason: answer['reason'] ?? '' } };
  await answerOf(api.POST('/api/v1/systems/{systemId}/schedule/pause', call));
  return say('pausedNow');
}

async function resume(systemId: string): Promise<string | null> {
  const call = { params: { path: { systemId } } };
  await answerOf(api.POST('/api/v1/systems/{systemId}/schedule/resume', call));
  return say('resumedNow');
}

/** What a person does to the whole site. */
export function SiteActions({ site, after }: { site: Site; after: () => void }) {
  const { systemId, retrainsPaused } = site;
  return (
    <div class="buttons">
      {retrainsPaused === null ? (
        <Action scope="ml:train" act={() => pause(systemId)} after={after}>
          {say('pause')}
        </Action>
      ) : (
        <Action scope="ml:train" act={() => resume(systemId)} after={after}>
          {say('resume')}
        </Action>
      )}
      <Action scope="ml:train" class="primary" act={() => retrain(systemId)} after={after}>
        {say('retrain')}
      </Action>
    </div>
  );
}
