import type { Alert } from '../../src/client/client.ts';
import { answerOf, api } from '../api.ts';
import { formatCount, formatDay, formatInstant, formatKw, formatPercent } from '../format.ts';
import { Link } from '../router.tsx';
import { say } from '../words/alerts.ts';
import { Action } from './action.tsx';
import { Details, type Row, Table } from './common.tsx';
import { ask } from './dialog.tsx';
import { silence } from './silence.tsx';

const STATUS = {
  open: ['isOpen', 'bad'],
  acknowledged: ['isAcknowledged', 'warn'],
  resolved: ['isResolved', 'good'],
} as const;

export const hoursOf = (hours: readonly number[]): string =>
  hours.map((hour) => `${String(hour).padStart(2, '0')}:00`).join(', ');

function Days({ days, limit }: Alert['evidence']) {
  return (
    <Table title={say('evidence')} heads={[say('day'), say('error'), 'RMSE']}>
      {days.map(({ day, error, rmseKw }) => (
        <tr key={day}>
          <th scope="row">{formatDay(day)}</th>
          <td class={(error ?? 0) > limit ? 'over' : ''}>{formatPercent(error)}</td>
          <td>{formatKw(rmseKw)}</td>
        </tr>
      ))}
    </Table>
  );
}

function Hours({ hours }: Alert['evidence']) {
  return (
    <Table title={say('evidence')} heads={[say('hour'), say('error'), say('days')]}>
      {hours.map(({ hour, error, days }) => (
        <tr key={hour}>
          <th scope="row">{hoursOf([hour])}</th>
          <td>{formatPercent(error)}</td>
          <td>{formatCount(days)}</td>
        </tr>
      ))}
    </Table>
  );
}

function weekRows({ weeks }: Alert['evidence']): readonly Row[] {
  if (weeks === null) return [];
  return [
    [say('thisWeek'), formatKw(weeks.rmseKw)],
    [say('lastWeek'), formatKw(weeks.rmseBeforeKw)],
  ];
}

function Evidence({ alert: { evidence, day, retrainJobId, systemId } }: { alert: Alert }) {
  const { limit, days, hours, suspectHours } = evidence;
  const rows: readonly Row[] = [
    [
      say('site'),
      <Link key="site" to={`/sites/${encodeURIComponent(systemId)}`}>
        {systemId}
      </Link>,
    ],
    [say('day'), formatDay(day)],
    [say('limit'), formatPercent(limit)],
    ...weekRows(evidence),
    ...(suspectHours > 0 ? [[say('suspect'), formatCount(suspectHours)] as const] : []),
    ...(retrainJobId === null
      ? []
      : [
          [
            say('retrain'),
            <Link key="job" to={`/jobs/${encodeURIComponent(retrainJobId)}`}>
              {retrainJobId}
            </Link>,
          ] as const,
        ]),
  ];
  return (
    <>
      <Details rows={rows} />
      {days.length > 0 && <Days {...evidence} />}
      {hours.length > 0 && <Hours {...evidence} />}
    </>
  );
}

async function acknowledge({ alertId }: Alert): Promise<string | null> {
  const answer = await ask({
    title: say('acknowledge'),
    text: say('acknowledgeText'),
    action: say('acknowledge'),
    fields: (
      <label>
        {say('note')}
        <input name="note" maxLength={500} autocomplete="off" />
      </label>
    ),
  });
  if (answer === null) return null;
  const call = { params: { path: { alertId } }, body: { note: answer['note'] ?? '' } };
  await answerOf(api.POST('/api/v1/ml/alerts/{alertId}/acknowledge', call));
  return say('acknowledgedNow');
}

async function accept({ alertId, proposedFlag }: Alert): Promise<string | null> {
  const label = proposedFlag?.label ?? '';
  const answer = await ask({
    title: say('accept', { label }),
    text: say('acceptText', { hours: hoursOf(proposedFlag?.hours ?? []) }),
    action: say('accept', { label }),
  });
  if (answer === null) return null;
  await answerOf(api.POST('/api/v1/ml/alerts/{alertId}/accept-flag', { params: { path: { alertId } } }));
  return say('accepted', { label });
}

function Buttons({ alert, after }: { alert: Alert; after: () => void }) {
  const { status, proposedFlag, acceptedFlag, systemId, rule } = alert;
  if (status === 'resolved') return null;
  return (
    <div class="buttons">
      {proposedFlag !== null && acceptedFlag === null && (
        <Action scope="ml:train" act={() => accept(alert)} after={after}>
          {say('accept', { label: proposedFlag.label })}
        </Action>
      )}
      <Action scope="ml:train" act={() => silence(systemId, rule)} after={after}>
        {say('silence')}
      </Action>
      {status === 'open' && (
        <Action scope="ml:train" class="primary" act={() => acknowledge(alert)} after={after}>
          {say('acknowledge')}
        </Action>
      )}
    </div>
  );
}

/** One alert: what is wrong, why we think so, what to do, and buttons to do it. */
export function AlertItem(props: { alert: Alert; after: () => void; showSite: boolean }) {
  const { alert, after, showSite } = props;
  const { systemId, rule, status, openedAt, actions } = alert;
  const [word, tone] = STATUS[status];
  return (
    <details class="alert" open={status === 'open'}>
      <summary>
        <span class={`badge ${tone}`}>{say(word)}</span> <strong>{say(rule)}</strong> {showSite && systemId}
        <time dateTime={openedAt}>{formatInstant(openedAt)}</time>
      </summary>
      <Evidence alert={alert} />
      <p class="subhead">{say('todo')}</p>
      <ul>
        {actions.map((action) => (
          <li key={action}>{say(action)}</li>
        ))}
      </ul>
      <Buttons alert={alert} after={after} />
    </details>
  );
}
