import { useState } from 'preact/hooks';
import type { EventRow, Page, StreamedFact } from '../contract.ts';
import { formatInstant } from '../format.ts';
import { type Resource, useResource } from '../hooks.ts';
import { say } from '../words.ts';
import { Section, Trouble } from './common.tsx';
import { Machine } from './machine.tsx';

export interface History extends Pick<Resource<unknown>, 'problem' | 'refresh'> {
  readonly rows: readonly EventRow[];
  /** Takes a fact from the stream; reads the history again when one between was missed. */
  readonly add: (fact: StreamedFact) => void;
}

/** The facts of one stream: read once, then kept up by the log's stream. */
export function useHistory(path: string): History {
  const { body, problem, refresh } = useResource<Page<EventRow>>(path);
  const [streamed, setStreamed] = useState<readonly EventRow[]>([]);
  const known = body?.items ?? [];
  const last = known.at(-1)?.version ?? 0;
  const fresh = streamed.filter(({ version }) => version > last);
  const rows = [...known, ...fresh.filter(({ version }, i) => version === last + i + 1)];
  const add = (fact: StreamedFact) => {
    const next = rows.length === 0 ? 1 : (rows.at(-1)?.version ?? 0) + 1;
    if (fact.version === next && body !== null) setStreamed([...streamed, fact]);
    else if (fact.version >= next) refresh();
  };
  return { rows, problem, refresh, add };
}

function Scrubber(props: { count: number; shown: number; show: (count: number | null) => void }) {
  const { count, shown, show } = props;
  return (
    <div class="scrubber">
      <button
        type="button"
        onClick={() => show(shown - 1)}
        disabled={shown === 0}
        aria-label={say('previous')}
      >
        ‹
      </button>
      <input
        type="range"
        min={0}
        max={count}
        value={shown}
        aria-label={say('upTo')}
        onInput={(event) => show(event.currentTarget.valueAsNumber)}
      />
      <button
        type="button"
        onClick={() => show(shown + 1)}
        disabled={shown >= count}
        aria-label={say('next')}
      >
        ›
      </button>
      <output>
        {shown} / {count}
      </output>
      <button type="button" onClick={() => show(null)} disabled={shown >= count}>
        {say('latest')}
      </button>
    </div>
  );
}

function Fact({ row, past }: { row: EventRow; past: boolean }) {
  return (
    <li class={past ? 'past' : 'ahead'}>
      <details>
        <summary>
          <span class="version">{row.version}</span> <strong>{row.type}</strong>{' '}
          <time dateTime={row.at}>{formatInstant(row.at)}</time>
        </summary>
        <p class="hint">
          {say('by')} {row.actor}
        </p>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: text that scrolls must be reachable by keyboard */}
        <pre tabIndex={0}>{JSON.stringify(row.data, null, 2)}</pre>
      </details>
    </li>
  );
}

/** A stream's machine over its facts: the picture follows the newest fact until one is picked. */
export function StreamHistory(props: { machine: string; streamId: string; history: History }) {
  const { machine, streamId, history } = props;
  const { rows, problem } = history;
  const [picked, setPicked] = useState<number | null>(null);
  const shown = Math.min(picked ?? rows.length, rows.length);
  const show = (count: number | null) => setPicked(count === null || count >= rows.length ? null : count);
  return (
    <>
      <Section title={say('machine')}>
        <Machine name={machine} streamId={streamId} facts={rows.slice(0, shown).map(({ type }) => type)} />
        <Scrubber count={rows.length} shown={shown} show={show} />
      </Section>
      <Section title={say('facts')}>
        {problem !== null && <Trouble problem={problem} />}
        {rows.length === 0 && <p>{say('noFacts')}</p>}
        <ol class="facts">
          {rows.map((row, i) => (
            <Fact key={row.version} row={row} past={i < shown} />
          ))}
        </ol>
      </Section>
    </>
  );
}
