import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Problem } from '../api.ts';
import { say } from '../words.ts';
import { wordsOf } from './toasts.tsx';

/**
 * The page's heading takes the focus, so that a screen reader announces where a link has led. Beside it stands what
 * concerns the whole page.
 */
export function Heading({ title, children }: { title: string; children?: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · lifo4-ml`;
  }, [title]);
  useLayoutEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <div class="head">
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </div>
  );
}

export function Section({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="card">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

const GOOD = new Set(['acked', 'active', 'deployed', 'registered', 'trained']);
const BAD = new Set(['failed', 'rolledback', 'rejected', 'undelivered', 'expired']);

function tone(status: string): string {
  if (GOOD.has(status)) return 'good';
  return BAD.has(status) ? 'bad' : 'plain';
}

export function Badge({ status }: { status: string }) {
  return <span class={`badge ${tone(status)}`}>{status}</span>;
}

/** Wide content scrolls by itself, by keyboard too, instead of widening the page. */
export function Scroll(props: { label: string; tall?: boolean; children: ComponentChildren }) {
  const { label, tall = false, children } = props;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    // biome-ignore lint/a11y/useSemanticElements: a landmark for each table would be too many, and this is no form
    <div role="group" class={tall ? 'scroll tall' : 'scroll'} tabIndex={0} aria-label={label}>
      {children}
    </div>
  );
}

/** A table that scrolls by itself. */
export function Table({
  title,
  heads,
  children,
}: {
  title: string;
  heads: readonly string[];
  children: ComponentChildren;
}) {
  return (
    <Scroll label={title}>
      <table>
        <thead>
          <tr>
            {heads.map((head) =>
              // A column of buttons needs no head.
              head === '' ? (
                <td key={head} />
              ) : (
                <th key={head} scope="col">
                  {head}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </Scroll>
  );
}

export type Row = readonly [label: string, value: ComponentChildren];

export function Details({ rows }: { rows: readonly Row[] }) {
  return (
    <dl class="details">
      {rows.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Says what stands in the way of an answer: the server's own words where it gave some. */
export function Trouble({ problem }: { problem: Problem }) {
  return (
    <p class="trouble" role="alert">
      {wordsOf(problem)}
    </p>
  );
}

export function Awaited<Body>(props: {
  body: Body | null;
  problem: Problem | null;
  children: (body: Body) => ComponentChildren;
}) {
  const { body, problem, children } = props;
  return (
    <>
      {problem !== null && <Trouble problem={problem} />}
      {body !== null && children(body)}
      {body === null && problem === null && <p>{say('loading')}</p>}
    </>
  );
}
