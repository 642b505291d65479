import type { FleetSite } from '../../src/client/client.ts';
import { formatAge, formatDate, formatPercent } from '../format.ts';
import { Link } from '../router.tsx';
import { say } from '../words/fleet.ts';

const WIDTH = 84;
const HEIGHT = 22;

/** Fourteen days of error at a glance; the numbers beside it say the same. */
function Spark({ values }: { values: readonly (number | null)[] }) {
  const most = Math.max(8, ...values.map((value) => value ?? 0));
  const points = values.flatMap((value, i) => {
    const x = (WIDTH * i) / Math.max(1, values.length - 1);
    return value === null
      ? []
      : [`${x.toFixed(1)},${(HEIGHT - 2 - ((HEIGHT - 4) * value) / most).toFixed(1)}`];
  });
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <polyline points={points.join(' ')} />
    </svg>
  );
}

const DIFFERENCE_TONE = {
  'no-device': 'plain',
  unanswered: 'warn',
  rejected: 'bad',
  rolledback: 'bad',
  expired: 'bad',
  'nothing-running': 'warn',
} as const;

function Difference({ difference }: Pick<FleetSite, 'difference'>) {
  if (difference === null) return null;
  const { code, reason } = difference;
  return (
    <span class={`badge ${DIFFERENCE_TONE[code]}`} title={reason ?? undefined}>
      {say(code === 'unanswered' ? 'isUnanswered' : code)}
    </span>
  );
}

function Versions({ site }: { site: FleetSite }) {
  const { runningVersion, desiredVersion, attemptedVersion, difference } = site;
  const wanted = desiredVersion !== null && desiredVersion !== runningVersion ? desiredVersion : null;
  const tried =
    difference !== null && attemptedVersion !== null && attemptedVersion !== wanted ? attemptedVersion : null;
  const notes = [
    wanted === null ? null : say('desired', { version: wanted }),
    tried === null ? null : say('tried', { version: tried }),
    difference?.reason ?? null,
  ];
  return (
    <td>
      <div>
        {runningVersion ?? '–'} <Difference difference={difference} />
      </div>
      <div class="under">{notes.filter((note) => note !== null).join(' · ')}</div>
    </td>
  );
}

function Alerts({ openAlerts, acknowledgedAlerts }: FleetSite) {
  return (
    <td class="alerts">
      {openAlerts > 0 && <span class="badge bad">{say('open', { n: openAlerts })}</span>}
      {acknowledgedAlerts > 0 && <div class="under">{say('acknowledged', { n: acknowledgedAlerts })}</div>}
    </td>
  );
}

const LIMIT = 8;

/** `place` counts from 1 over the whole fleet as it is filtered. */
export function Row({ site, place }: { site: FleetSite; place: number }) {
  const { systemId, zone, states, forecastAgeSeconds, mape7, mapeTrend, nextRetrain, retrainsPaused } = site;
  const stale = states.includes('stale-forecast');
  return (
    <tr aria-rowindex={place + 1}>
      <th scope="row">
        <Link to={`/sites/${encodeURIComponent(systemId)}`}>{systemId}</Link>
        <div class="under">{zone}</div>
      </th>
      <Versions site={site} />
      <td class={stale ? 'age over' : 'age'}>
        {forecastAgeSeconds === null ? say('never') : formatAge(forecastAgeSeconds)}
      </td>
      <td class={(mape7 ?? 0) > LIMIT ? 'error over' : 'error'}>{formatPercent(mape7)}</td>
      <td class="trend">{mapeTrend.length > 1 && <Spark values={mapeTrend} />}</td>
      <Alerts {...site} />
      <td class="next">
        {formatDate(nextRetrain, zone)}
        {retrainsPaused !== null && <div class="under">{say('isPaused')}</div>}
      </td>
    </tr>
  );
}

/** A row that is not read yet. */
export const Blank = ({ place }: { place: number }) => (
  <tr aria-rowindex={place + 1} aria-busy="true">
    <th scope="row">…</th>
  </tr>
);
