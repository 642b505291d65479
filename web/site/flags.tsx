import type { Settings } from '../../src/client/client.ts';
import { answerOf, api, Problem } from '../api.ts';
import { formatWeekday } from '../format.ts';
import { Action } from '../parts/action.tsx';
import { hoursOf } from '../parts/alert.tsx';
import { Section } from '../parts/common.tsx';
import { ask } from '../parts/dialog.tsx';
import { say } from '../words/site.ts';

type Flag = NonNullable<Settings['eventFlags']>[number];

const WEEKDAYS = [0, 1, 2, 3, 4, 5, 6];

const Fields = () => (
  <>
    <label>
      {say('label')}
      <input name="label" required maxLength={60} autocomplete="off" />
    </label>
    <label>
      {say('hours')}
      <input name="hours" required maxLength={200} autocomplete="off" />
    </label>
    <fieldset class="days">
      <legend>{say('weekdays')}</legend>
      {WEEKDAYS.map((weekday) => (
        <label key={weekday} class="check">
          <input name={`weekday-${weekday}`} type="checkbox" /> {formatWeekday(weekday)}
        </label>
      ))}
    </fieldset>
  </>
);

const RANGE = /^(\d{1,2})(?:-(\d{1,2}))?$/;

/** `8, 9, 17-19` as numbers. Throws a {@link Problem} where it names none. */
function parseHours(text: string): number[] {
  const hours = text.split(',').flatMap((part) => {
    const [, first = '', last = first] = RANGE.exec(part.trim()) ?? [];
    const [from, to] = [Number(first || Number.NaN), Number(last || Number.NaN)];
    return from <= to && to < 24 ? Array.from({ length: to - from + 1 }, (_, i) => from + i) : [Number.NaN];
  });
  if (hours.some(Number.isNaN))
    throw new Problem(422, { title: say('hours'), detail: say('badHours', { text }) });
  return [...new Set(hours)];
}

async function add(systemId: string): Promise<string | null> {
  const answer = await ask({
    title: say('addFlag'),
    text: say('flagsHelp'),
    action: say('addFlag'),
    fields: <Fields />,
  });
  if (answer === null) return null;
  const label = answer['label'] ?? '';
  const weekdays = WEEKDAYS.filter((weekday) => answer[`weekday-${weekday}`] !== undefined);
  const body = {
    ...{ label, hours: parseHours(answer['hours'] ?? '') },
    ...(weekdays.length === 0 ? {} : { weekdays }),
  };
  await answerOf(
    api.POST('/api/v1/ml/systems/{systemId}/event-flags', { params: { path: { systemId } }, body }),
  );
  return say('flagAdded', { label });
}

const daysText = ({ weekdays, dates }: Flag): string =>
  [...(weekdays ?? []).map(formatWeekday), ...(dates ?? [])].join(', ') || say('everyDay');

interface FlagsProps {
  readonly systemId: string;
  readonly flags: readonly Flag[];
  readonly after: () => void;
}

/** Hours that people marked, and a way to mark more. */
export function EventFlags({ systemId, flags, after }: FlagsProps) {
  return (
    <Section title={say('flags')}>
      {flags.length === 0 && <p class="empty">{say('noFlags')}</p>}
      <dl class="details">
        {flags.map((flag) => (
          <div key={flag.label}>
            <dt>{daysText(flag)}</dt>
            <dd>
              <strong>{flag.label}</strong> {hoursOf(flag.hours)}
            </dd>
          </div>
        ))}
      </dl>
      <div class="buttons">
        <Action scope="ml:train" act={() => add(systemId)} after={after}>
          {say('addFlag')}
        </Action>
      </div>
    </Section>
  );
}
