import { useMemo } from 'preact/hooks';
import { type StreamHistory as History, instantOf } from '../fold.ts';
import { Link } from '../router.tsx';
import { Section, Trouble } from './common.tsx';
import { Explanation } from './explanation.tsx';
import { Picture } from './machine.tsx';
import { sayMachine } from './machine-words.ts';
import { Scrubber, usePosition } from './scrubber.tsx';
import type { StreamReading } from './stream-steps.ts';

function Shown({ history }: { history: History }) {
  const { streamId, definition, steps } = history;
  const position = usePosition(steps.length, null);
  const { shown } = position;
  const instant = useMemo(() => instantOf(history, shown), [history, shown]);
  return (
    <>
      <Section title={sayMachine('machine')}>
        <Scrubber position={position} />
        <Picture definition={definition} marks={instant.marks} />
        <p class="hint">
          <Link to={`/streams/${encodeURIComponent(streamId)}?version=${shown}`}>{sayMachine('whole')}</Link>
        </p>
      </Section>
      <Explanation instant={instant} />
    </>
  );
}

/** A stream's machine on the page of its own thing: follows what happens until an instant is picked. */
export function StreamHistory({ history, problem }: Pick<StreamReading, 'history' | 'problem'>) {
  return (
    <>
      {problem !== null && <Trouble problem={problem} />}
      {history !== null && <Shown history={history} />}
    </>
  );
}
