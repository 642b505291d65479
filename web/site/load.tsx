import { useCallback, useMemo } from 'preact/hooks';
import type { DayScore, Settings } from '../../src/client/client.ts';
import { answerOf, api, Problem } from '../api.ts';
import { formatHour, formatInstant, formatKw, formatShare } from '../format.ts';
import { type Resource, useAnswer, usePolling, useReading } from '../hooks.ts';
import { LoadChart } from '../parts/chart.tsx';
import { Chips } from '../parts/chips.tsx';
import { Scroll, Section, Trouble } from '../parts/common.tsx';
import { choose, query } from '../router.tsx';
import { say } from '../words/site.ts';
import { type Hour, hoursOf } from './series.ts';

const SPANS = ['2', '7', '14'];
const USUAL = '7';
/** Readings and forecasts come by the hour, and are no facts. */
const EVERY_MS = 60_000;

/** Null where the site has not sent one yet. */
const readForecast = (systemId: string) => async (signal: AbortSignal) => {
  const call = api.GET('/api/v1/ml/systems/{systemId}/forecast', { params: { path: { systemId } }, signal });
  return answerOf(call).catch((error: unknown) => {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  });
};

function Numbers({ hours, zone }: { hours: readonly Hour[]; zone: string }) {
  const heads = ['hour', 'actual', 'forecasted', 'band', 'peak', 'exceedance'] as const;
  return (
    <details>
      <summary>{say('numbers')}</summary>
      <Scroll label={say('numbers')} tall>
        <table class="figures">
          <thead>
            <tr>
              {heads.map((head) => (
                <th key={head} scope="col">
                  {say(head)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {hours.map(({ at, actual, forecast, lower, upper, peak, exceedance }) => (
              <tr key={at}>
                <th scope="row">{formatHour(new Date(at).toISOString(), zone)}</th>
                <td>{formatKw(actual)}</td>
                <td>{formatKw(forecast)}</td>
                <td>{lower === null ? '–' : `${formatKw(lower)} – ${formatKw(upper)}`}</td>
                <td>{formatShare(peak)}</td>
                <td>{formatShare(exceedance)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </details>
  );
}

function Legend({ hasContract }: { hasContract: boolean }) {
  return (
    <p class="legend">
      <span class="key actual">{say('actual')}</span>
      <span class="key load">{say('forecasted')}</span>
      <span class="key band">{say('band')}</span>
      {hasContract && <span class="key contract">{say('contract')}</span>}
      <span class="key peak">{say('peak')}</span>
    </p>
  );
}

interface LoadProps {
  readonly systemId: string;
  readonly settings: Settings;
  readonly days: readonly DayScore[];
}

function useHours({ systemId, settings, days }: LoadProps, span: string) {
  const forecast = useReading(systemId, readForecast(systemId));
  const readings = useAnswer(`${systemId}/${span}`, (signal) =>
    api.GET('/api/v1/telemetry/{systemId}', {
      params: { path: { systemId }, query: { days: Number(span) } },
      signal,
    }),
  );
  const refresh = useCallback(() => {
    forecast.refresh();
    readings.refresh();
  }, [forecast.refresh, readings.refresh]);
  usePolling(true, EVERY_MS, refresh);
  const { contract, zone } = settings;
  const hours = useMemo(
    () =>
      hoursOf({
        ...{ contract, zone, forecast: forecast.body, days: days.slice(-Number(span)) },
        readings: readings.body?.readings ?? [],
      }),
    [contract, zone, forecast.body, readings.body, days, span],
  );
  const problem: Resource<unknown>['problem'] = readings.problem ?? forecast.problem;
  return { hours, forecast: forecast.body, problem };
}

/** What was forecast, what then happened, and what is to come. */
export function Load(props: LoadProps) {
  const asked = query.value.get('days') ?? USUAL;
  const span = SPANS.includes(asked) ? asked : USUAL;
  const { hours, forecast, problem } = useHours(props, span);
  const { zone, contract } = props.settings;
  return (
    <Section title={say('forecast')}>
      {problem !== null && <Trouble problem={problem} />}
      <div class="filters">
        <Chips
          label={say('span')}
          chosen={span}
          choose={(days) => choose({ days: days === USUAL ? null : days })}
          chips={SPANS.map((days) => ({ value: days, text: say('days', { n: Number(days) }) }))}
        />
        {forecast !== null && (
          <span class="hint">
            {say('issued', {
              when: formatInstant(forecast.issuedAt, zone),
              version: forecast.version ?? '–',
            })}
          </span>
        )}
      </div>
      {hours.length === 0 ? (
        <p class="empty">{say('noForecast')}</p>
      ) : (
        <>
          <LoadChart
            hours={hours}
            zone={zone}
            label={say('chart', { id: props.systemId })}
            words={{ actual: say('actual'), forecast: say('forecasted'), peak: say('peak') }}
          />
          <Legend hasContract={contract !== null} />
          <Numbers hours={hours} zone={zone} />
        </>
      )}
    </Section>
  );
}
