import { useEffect, useMemo, useRef } from 'preact/hooks';
import { instantOf, type StreamHistory } from '../../fold.ts';
import { useStream } from '../../hooks.ts';
import { Badge, Heading, Section, Trouble } from '../../parts/common.tsx';
import { Explanation, Knowledge } from '../../parts/explanation.tsx';
import { Picture } from '../../parts/machine.tsx';
import { sayMachine } from '../../parts/machine-words.ts';
import { type Position, Scrubber, usePosition, useScrubbingKeys } from '../../parts/scrubber.tsx';
import { useStreamSteps } from '../../parts/stream-steps.ts';
import { Timeline } from '../../parts/timeline.tsx';
import { choose, Link, query } from '../../router.tsx';
import { say } from '../../words.ts';
import { Exports } from './exports.tsx';
import { homeOf } from './home.ts';

/** The instant that the address names; null for none, or for what is no number of facts. */
function askedFor(): number | null {
  const version = query.value.get('version');
  return version !== null && /^\d{1,15}$/.test(version) ? Number(version) : null;
}

/** Browsers allow few changes of the address in a row: it is written when the reader rests. */
const REST_MS = 250;

/** Keeps the instant in the address, so that it can be shared and opened again; follows the address too. */
function useAddress(position: Position): void {
  const { shown, following, show, follow } = position;
  const wanted = following ? null : shown;
  const written = useRef(wanted);
  const asked = askedFor();
  useEffect(() => {
    if (asked === written.current) return;
    written.current = asked;
    if (asked === null) follow(true);
    else show(asked);
  }, [asked]);
  useEffect(() => {
    const writing = setTimeout(() => {
      if (written.current === wanted) return;
      written.current = wanted;
      choose({ version: wanted === null ? null : String(wanted) });
    }, REST_MS);
    return () => clearTimeout(writing);
  }, [wanted]);
}

function Notices({ history, asked }: { history: StreamHistory; asked: number | null }) {
  const { steps, broken } = history;
  const count = steps.length;
  return (
    <>
      {asked !== null && asked > count && (
        <p class="notice" role="status">
          {sayMachine('beyond', { asked, all: count })}
        </p>
      )}
      {broken !== null && (
        <p class="trouble" role="alert">
          {sayMachine('broken', { n: broken.version - 1, reason: broken.reason })}
        </p>
      )}
    </>
  );
}

function Scrubbing({ history, first }: { history: StreamHistory; first: number | null }) {
  const { streamId, definition, steps } = history;
  const position = usePosition(steps.length, first);
  useScrubbingKeys(position);
  useAddress(position);
  const { shown } = position;
  const instant = useMemo(() => instantOf(history, shown), [history, shown]);
  return (
    <>
      <Notices history={history} asked={first} />
      <section class="card scrubbing" aria-label={sayMachine('facts')}>
        <Scrubber position={position} />
        <p class="hint">{sayMachine('keys')}</p>
      </section>
      <div class="columns machine-view">
        <div>
          <Section title={`${definition.name} · ${instant.state}`}>
            <Picture definition={definition} marks={instant.marks} />
          </Section>
          <Section title={sayMachine('facts')}>
            <Timeline steps={steps} position={position} />
          </Section>
        </div>
        <div>
          <Explanation instant={instant} />
          <Knowledge instant={instant} />
          <Exports key={shown} streamId={streamId} version={shown} />
        </div>
      </div>
      <p class="unseen" role="status">
        {`${sayMachine('state')}: ${instant.state}`}
      </p>
    </>
  );
}

/** Any stream's machine, at any instant of its history. */
export function StreamPage({ streamId }: { streamId: string }) {
  const { history, problem, hear } = useStreamSteps(streamId);
  // What the address asked for when the page was opened: later it follows the reader.
  const first = useRef(askedFor());
  useStream(`stream=${encodeURIComponent(streamId)}`, hear);
  const home = homeOf(streamId);
  const last = history?.steps.at(-1)?.to;
  return (
    <>
      <Heading title={streamId}>
        {last !== undefined && <Badge status={last} />}
        {home !== null && <Link to={home}>{sayMachine('openPage')}</Link>}
      </Heading>
      {problem !== null && <Trouble problem={problem} />}
      {history === null && problem === null && <p aria-busy="true">{say('loading')}</p>}
      {history !== null && <Scrubbing history={history} first={first.current} />}
    </>
  );
}
