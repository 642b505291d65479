import { api } from '../api.ts';
import type { DeadEffect } from '../contract.ts';
import type { Resource } from '../hooks.ts';
import { say } from '../words.ts';
import { Section, Table } from './common.tsx';

const again = () => api.POST('/api/v1/effects/redrive', { body: {} });

/** Shown only where there is something to mend, and to those who may. */
export function DeadWork({ dead }: { dead: Resource<{ items: readonly DeadEffect[] }> }) {
  const items = dead.body?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Section title={say('deadWork')}>
      <p>{say('deadWorkHelp')}</p>
      <Table title={say('deadWork')} heads={[say('work'), say('tries'), say('reason')]}>
        {items.map(({ key, type, streamId, attempts, error }) => (
          <tr key={key}>
            <th scope="row">
              {type} · {streamId}
            </th>
            <td>{attempts}</td>
            <td>{error}</td>
          </tr>
        ))}
      </Table>
      <button type="button" onClick={() => void again().then(dead.refresh, dead.refresh)}>
        {say('tryAgain')}
      </button>
    </Section>
  );
}
