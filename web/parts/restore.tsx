import { answerOf, api, Problem } from '../api.ts';
import { say } from '../words/models.ts';
import { Action } from './action.tsx';
import { ask } from './dialog.tsx';

interface Wanted {
  readonly systemId: string;
  readonly version: string;
}

const send = ({ systemId, version }: Wanted, replace: boolean, key: string) =>
  answerOf(
    api.POST('/api/v1/ml/systems/{systemId}/models/{version}/restore', {
      params: { path: { systemId, version }, header: { 'idempotency-key': key } },
      body: { replace },
    }),
  );

/** Somebody else's restore is on offer: it is told in the server's words, and replaced only when that is wanted. */
async function overtake(wanted: Wanted, refusal: Problem): Promise<boolean> {
  const answer = await ask({
    title: say('overtakeTitle'),
    text: refusal.message,
    action: say('overtake'),
    danger: true,
  });
  if (answer === null) return false;
  await send(wanted, true, crypto.randomUUID());
  return true;
}

async function restore(wanted: Wanted): Promise<string | null> {
  const { systemId: id, version } = wanted;
  const answer = await ask({
    title: say('restoreTitle', { version, id }),
    text: say('restoreText'),
    action: say('restore'),
  });
  if (answer === null) return null;
  try {
    await send(wanted, false, crypto.randomUUID());
  } catch (error) {
    if (!(error instanceof Problem && error.code === 'restore-under-way')) throw error;
    if (!(await overtake(wanted, error))) return null;
  }
  return say('restored', { version });
}

export const Restore = ({ after, ...wanted }: Wanted & { after: () => void }) => (
  <Action
    scope="ml:deploy"
    label={say('restoreOf', { version: wanted.version })}
    act={() => restore(wanted)}
    after={after}
  >
    {say('restore')}
  </Action>
);
