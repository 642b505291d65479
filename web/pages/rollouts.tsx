import type { RolloutPage, RolloutRow } from '../../src/client/api.ts';
import type { StreamedFact } from '../contract.ts';
import { formatInstant } from '../format.ts';
import { useResource, useStream } from '../hooks.ts';
import { Awaited, Badge, Heading, Table } from '../parts/common.tsx';
import { RolloutProgress } from '../parts/rollout-progress.tsx';
import { Link } from '../router.tsx';
import { sayRollout } from '../words/rollouts.ts';
import { say } from '../words.ts';

function Row({ rollout }: { rollout: RolloutRow }) {
  const { rolloutId, note, status, stage, reason, createdAt } = rollout;
  return (
    <tr>
      <th scope="row">
        <Link to={`/rollouts/${encodeURIComponent(rolloutId)}`}>{note === '' ? rolloutId : note}</Link>
      </th>
      <td>
        <Badge status={status} /> {reason}
      </td>
      <td>{stage}</td>
      <td>
        <RolloutProgress rollout={rollout} />
      </td>
      <td>{formatInstant(createdAt)}</td>
    </tr>
  );
}

function Rows({ page }: { page: RolloutPage }) {
  if (page.items.length === 0) return <p>{sayRollout('none')}</p>;
  const heads = [
    ...[sayRollout('rollout'), say('status'), sayRollout('stage'), sayRollout('sites'), sayRollout('begun')],
  ];
  return (
    <Table title={say('rollouts')} heads={heads}>
      {page.items.map((rollout) => (
        <Row key={rollout.rolloutId} rollout={rollout} />
      ))}
    </Table>
  );
}

export function RolloutsPage() {
  const rollouts = useResource<RolloutPage>('/rollouts');
  useStream('', (fact: StreamedFact | null) => {
    if (fact === null || fact.streamId.startsWith('rollout-')) rollouts.refresh();
  });
  return (
    <>
      <Heading title={say('rollouts')} />
      <section class="card">
        <Awaited {...rollouts}>{(page) => <Rows page={page} />}</Awaited>
      </section>
    </>
  );
}
