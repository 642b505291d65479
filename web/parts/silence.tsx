import type { Alert, Silence } from '../../src/client/client.ts';
import { answerOf, api } from '../api.ts';
import { formatInstant } from '../format.ts';
import { Link } from '../router.tsx';
import { say } from '../words/alerts.ts';
import { Action } from './action.tsx';
import { Table } from './common.tsx';
import { ask } from './dialog.tsx';

const HOUR_MS = 3_600_000;

const Reason = () => (
  <label>
    {say('reason')}
    <input name="reason" required minLength={3} maxLength={500} autocomplete="off" />
  </label>
);

/** Asks for how long, and keeps the site's alerts silent. */
export async function silence(systemId: string, rule: Alert['rule']): Promise<string | null> {
  const answer = await ask({
    title: say('silenceTitle', { site: systemId }),
    text: say('silenceText'),
    action: say('silence'),
    fields: (
      <>
        <label>
          {say('rule')}
          <select name="rule">
            <option value={rule}>{say('thisRule')}</option>
            <option value="">{say('everyRule')}</option>
          </select>
        </label>
        <label>
          {say('hours')}
          <select name="hours" defaultValue="24">
            <option value="4">{say('forHours', { n: 4 })}</option>
            <option value="24">{say('forDays', { n: 1 })}</option>
            <option value="72">{say('forDays', { n: 3 })}</option>
            <option value="168">{say('forDays', { n: 7 })}</option>
            <option value="672">{say('forDays', { n: 28 })}</option>
          </select>
        </label>
        <Reason />
      </>
    ),
  });
  if (answer === null) return null;
  const until = new Date(Date.now() + Number(answer['hours']) * HOUR_MS).toISOString();
  const body = {
    systemId,
    rule: answer['rule'] === rule ? rule : null,
    until,
    reason: answer['reason'] ?? '',
  };
  await answerOf(api.POST('/api/v1/ml/alert-silences', { body }));
  return say('silenced', { until: formatInstant(until) });
}

async function lift({ systemId, rule }: Silence): Promise<string | null> {
  const answer = await ask({
    title: say('liftTitle'),
    text: say('liftText'),
    action: say('lift'),
    fields: <Reason />,
  });
  if (answer === null) return null;
  const body = { systemId, rule, reason: answer['reason'] ?? '' };
  await answerOf(api.POST('/api/v1/ml/alert-silences/lift', { body }));
  return say('lifted');
}

/** What is kept silent now. */
export function Silences({ silences, after }: { silences: readonly Silence[]; after: () => void }) {
  return (
    <Table title={say('silences')} heads={[say('site'), say('rule'), say('until'), '']}>
      {silences.map((one) => (
        <tr key={`${one.systemId}/${one.rule}`}>
          <th scope="row">
            {one.systemId === null ? (
              say('everySite')
            ) : (
              <Link to={`/sites/${encodeURIComponent(one.systemId)}`}>{one.systemId}</Link>
            )}
          </th>
          <td>{say(one.rule ?? 'everyRule')}</td>
          <td>{formatInstant(one.until)}</td>
          <td>
            <Action scope="ml:train" act={() => lift(one)} after={after}>
              {say('lift')}
            </Action>
          </td>
        </tr>
      ))}
    </Table>
  );
}
