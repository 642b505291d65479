import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Every row is as high, as the style sheet has it, px. */
export const ROW = 52;
/** Rows drawn beyond what is seen, so that scrolling shows no holes. */
const BEYOND = 12;
const SETTLED_MS = 150;

export interface Sight {
  readonly host: RefObject<HTMLDivElement | null>;
  /** First and last row to draw. */
  readonly from: number;
  readonly to: number;
  readonly onScroll: () => void;
  /** Whether the reader points at a row, so that none may move. */
  readonly hold: () => boolean;
  /** Goes back to where the page was left, once the list is as long as it was then. */
  readonly restore: () => void;
}

/** Which rows of a scrolled list are in sight; another `key` begins at the first. */
export function useSight(key: string): Sight {
  const host = useRef<HTMLDivElement>(null);
  const settled = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const shown = useRef(key);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(ROW * 20);
  useLayoutEffect(() => {
    const element = host.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => () => clearTimeout(settled.current), []);
  useEffect(() => {
    if (shown.current !== key) host.current?.scrollTo(0, 0);
    shown.current = key;
  }, [key]);
  const onScroll = () => {
    const now = host.current?.scrollTop ?? 0;
    setTop(now);
    clearTimeout(settled.current);
    settled.current = setTimeout(() => history.replaceState({ top: now }, ''), SETTLED_MS);
  };
  const restore = () => {
    const { top: before } = Object(history.state) as { top?: number };
    if (before !== undefined) host.current?.scrollTo(0, before);
  };
  const from = Math.max(0, Math.floor(top / ROW) - BEYOND);
  return {
    ...{ host, from, to: from + Math.ceil(height / ROW) + 2 * BEYOND, onScroll, restore },
    hold: () => host.current?.matches(':hover, :focus-within') ?? false,
  };
}
