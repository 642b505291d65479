import { formatCount, formatInstant, formatMs, formatNumber, formatSeconds } from '../format.ts';
import type { Sample } from '../metrics.ts';
import { say } from '../words/health.ts';
import { Details, Section, Table } from './common.tsx';

interface Figures {
  readonly samples: readonly Sample[];
}

const figureOf = (samples: readonly Sample[], name: string): number | undefined =>
  samples.find((sample) => sample.name === name)?.value;

/** Longer than this the feed is held up, not busy. */
const STALLED_SECONDS = 5;

export function Feed({ samples }: Figures) {
  const readers = samples.filter(({ name }) => name === 'lifo4_feed_lag_facts');
  const stalled = figureOf(samples, 'lifo4_feed_stalled_seconds') ?? 0;
  return (
    <Section title={say('feed')}>
      {stalled > STALLED_SECONDS && <p class="trouble">{say('stalledHelp')}</p>}
      <Details
        rows={[
          [say('last'), formatCount(figureOf(samples, 'lifo4_feed_seq'))],
          [say('stalled'), formatSeconds(stalled)],
          [say('transaction'), formatSeconds(figureOf(samples, 'lifo4_oldest_transaction_seconds'))],
        ]}
      />
      {readers.length > 0 && (
        <Table title={say('feed')} heads={[say('reader'), say('behind')]}>
          {readers.map(({ labels, value }) => (
            <tr key={labels['reader']}>
              <th scope="row">{labels['reader']}</th>
              <td>{formatCount(value)}</td>
            </tr>
          ))}
        </Table>
      )}
    </Section>
  );
}

const STATES = ['waiting', 'running', 'retrying', 'dead'] as const;

export function Effects({ samples }: Figures) {
  const effects = samples.filter(({ name }) => name === 'lifo4_effects');
  const types = [...new Set(effects.map(({ labels }) => labels['type'] ?? ''))].toSorted();
  const count = (type: string, state: string) =>
    effects.find(({ labels }) => labels['type'] === type && labels['state'] === state)?.value ?? 0;
  const wait = (type: string) =>
    samples.find(({ name, labels }) => name === 'lifo4_effect_oldest_wait_seconds' && labels['type'] === type)
      ?.value;
  if (types.length === 0) return <p class="empty">{say('idle')}</p>;
  return (
    <Table title={say('effects')} heads={[say('type'), ...STATES.map((state) => say(state)), say('oldest')]}>
      {types.map((type) => (
        <tr key={type}>
          <th scope="row">{type}</th>
          {STATES.map((state) => (
            <td key={state} class={state === 'dead' && count(type, state) > 0 ? 'over' : ''}>
              {formatCount(count(type, state))}
            </td>
          ))}
          <td>{formatSeconds(wait(type))}</td>
        </tr>
      ))}
    </Table>
  );
}

const BYTES_PER_MB = 1024 * 1024;

export function Versions({ samples }: Figures) {
  const node = samples.find(({ name }) => name === 'nodejs_version_info')?.labels['version'] ?? '–';
  const started = figureOf(samples, 'process_start_time_seconds');
  const memory = figureOf(samples, 'process_resident_memory_bytes');
  const loop = figureOf(samples, 'nodejs_eventloop_lag_p99_seconds');
  return (
    <Section title={say('versions')}>
      <Details
        rows={[
          [say('nodeJs'), node],
          [
            say('started'),
            formatInstant(started === undefined ? null : new Date(started * 1000).toISOString()),
          ],
          [say('memory'), memory === undefined ? '–' : `${formatCount(memory / BYTES_PER_MB)} MB`],
          [say('loop'), loop === undefined ? formatNumber(null) : formatMs(loop * 1000)],
        ]}
      />
      <p class="hint">{say('figuresHelp')}</p>
    </Section>
  );
}
