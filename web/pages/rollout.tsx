import { useState } from 'preact/hooks';
import type { Rollout, RolloutSite, RolloutSitePage } from '../../src/client/api.ts';
import { answerOf, api } from '../api.ts';
import type { StreamedFact } from '../contract.ts';
import { formatInstant, formatPercent } from '../format.ts';
import { useResource, useStream } from '../hooks.ts';
import { Action } from '../parts/action.tsx';
import { Awaited, Badge, Details, Heading, type Row, Section, Table } from '../parts/common.tsx';
import { ask } from '../parts/dialog.tsx';
import { StreamHistory } from '../parts/history.tsx';
import { RolloutProgress } from '../parts/rollout-progress.tsx';
import { useStreamSteps } from '../parts/stream-steps.ts';
import { Link } from '../router.tsx';
import { sayRollout } from '../words/rollouts.ts';
import { say } from '../words.ts';

const PAGE = 50;

type Move = 'pause' | 'resume' | 'abort';

/** What a person can do to a rollout in each state; nothing where it has ended. */
const MOVES: Readonly<Record<Rollout['status'], readonly Move[]>> = {
  rolling: ['pause', 'abort'],
  soaking: ['pause', 'abort'],
  paused: ['resume', 'abort'],
  reverting: [],
  aborted: [],
  completed: [],
};

async function move(rolloutId: string, what: Move): Promise<string | null> {
  const answer = await ask({
    title: `${sayRollout(what)}?`,
    text: sayRollout(`${what}Text`),
    action: sayRollout(what),
    danger: what === 'abort',
    fields: (
      <label>
        {say('reason')}
        <input name="reason" required minLength={3} maxLength={500} autocomplete="off" />
      </label>
    ),
  });
  if (answer === null) return null;
  const params = { path: { rolloutId } };
  const body = { reason: answer['reason'] ?? '' };
  const { status } = await answerOf(api.POST(`/api/v1/rollouts/{rolloutId}/${what}`, { params, body }));
  return sayRollout('done', { status });
}

function Buttons({ rollout, after }: { rollout: Rollout; after: () => void }) {
  return (
    <div class="buttons">
      {MOVES[rollout.status].map((what) => (
        <Action key={what} scope="ml:deploy" act={() => move(rollout.rolloutId, what)} after={after}>
          {sayRollout(what)}
        </Action>
      ))}
    </div>
  );
}

function rowsOf(rollout: Rollout): readonly Row[] {
  const { status, stage, stages, reason, note, rules, soakUntil, createdBy, createdAt } = rollout;
  const { window, onBreach } = rules;
  const told = (label: string, value: string | null): readonly Row[] =>
    value === null || value === '' ? [] : [[label, value]];
  return [
    [say('status'), <Badge key="status" status={status} />],
    ...told(say('reason'), reason),
    [sayRollout('stage'), `${stage} (${stages.join(' → ')})`],
    [sayRollout('sites'), <RolloutProgress key="sites" rollout={rollout} />],
    ...told(sayRollout('soak'), soakUntil === null ? null : formatInstant(soakUntil)),
    ...told(sayRollout('window'), window === null ? null : `${window.fromHour}–${window.toHour} h`),
    [sayRollout('onBreach'), sayRollout(onBreach === 'abort' ? 'aborts' : 'pauses')],
    ...told(sayRollout('note'), note),
    [sayRollout('begun'), formatInstant(createdAt)],
    [sayRollout('by'), createdBy],
  ];
}

function Site({ site }: { site: RolloutSite }) {
  const { systemId, running, version, stage, status, reason, shadowMape, runningMape, liveWape } = site;
  return (
    <tr>
      <th scope="row">
        <Link to={`/sites/${encodeURIComponent(systemId)}`}>{systemId}</Link>
      </th>
      <td>{running ?? '–'}</td>
      <td>{version}</td>
      <td>{stage ?? '–'}</td>
      <td>
        <Badge status={status} /> {reason}
      </td>
      <td>{formatPercent(shadowMape)}</td>
      <td>{formatPercent(runningMape)}</td>
      <td>{formatPercent(liveWape)}</td>
    </tr>
  );
}

function Sites({ page }: { page: RolloutSitePage }) {
  const heads = [
    ...[say('site'), sayRollout('ran'), sayRollout('gets'), sayRollout('stage'), say('status')],
    ...[sayRollout('shadow'), sayRollout('before'), sayRollout('live')],
  ];
  return (
    <Table title={sayRollout('sites')} heads={heads}>
      {page.items.map((site) => (
        <Site key={site.systemId} site={site} />
      ))}
    </Table>
  );
}

export function RolloutPage({ rolloutId }: { rolloutId: string }) {
  const path = `/rollouts/${encodeURIComponent(rolloutId)}`;
  const [limit, setLimit] = useState(PAGE);
  const rollout = useResource<Rollout>(path);
  const sites = useResource<RolloutSitePage>(`${path}/sites?limit=${limit}`);
  const { history, problem, hear } = useStreamSteps(`rollout-${rolloutId}`);
  const refresh = () => {
    rollout.refresh();
    sites.refresh();
  };
  useStream('', (fact: StreamedFact | null) => {
    if (fact !== null && fact.streamId !== `rollout-${rolloutId}`) return;
    hear(fact);
    refresh();
  });
  const more = sites.body?.nextCursor !== null && limit < 4 * PAGE;
  return (
    <>
      <Heading title={`${sayRollout('rollout')} ${rollout.body?.note || rolloutId}`}>
        {rollout.body !== null && <Buttons rollout={rollout.body} after={refresh} />}
      </Heading>
      <div class="columns">
        <div>
          <Section title={say('status')}>
            <Awaited {...rollout}>{(body) => <Details rows={rowsOf(body)} />}</Awaited>
          </Section>
          <Section title={sayRollout('sites')}>
            <Awaited {...sites}>{(page) => <Sites page={page} />}</Awaited>
            {sites.body !== null && more && (
              <button type="button" onClick={() => setLimit(4 * PAGE)}>
                {sayRollout('more')}
              </button>
            )}
          </Section>
        </div>
        <div>
          <StreamHistory history={history} problem={problem} />
        </div>
      </div>
    </>
  );
}
