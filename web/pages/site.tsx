import { useState } from 'preact/hooks';
import type { Site } from '../../src/client/client.ts';
import { api } from '../api.ts';
import { formatCount, formatInstant } from '../format.ts';
import { useAnswer, useStream } from '../hooks.ts';
import { AlertItem } from '../parts/alert.tsx';
import { Awaited, Heading, Section, Table } from '../parts/common.tsx';
import { Link } from '../router.tsx';
import { SiteActions } from '../site/actions.tsx';
import { EventFlags } from '../site/flags.tsx';
import { HeatMap } from '../site/heat.tsx';
import { ModelHistory } from '../site/history.tsx';
import { Load } from '../site/load.tsx';
import { Standing } from '../site/standing.tsx';
import { say } from '../words/site.ts';

/** Days of scores behind the heat map: eight of each weekday. */
const SCORED_DAYS = 56;
const VERSIONS = 8;

function useSite(systemId: string) {
  const path = { systemId };
  const site = useAnswer(systemId, (signal) =>
    api.GET('/api/v1/systems/{systemId}', { params: { path }, signal }),
  );
  const scores = useAnswer(systemId, (signal) =>
    api.GET('/api/v1/ml/systems/{systemId}/scores', {
      params: { path, query: { days: SCORED_DAYS } },
      signal,
    }),
  );
  const models = useAnswer(systemId, (signal) =>
    api.GET('/api/v1/ml/systems/{systemId}/models', { params: { path, query: { limit: VERSIONS } }, signal }),
  );
  const alerts = useAnswer(systemId, (signal) =>
    api.GET('/api/v1/ml/alerts', { params: { query: { systemId, limit: 20 } }, signal }),
  );
  const journals = useAnswer(systemId, (signal) =>
    api.GET('/api/v1/systems/{systemId}/device-journals', { params: { path }, signal }),
  );
  const refresh = () => {
    for (const one of [site, scores, models, alerts, journals]) one.refresh();
  };
  return { site, scores, models, alerts, journals, refresh };
}

type Reading = ReturnType<typeof useSite>;

function Alerts({ alerts, refresh }: Reading) {
  const open = alerts.body?.items.filter(({ status }) => status !== 'resolved') ?? [];
  return (
    <Section title={say('alerts')}>
      {open.length === 0 && <p class="empty">{say('noAlerts')}</p>}
      {open.map((alert) => (
        <AlertItem key={`${alert.alertId}/${alert.status}`} alert={alert} after={refresh} showSite={false} />
      ))}
    </Section>
  );
}

function Journals({ journals }: Reading) {
  const items = journals.body?.items ?? [];
  return (
    <Section title={say('journals')}>
      {items.length === 0 ? (
        <p class="empty">{say('noJournals')}</p>
      ) : (
        <Table
          title={say('journals')}
          heads={[say('device'), say('installation'), say('facts'), say('last')]}
        >
          {items.map(({ deviceId, installationId, facts, lastAt, streamId }) => (
            <tr key={streamId}>
              <th scope="row">{deviceId}</th>
              <td>{installationId}</td>
              <td>{formatCount(facts)}</td>
              <td>{formatInstant(lastAt)}</td>
            </tr>
          ))}
        </Table>
      )}
    </Section>
  );
}

function Body({ site, reading, round }: { site: Site; reading: Reading; round: number }) {
  const { systemId, settings, retrainsPaused } = site;
  const { scores, models, refresh } = reading;
  const days = scores.body?.items ?? [];
  return (
    <>
      {retrainsPaused !== null && (
        <p class="notice">
          {say('paused')}: {retrainsPaused}
        </p>
      )}
      <Load systemId={systemId} settings={settings} days={days} />
      <div class="columns even">
        <div>
          <Standing systemId={systemId} round={round} />
          <Alerts {...reading} />
          <EventFlags systemId={systemId} flags={settings.eventFlags ?? []} after={refresh} />
          <Journals {...reading} />
        </div>
        <div>
          <HeatMap days={days} />
          <ModelHistory systemId={systemId} models={models.body?.items ?? []} after={refresh} />
        </div>
      </div>
    </>
  );
}

/** It may have been there a moment ago. */
function Gone() {
  return (
    <section class="card">
      <p role="alert">{say('gone')}</p>
      <Link to="">{say('toFleet')}</Link>
    </section>
  );
}

export function SitePage({ systemId }: { systemId: string }) {
  const [round, setRound] = useState(0);
  const reading = useSite(systemId);
  const { site, refresh } = reading;
  useStream(`systemId=${encodeURIComponent(systemId)}`, () => {
    refresh();
    setRound((n) => n + 1);
  });
  const isGone = site.problem?.status === 404;
  return (
    <>
      <Heading title={say('title', { id: systemId })}>
        {site.body !== null && !isGone && <SiteActions site={site.body} after={refresh} />}
      </Heading>
      {isGone ? (
        <Gone />
      ) : (
        <Awaited {...site}>{(body) => <Body site={body} reading={reading} round={round} />}</Awaited>
      )}
    </>
  );
}
