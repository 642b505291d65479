import { useLayoutEffect } from 'preact/hooks';
import { say } from '../words/fleet.ts';
import { type Filter, type Sort, sortBy } from './filter.ts';
import { Blank, Row } from './row.tsx';
import type { FleetRows } from './rows.ts';
import { ROW, type Sight } from './sight.ts';

type Direction = 'ascending' | 'descending';

interface Column {
  readonly word: Parameters<typeof say>[0];
  readonly kind?: string;
  /** What it sorts by, and in which direction at first. */
  readonly sort?: Sort;
  readonly first?: Direction;
}

const COLUMNS: readonly Column[] = [
  { word: 'site', sort: 'name', first: 'ascending' },
  { word: 'versions', kind: 'runs-here' },
  { word: 'forecast', kind: 'age', sort: 'forecast-age', first: 'descending' },
  { word: 'error', kind: 'error', sort: 'mape', first: 'descending' },
  { word: 'trend', kind: 'trend' },
  { word: 'alerts', kind: 'alerts', sort: 'alerts', first: 'descending' },
  { word: 'nextRetrain', kind: 'next', sort: 'next-retrain', first: 'ascending' },
];

const OPPOSITE = { ascending: 'descending', descending: 'ascending' } as const;

function Head({ word, sort, kind, first = 'ascending', filter }: Column & { filter: Filter }) {
  const current = sort === filter.sort;
  const direction = filter.order === 'reversed' ? OPPOSITE[first] : first;
  return (
    <th scope="col" class={kind} aria-sort={current ? direction : undefined}>
      {sort === undefined ? (
        say(word)
      ) : (
        <button type="button" class="bare" onClick={() => sortBy(sort)}>
          {say(word)}
          {current && <span aria-hidden="true">{direction === 'ascending' ? '↑' : '↓'}</span>}
        </button>
      )}
    </th>
  );
}

const Space = ({ rows }: { rows: number }) =>
  rows <= 0 ? null : (
    <tr class="space">
      <td style={{ height: `${rows * ROW}px` }} />
    </tr>
  );

interface FleetListProps {
  readonly filter: Filter;
  readonly rows: FleetRows;
  readonly total: number;
  readonly sight: Sight;
}

/** The fleet as a table of which only the rows in sight are drawn. */
export function FleetList({ filter, rows, total, sight }: FleetListProps) {
  const { host, onScroll, restore } = sight;
  const from = Math.min(sight.from, Math.max(0, total - 1));
  const end = Math.min(sight.to, total);
  useLayoutEffect(restore, [total > 0]);
  const places = Array.from({ length: Math.max(0, end - from) }, (_, i) => from + i);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    // biome-ignore lint/a11y/useSemanticElements: it is no form
    <div ref={host} role="group" class="fleet" tabIndex={0} aria-label={say('title')} onScroll={onScroll}>
      <table aria-rowcount={total + 1}>
        <thead>
          <tr aria-rowindex={1}>
            {COLUMNS.map((column) => (
              <Head key={column.word} {...column} filter={filter} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Space rows={from} />
          {places.map((index) => {
            const site = rows.row(index);
            return site === undefined ? (
              <Blank key={`place-${index}`} place={index + 1} />
            ) : (
              <Row key={site.systemId} site={site} place={index + 1} />
            );
          })}
          <Space rows={total - end} />
        </tbody>
      </table>
    </div>
  );
}
