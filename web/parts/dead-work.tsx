import type { DeadEffect } from '../../src/client/client.ts';
import { answerOf, api } from '../api.ts';
import { say } from '../words.ts';
import { Action } from './action.tsx';
import { Table } from './common.tsx';
import { ask } from './dialog.tsx';

/** One effect by its key, or with none all of them. */
async function again(which: { key?: string }): Promise<string | null> {
  const answer = await ask({
    title: say('redriveTitle'),
    text: which.key === undefined ? say('redriveText') : which.key,
    action: say('tryAgain'),
  });
  if (answer === null) return null;
  const { redriven } = await answerOf(api.POST('/api/v1/effects/redrive', { body: which }));
  return say('redriven', { n: redriven });
}

/** Work that was given up after its last try, and a way to try it again. */
export function DeadWork({ items, after }: { items: readonly DeadEffect[]; after: () => void }) {
  if (items.length === 0) return <p class="empty">{say('noDeadWork')}</p>;
  return (
    <>
      <p>{say('deadWorkHelp')}</p>
      <Table title={say('deadWork')} heads={[say('work'), say('tries'), say('reason'), '']}>
        {items.map(({ key, type, streamId, attempts, error }) => (
          <tr key={key}>
            <th scope="row">
              {type} · {streamId}
            </th>
            <td>{attempts}</td>
            <td>{error}</td>
            <td>
              <Action scope="admin" act={() => again({ key })} after={after}>
                {say('retry')}
              </Action>
            </td>
          </tr>
        ))}
      </Table>
      <div class="buttons">
        <Action scope="admin" act={() => again({})} after={after}>
          {say('tryAgain')}
        </Action>
      </div>
    </>
  );
}
