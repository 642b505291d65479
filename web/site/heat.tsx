import type { DayScore } from '../../src/client/client.ts';
import { formatCount, formatPercent, formatWeekday } from '../format.ts';
import { Scroll, Section } from '../parts/common.tsx';
import { say } from '../words/site.ts';
import { heatOf } from './series.ts';

/** An error of this share is as dark as it gets. */
const WORST = 0.25;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

function Cell({ share, title }: { share: number | null; title: string }) {
  if (share === null) return <td class="cell none" title={title} />;
  const heat = Math.round(Math.min(1, share / WORST) * 100);
  return (
    <td class="cell" style={{ '--heat': `${heat}%` }} title={title}>
      {formatCount(share * 100)}
    </td>
  );
}

/** Which hours of which weekdays the forecasts get wrong. */
export function HeatMap({ days }: { days: readonly DayScore[] }) {
  const heat = heatOf(days);
  return (
    <Section title={say('heat')}>
      <p class="hint">{days.length === 0 ? say('noScores') : say('heatHelp', { n: days.length })}</p>
      {days.length > 0 && (
        <Scroll label={say('heat')}>
          <table class="heat">
            <thead>
              <tr>
                <th scope="col">
                  <span class="unseen">{say('weekday')}</span>
                </th>
                {HOURS.map((hour) => (
                  <th key={hour} scope="col">
                    {String(hour).padStart(2, '0')}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {heat.map((row, weekday) => (
                <tr key={weekday}>
                  <th scope="row">{formatWeekday(weekday)}</th>
                  {row.map((share, hour) => (
                    <Cell
                      key={hour}
                      share={share}
                      title={`${formatWeekday(weekday)} ${hour}:00 · ${share === null ? '–' : formatPercent(share * 100)}`}
                    />
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Section>
  );
}
