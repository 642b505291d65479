import { useEffect, useRef } from 'preact/hooks';
import { getText } from '../api.ts';
import type { Definition } from '../contract.ts';
import { fold, type Standing } from '../fold.ts';
import { useResource } from '../hooks.ts';
import { say } from '../words.ts';
import { Awaited, Scroll, Trouble } from './common.tsx';

/** How the drawing sits in the page; its own style comes with it. */
const FIT = ':host { display: block } svg { display: block; width: 100%; height: auto; margin: 0 auto }';

/** Below this share of its own size the picture's letters are too small to read: it scrolls instead. */
const SMALLEST = 0.7;

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
  root.replaceChildren(document.importNode(svg, true));
}

/** The server described the state at the time of drawing; the page's own words are beside the picture. */
function retitle(root: ShadowRoot | null, state: string): void {
  for (const description of root?.querySelectorAll('svg > desc') ?? []) description.textContent = '';
  for (const title of root?.querySelectorAll('svg > title') ?? []) title.textContent = state;
}

function markState(group: SVGGElement, { state, visited }: Standing): void {
  const name = group.dataset['state'] ?? '';
  group.classList.toggle('current', name === state);
  group.classList.toggle('visited', visited.has(name));
  if (name === state) group.setAttribute('aria-current', 'true');
  else group.removeAttribute('aria-current');
}

function markTransition(group: SVGGElement, { taken, possible }: Standing): void {
  const ids = (group.dataset['transition'] ?? '').split(' ');
  const isTaken = ids.some((id) => taken.has(id));
  group.classList.remove('last', 'refused');
  group.classList.toggle('taken', isTaken);
  group.classList.toggle('possible', !isTaken && ids.some((id) => possible.has(id)));
}

const groups = (root: ShadowRoot | null, attribute: string): readonly SVGGElement[] => [
  ...(root?.querySelectorAll<SVGGElement>(`[${attribute}]`) ?? []),
];

function mark(root: ShadowRoot | null, standing: Standing): void {
  for (const group of groups(root, 'data-state')) markState(group, standing);
  for (const group of groups(root, 'data-transition')) markTransition(group, standing);
  retitle(root, standing.state);
}

/** Brings the current state into the middle where the picture is wider than the screen. */
function centre(host: HTMLElement): void {
  const current = host.shadowRoot?.querySelector('.state.current')?.getBoundingClientRect();
  const frame = host.parentElement;
  if (current === undefined || frame === null) return;
  const { left, width } = frame.getBoundingClientRect();
  frame.scrollLeft += current.left + current.width / 2 - left - width / 2;
}

/** `facts` are the types to fold; the picture is fetched once and its marks move with them. */
function Drawing({ definition, streamId, facts }: MachineProps & { definition: Definition }) {
  const host = useRef<HTMLDivElement>(null);
  const path = `/machines/${definition.name}/drawing?stream=${encodeURIComponent(streamId)}`;
  const { body: svg, problem } = useResource(path, getText);
  const standing = fold(definition, facts);
  useEffect(() => {
    if (svg !== null && host.current !== null) mount(host.current, svg);
  }, [svg]);
  useEffect(() => {
    mark(host.current?.shadowRoot ?? null, standing);
  });
  useEffect(() => {
    if (host.current !== null) centre(host.current);
  }, [svg, standing.state]);
  return (
    <>
      {problem !== null && <Trouble problem={problem} />}
      <Scroll label={say('machine')}>
        <div ref={host} class="drawing" data-state={standing.state} />
      </Scroll>
      <p class="hint" role="status">
        {say('status')}: <strong>{standing.state}</strong>. {say('machineHelp')}
      </p>
    </>
  );
}

interface MachineProps {
  readonly streamId: string;
  readonly facts: readonly string[];
}

export function Machine({ name, ...props }: MachineProps & { readonly name: string }) {
  const { body, problem } = useResource<Definition>(`/machines/${name}`);
  return (
    <Awaited body={body} problem={problem}>
      {(definition) => <Drawing definition={definition} {...props} />}
    </Awaited>
  );
}
