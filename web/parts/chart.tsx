import { useLayoutEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { formatHour, formatKw, formatShare, formatTick } from '../format.ts';
import { language } from '../i18n.ts';
import type { Hour } from '../site/series.ts';
import { theme } from '../theme.ts';

/** The page's colours as the canvas needs them: resolved for the reader's light or dark. */
function colours(host: HTMLElement): (name: string) => string {
  const probe = document.createElement('span');
  probe.hidden = true;
  host.append(probe);
  return (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
}

const MIN_HEIGHT = 260;
const SHARE_OF_WIDTH = 0.32;
const MAX_HEIGHT = 460;
const heightFor = (width: number): number =>
  Math.round(Math.min(MAX_HEIGHT, Math.max(MIN_HEIGHT, width * SHARE_OF_WIDTH)));
/** Bars of the chance of the day's peak take the lowest quarter. */
const PEAK_ROOM = 4;

function axesOf(colour: (name: string) => string, zone: string): uPlot.Axis[] {
  const common = {
    stroke: colour('soft'),
    font: '12px system-ui, sans-serif',
    grid: { stroke: colour('line'), width: 1 },
    ticks: { stroke: colour('line'), width: 1, size: 4 },
  };
  const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
  return [
    { ...common, size: 30, space: 90, values: (_, marks) => marks.map((at) => formatTick(iso(at), zone)) },
    { ...common, size: 68, values: (_, marks) => marks.map((kw) => formatKw(kw)) },
  ];
}

function seriesOf(colour: (name: string) => string): uPlot.Series[] {
  const plain = { points: { show: false }, spanGaps: false };
  const stepped = uPlot.paths.stepped?.({ align: 1 });
  const bars = uPlot.paths.bars?.({ size: [0.7, 12] });
  return [
    {},
    { ...plain, scale: 'share', stroke: colour('peak'), fill: colour('peak'), ...(bars && { paths: bars }) },
    { ...plain, stroke: 'transparent' },
    { ...plain, stroke: 'transparent' },
    { ...plain, stroke: colour('contract'), width: 1.5, dash: [6, 4], ...(stepped && { paths: stepped }) },
    { ...plain, stroke: colour('accent'), width: 2 },
    { ...plain, stroke: colour('actual'), width: 1.5 },
  ];
}

function optionsFor(host: HTMLElement, zone: string, readOut: (plot: uPlot) => void): uPlot.Options {
  const colour = colours(host);
  const width = host.clientWidth;
  return {
    width,
    height: heightFor(width),
    legend: { show: false },
    // Ticks at the site's own midnights and hours, wherever the reader is.
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
    cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false } },
    scales: {
      y: { range: (_, low, high) => [Math.min(0, low), Math.max(1, high * 1.06)] },
      share: { range: () => [0, PEAK_ROOM] },
    },
    axes: axesOf(colour, zone),
    series: seriesOf(colour),
    bands: [{ series: [2, 3], fill: colour('band') }],
    hooks: { setCursor: [readOut] },
  };
}

const dataOf = (hours: readonly Hour[]): uPlot.AlignedData => [
  hours.map(({ at }) => at / 1000),
  hours.map(({ peak }) => peak),
  hours.map(({ upper }) => upper),
  hours.map(({ lower }) => lower),
  hours.map(({ contract }) => contract),
  hours.map(({ forecast }) => forecast),
  hours.map(({ actual }) => actual),
];

interface ChartProps {
  readonly hours: readonly Hour[];
  readonly zone: string;
  readonly label: string;
  readonly words: { readonly actual: string; readonly forecast: string; readonly peak: string };
}

function textAt({ hours, zone, words }: ChartProps, index: number | null | undefined): string {
  const hour = hours[index ?? -1];
  if (hour === undefined) return '';
  const { at, actual, forecast, lower, upper, peak } = hour;
  const parts = [
    formatHour(new Date(at).toISOString(), zone),
    ...(actual === null ? [] : [`${words.actual} ${formatKw(actual)}`]),
    ...(forecast === null
      ? []
      : [`${words.forecast} ${formatKw(forecast)} (${formatKw(lower)} – ${formatKw(upper)})`]),
    ...(peak === null ? [] : [`${words.peak} ${formatShare(peak)}`]),
  ];
  return parts.join(' · ');
}

/** Load over time on a canvas; under the pointer each hour's numbers. Its words for readers are `label` and a table. */
export function LoadChart(props: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const text = useRef<HTMLParagraphElement>(null);
  const shown = useRef(props);
  shown.current = props;
  const { hours, zone, label } = props;
  const look = `${theme.value}/${language.value}`;
  useLayoutEffect(() => {
    const element = host.current;
    if (element === null) return;
    const dark = matchMedia('(prefers-color-scheme: dark)');
    let plot: uPlot | null = null;
    const draw = () => {
      plot?.destroy();
      element.replaceChildren();
      const readOut = ({ cursor: { idx } }: uPlot) => {
        if (text.current !== null) text.current.textContent = textAt(shown.current, idx);
      };
      plot = new uPlot(optionsFor(element, zone, readOut), dataOf(hours), element);
    };
    const observer = new ResizeObserver(() => {
      const width = element.clientWidth;
      if (plot !== null && width !== plot.width) plot.setSize({ width, height: heightFor(width) });
    });
    draw();
    observer.observe(element);
    dark.addEventListener('change', draw);
    return () => {
      dark.removeEventListener('change', draw);
      observer.disconnect();
      plot?.destroy();
    };
  }, [hours, zone, look]);
  return (
    <>
      <div ref={host} class="plot" role="img" aria-label={label} />
      <p ref={text} class="readout" aria-hidden="true" />
    </>
  );
}
