import { useEffect, useRef, useState } from 'preact/hooks';
import type { Machine as Definition } from '../../src/client/client.ts';
import { getText } from '../api.ts';
import { type Marks, transitionId } from '../fold.ts';
import { useResource } from '../hooks.ts';
import { Scroll, Table, Trouble } from './common.tsx';
import { guardName } from './guard-words.ts';
import { sayMachine } from './machine-words.ts';

/**
 * How the drawing sits in the page; its own style comes with it, and its colours follow what the reader chose for the
 * page instead of what the system says.
 */
const FIT = `
:host { display: block }
svg { display: block; width: 100%; height: auto; margin: 0 auto }
svg.machine { --paper: light-dark(#ffffff, #131a21); --ink: light-dark(#17212b, #e8eef4); --soft: light-dark(#4d5b67, #a9b7c5); --faint: light-dark(#a3b0bc, #54636f); --fill: light-dark(#f3f6f9, #1d2731); --frame: light-dark(#f9fbfd, #161e26); --taken: light-dark(#0b62b8, #6bb3ff); --taken-fill: light-dark(#e3effb, #16304a); --possible: light-dark(#8a5200, #f0b45a); --refused: light-dark(#a4262c, #ff9c9c); --current: light-dark(#0b62b8, #6bb3ff); --current-ink: light-dark(#ffffff, #08121c) }
`;

/** Below this share of its own size the picture's letters are too small to read: it scrolls instead. */
const SMALLEST = 0.72;

/** Wider than this, a picture gets the page's whole width. */
const WIDE = 1_100;

/**
 * The server's SVG with its own style sheet, apart from the page's. The style is adopted by script because the
 * content security policy allows no inline style.
 */
function mount(host: HTMLElement, source: string): void {
  const styles = [...source.matchAll(/<style>([\s\S]*?)<\/style>/g)].map((match) => match[1] ?? '');
  const bare = source.replace(/<style>[\s\S]*?<\/style>/g, '');
  const svg = new DOMParser().parseFromString(bare, 'image/svg+xml').documentElement;
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  root.adoptedStyleSheets = [...styles, FIT].map((css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    return sheet;
  });
  const width = Number(svg.getAttribute('width'));
  if (svg instanceof SVGSVGElement)
    Object.assign(svg.style, { maxWidth: `${width}px`, minWidth: `${width * SMALLEST}px` });
  host.classList.toggle('wide', width > WIDE);
  root.replaceChildren(document.importNode(svg, true));
}

type Mark = 'last' | 'possible' | 'refused' | 'taken';
const MARKS: readonly Mark[] = ['last', 'possible', 'refused', 'taken'];

/** The one mark of a line: what happened last and what may happen now come before what is over. */
function markOf(ids: readonly string[], marks: Marks): Mark | null {
  if (marks.last !== null && ids.includes(marks.last)) return 'last';
  return MARKS.find((mark) => mark !== 'last' && ids.some((id) => marks[mark as 'taken'].has(id))) ?? null;
}

function markState(group: SVGGElement, { current, visited }: Marks): void {
  const name = group.dataset['state'] ?? '';
  group.classList.toggle('current', name === current);
  group.classList.toggle('visited', visited.has(name));
  if (name === current) group.setAttribute('aria-current', 'true');
  else group.removeAttribute('aria-current');
}

function markFrame(group: SVGGElement, { current }: Marks): void {
  group.classList.toggle('current', (group.dataset['group'] ?? '').split(' ').includes(current));
}

function markMove(group: SVGGElement, marks: Marks): void {
  const mark = markOf((group.dataset['transition'] ?? '').split(' '), marks);
  for (const one of MARKS) group.classList.toggle(one, one === mark);
}

const groups = (root: ShadowRoot, attribute: string): readonly SVGGElement[] => [
  ...root.querySelectorAll<SVGGElement>(`[${attribute}]`),
];

function bringOut(root: ShadowRoot | null, name: string, marks: Marks): void {
  if (root === null) return;
  for (const group of groups(root, 'data-state')) markState(group, marks);
  for (const group of groups(root, 'data-group')) markFrame(group, marks);
  for (const group of groups(root, 'data-transition')) markMove(group, marks);
  // The server described the machine alone; the page's own words are beside the picture.
  for (const title of root.querySelectorAll('svg > title')) title.textContent = `${name}: ${marks.current}`;
  for (const words of root.querySelectorAll('svg > desc')) words.textContent = sayMachine('asList');
}

/** Brings the current state into the middle where the picture is larger than its frame. */
function centre(host: HTMLElement): void {
  const current = host.shadowRoot?.querySelector('.state.current')?.getBoundingClientRect();
  const frame = host.parentElement;
  if (current === undefined || frame === null) return;
  const { left, width } = frame.getBoundingClientRect();
  frame.scrollLeft += current.left + current.width / 2 - left - width / 2;
}

const SIGNS: Readonly<Record<Mark, string>> = { last: '●', taken: '✓', refused: '✕', possible: '○' };

function Legend() {
  return (
    <ul class="marks" aria-hidden="true">
      {MARKS.map((mark) => (
        <li key={mark} class={mark}>
          <svg viewBox="0 0 28 10" aria-hidden="true">
            <path d="M1 5h26" />
          </svg>
          {SIGNS[mark]} {sayMachine(mark)}
        </li>
      ))}
    </ul>
  );
}

function Rows({ definition, marks }: PictureProps) {
  const heads = (['state', 'fact', 'leadsTo', 'conditions', 'effects', 'mark'] as const).map((word) =>
    sayMachine(word),
  );
  return (
    <Table title={sayMachine('asList')} heads={heads}>
      {definition.states.flatMap(({ name, transitions }) =>
        transitions.map(({ fact, to, guards, effects }) => {
          const mark = markOf([transitionId(name, fact)], marks);
          return (
            <tr key={transitionId(name, fact)}>
              <th scope="row">{name}</th>
              <td>{fact}</td>
              <td>{to}</td>
              <td>{guards.map(guardName).join(', ')}</td>
              <td>{effects.join(', ')}</td>
              <td>{mark === null ? '' : `${SIGNS[mark]} ${sayMachine(mark)}`}</td>
            </tr>
          );
        }),
      )}
    </Table>
  );
}

/** Everything that the picture shows, for whoever does not see it. */
function AsList(props: PictureProps) {
  const [open, setOpen] = useState(false);
  return (
    <details class="as-list" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{sayMachine('asList')}</summary>
      {open && <Rows {...props} />}
    </details>
  );
}

interface PictureProps {
  readonly definition: Definition;
  readonly marks: Marks;
}

/** The machine's picture: fetched once, its marks move with the instant. */
export function Picture({ definition, marks }: PictureProps) {
  const host = useRef<HTMLDivElement>(null);
  const { body: svg, problem } = useResource(`/machines/${definition.name}/drawing`, getText);
  useEffect(() => {
    if (svg !== null && host.current !== null) mount(host.current, svg);
  }, [svg]);
  useEffect(() => {
    bringOut(host.current?.shadowRoot ?? null, definition.name, marks);
  }, [svg, definition, marks]);
  useEffect(() => {
    if (host.current !== null) centre(host.current);
  }, [svg, marks.current]);
  return (
    <>
      {problem !== null && <Trouble problem={problem} />}
      <Scroll label={sayMachine('picture')}>
        <div ref={host} class="drawing" data-state={marks.current} />
      </Scroll>
      <Legend />
      <AsList definition={definition} marks={marks} />
    </>
  );
}
