import { useEffect, useRef, useState } from 'preact/hooks';
import { getText } from '../api.ts';
import type { Definition } from '../contract.ts';
import { fold, type Standing } from '../fold.ts';
import { useResource } from '../hooks.ts';
import { say } from '../words.ts';
import { Awaited, Scroll } from './common.tsx';

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

function mark(host: HTMLElement, { state, taken, possible, visited }: Standing): void {
  const root = host.shadowRoot;
  for (const group of root?.querySelectorAll<SVGGElement>('[data-transition]') ?? []) {
    const id = group.dataset['transition'] ?? '';
    group.classList.toggle('taken', taken.has(id));
    group.classList.toggle('possible', possible.has(id) && !taken.has(id));
  }
  for (const group of root?.querySelectorAll<SVGGElement>('[data-state]') ?? []) {
    const name = group.dataset['state'] ?? '';
    group.classList.toggle('current', name === state);
    group.classList.toggle('visited', visited.has(name));
    group.toggleAttribute('aria-current', name === state);
  }
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
  const [drawn, setDrawn] = useState(false);
  useEffect(() => {
    const reading = new AbortController();
    const path = `/machines/${definition.name}/drawing?stream=${encodeURIComponent(streamId)}`;
    getText(path, reading.signal).then(
      (svg) => {
        if (host.current !== null) mount(host.current, svg);
        setDrawn(true);
      },
      // The rest of the page stands without the picture; the state is written below it.
      () => setDrawn(false),
    );
    return () => reading.abort();
  }, [definition, streamId]);
  const standing = fold(definition, facts);
  useEffect(() => {
    if (drawn && host.current !== null) mark(host.current, standing);
  });
  useEffect(() => {
    if (drawn && host.current !== null) centre(host.current);
  }, [drawn, standing.state]);
  return (
    <>
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
