import { useCallback, useEffect, useRef } from 'preact/hooks';
import { answerOf, api } from '../api.ts';
import { chosenFilter, STATES } from '../fleet/filter.ts';
import { FleetList } from '../fleet/list.tsx';
import { type FleetRows, useFleetRows } from '../fleet/rows.ts';
import { useSight } from '../fleet/sight.ts';
import { useAnswer, usePolling, useStream } from '../hooks.ts';
import { Action } from '../parts/action.tsx';
import { Chips } from '../parts/chips.tsx';
import { Heading, Trouble } from '../parts/common.tsx';
import { ask } from '../parts/dialog.tsx';
import { announce } from '../parts/toasts.tsx';
import { choose, query } from '../router.tsx';
import { say } from '../words/fleet.ts';
import { say as sayAll } from '../words.ts';

/** A busy log is answered by one request in this time. */
const LIVE_MS = 1_000;
/** Forecasts are no facts: their ages are read again. */
const EVERY_MS = 60_000;
const TYPED_MS = 250;

async function resume(): Promise<string | null> {
  const answer = await ask({
    title: say('resume'),
    text: say('resumeText'),
    action: say('resume'),
    fields: (
      <label>
        {say('reason')}
        <input name="reason" required minLength={3} maxLength={500} autocomplete="off" />
      </label>
    ),
  });
  if (answer === null) return null;
  await answerOf(api.POST('/api/v1/ml/fleet/resume', { body: { reason: answer['reason'] ?? '' } }));
  return say('resumed');
}

function Stopped() {
  const fleet = useAnswer('fleet', (signal) => api.GET('/api/v1/ml/fleet', { signal }));
  usePolling(true, EVERY_MS / 4, fleet.refresh);
  if (fleet.body?.status !== 'stopped') return null;
  const { failed, settled } = fleet.body;
  return (
    <div class="notice banner" role="alert">
      <span>{say('stopped', { failed: failed ?? 0, settled: settled ?? 0 })}</span>
      <Action scope="admin" act={resume} after={fleet.refresh}>
        {say('resume')}
      </Action>
    </div>
  );
}

function Search() {
  const typing = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(typing.current), []);
  const onInput = (text: string) => {
    clearTimeout(typing.current);
    typing.current = setTimeout(() => choose({ q: text.trim() }), TYPED_MS);
  };
  return (
    <input
      type="search"
      class="search"
      aria-label={say('search')}
      placeholder={say('search')}
      defaultValue={query.value.get('q') ?? ''}
      maxLength={100}
      onInput={({ currentTarget: { value } }) => onInput(value)}
    />
  );
}

const Filters = ({ state, counts }: { state: string | undefined; counts: FleetRows['counts'] }) => (
  <Chips
    label={say('filter')}
    chosen={state ?? 'all'}
    choose={(value) => choose({ state: value === 'all' ? null : value })}
    chips={(['all', ...STATES] as const).map((value) => ({
      ...{ value, text: say(value), count: counts?.[value] },
    }))}
  />
);

/** Calls `act` at most once in `ms`, the last call included. */
function useSlowly(act: () => void, ms: number): () => void {
  const waiting = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const acting = useRef(act);
  acting.current = act;
  useEffect(() => () => clearTimeout(waiting.current), []);
  return useCallback(() => {
    waiting.current ??= setTimeout(() => {
      waiting.current = undefined;
      acting.current();
    }, ms);
  }, [ms]);
}

export function FleetPage() {
  const filter = chosenFilter();
  const sight = useSight(JSON.stringify(filter));
  const rows = useFleetRows(filter, sight);
  const { total, counts, problem, refresh } = rows;
  useStream('', useSlowly(refresh, LIVE_MS));
  usePolling(true, EVERY_MS, refresh);
  useEffect(() => {
    if (total !== null) announce(say('found', { n: total }));
  }, [total]);
  return (
    <>
      <Heading title={say('title')}>
        {total !== null && <span class="soft">{say('found', { n: total })}</span>}
      </Heading>
      <Stopped />
      <div class="filters">
        <Search />
        <Filters state={filter.state} counts={counts} />
      </div>
      {problem !== null && <Trouble problem={problem} />}
      {total === null && problem === null && <p>{sayAll('loading')}</p>}
      {total === 0 && <p class="empty">{say('none')}</p>}
      {total !== null && total > 0 && <FleetList filter={filter} rows={rows} total={total} sight={sight} />}
    </>
  );
}
