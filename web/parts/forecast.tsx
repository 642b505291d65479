import type { Forecast, ForecastHour } from '../contract.ts';
import { formatHour, formatInstant, formatKw, formatShare } from '../format.ts';
import { say } from '../words.ts';
import { Details, Scroll, Section } from './common.tsx';

const WIDTH = 720;
const HEIGHT = 240;
const LEFT = 62;
const BOTTOM = 36;
const TOP = 10;
/** The tallest bar of the chance of the day's peak, in the picture's units. */
const PEAK_HEIGHT = 60;
const TICKS = 4;

interface Scale {
  readonly x: (index: number) => number;
  readonly y: (kw: number) => number;
  readonly ticks: readonly number[];
}

/** The next of 1, 2, 5, 10, 20 … that is not smaller. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5].find((factor) => factor * power >= least) ?? 10) * power;
}

function scaleOf(hours: readonly ForecastHour[]): Scale {
  const low = Math.min(0, ...hours.map(({ lowerKw }) => lowerKw));
  const high = Math.max(1, ...hours.map(({ upperKw }) => upperKw));
  const step = niceStep((high - low) / TICKS);
  const first = Math.ceil(low / step);
  const ticks = Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step);
  return {
    x: (index) => LEFT + ((WIDTH - LEFT - 8) * (index + 0.5)) / hours.length,
    y: (kw) => TOP + ((HEIGHT - TOP - BOTTOM) * (high - kw)) / (high - low),
    ticks,
  };
}

const points = (places: readonly (readonly [number, number])[]): string =>
  places.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');

function Axes({ hours, scale: { x, y, ticks } }: { hours: readonly ForecastHour[]; scale: Scale }) {
  return (
    <g class="axes">
      {ticks.map((kw) => (
        <g key={kw}>
          <line x1={LEFT} x2={WIDTH - 8} y1={y(kw)} y2={y(kw)} />
          <text x={LEFT - 6} y={y(kw) + 4} class="end">
            {formatKw(kw)}
          </text>
        </g>
      ))}
      {hours.map(({ hour }, i) =>
        i % 12 === 0 ? (
          <text key={hour} x={x(i)} y={HEIGHT - 8}>
            {formatHour(hour)}
          </text>
        ) : null,
      )}
    </g>
  );
}

function Chart({ hours }: { hours: readonly ForecastHour[] }) {
  const scale = scaleOf(hours);
  const { x, y } = scale;
  const floor = HEIGHT - BOTTOM;
  const upper = hours.map(({ upperKw }, i) => [x(i), y(upperKw)] as const);
  const lower = hours.map(({ lowerKw }, i) => [x(i), y(lowerKw)] as const);
  return (
    <svg class="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={say('forecastOf')}>
      <Axes hours={hours} scale={scale} />
      {hours.map(({ hour, peakProbability }, i) => {
        const height = (peakProbability ?? 0) * PEAK_HEIGHT;
        return <rect key={hour} class="peak" x={x(i) - 5} y={floor - height} width={10} height={height} />;
      })}
      <polygon class="band" points={points([...upper, ...lower.toReversed()])} />
      <polyline class="load" points={points(hours.map(({ loadKw }, i) => [x(i), y(loadKw)] as const))} />
    </svg>
  );
}

function Numbers({ hours }: { hours: readonly ForecastHour[] }) {
  const isContracted = hours.some(({ exceedanceProbability }) => exceedanceProbability !== undefined);
  return (
    <details>
      <summary>{say('numbers')}</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">{say('hour')}</th>
            <th scope="col">{say('load')}</th>
            <th scope="col">{say('from')}</th>
            <th scope="col">{say('to')}</th>
            <th scope="col">{say('peak')}</th>
            {isContracted && <th scope="col">{say('exceedance')}</th>}
          </tr>
        </thead>
        <tbody>
          {hours.map(({ hour, loadKw, lowerKw, upperKw, peakProbability, exceedanceProbability }) => (
            <tr key={hour}>
              <th scope="row">{formatHour(hour)}</th>
              <td>{formatKw(loadKw)}</td>
              <td>{formatKw(lowerKw)}</td>
              <td>{formatKw(upperKw)}</td>
              <td>{formatShare(peakProbability)}</td>
              {isContracted && <td>{formatShare(exceedanceProbability)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

/** The site's latest forecast with its band; the bars at the foot are each hour's chance of the day's peak. */
export function ForecastChart({ forecast }: { forecast: Forecast }) {
  const { hours, issuedAt, version } = forecast;
  return (
    <Section title={say('forecast')}>
      <Details
        rows={[
          [say('issued'), formatInstant(issuedAt)],
          [say('version'), version ?? say('fallback')],
        ]}
      />
      {hours.length > 0 && (
        <Scroll label={say('forecast')}>
          <Chart hours={hours} />
        </Scroll>
      )}
      <p class="legend">
        <span class="key load">{say('load')}</span>
        <span class="key band">90 %</span>
        <span class="key peak">{say('peak')}</span>
      </p>
      <Numbers hours={hours} />
    </Section>
  );
}
