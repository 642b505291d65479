import { useEffect } from 'preact/hooks';
import type { Alert, AlertPage } from '../../src/client/client.ts';
import { api } from '../api.ts';
import { useAnswer, useStream } from '../hooks.ts';
import { AlertItem } from '../parts/alert.tsx';
import { Chips } from '../parts/chips.tsx';
import { Awaited, Heading, Section } from '../parts/common.tsx';
import { Silences } from '../parts/silence.tsx';
import { announce } from '../parts/toasts.tsx';
import { choose, query } from '../router.tsx';
import { say } from '../words/alerts.ts';

const MOST = 200;
const STATES = ['open', 'acknowledged', 'resolved'] as const;
const ALERT_FACTS =
  'types=AlertOpened,AlertAcknowledged,AlertResolved,AlertRetrainStarted,ProposedFlagAccepted,SilenceSet,SilenceLifted';
const isState = (text: string): text is Alert['status'] => STATES.some((state) => state === text);

function SiteFilter({ systemId }: { systemId: string }) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        choose({ site: String(new FormData(event.currentTarget).get('site')).trim() });
      }}
    >
      <input
        name="site"
        type="search"
        aria-label={say('siteHint')}
        placeholder={say('siteHint')}
        defaultValue={systemId}
        pattern="[a-z0-9][a-z0-9\-]*"
        maxLength={63}
      />
    </form>
  );
}

function List({ page, after }: { page: AlertPage; after: () => void }) {
  const { items, nextCursor } = page;
  useEffect(() => announce(say('count', { n: items.length })), [items.length]);
  if (items.length === 0) return <p class="empty">{say('none')}</p>;
  return (
    <>
      {items.map((alert) => (
        <AlertItem key={`${alert.alertId}/${alert.status}`} alert={alert} after={after} showSite />
      ))}
      {nextCursor !== null && <p class="hint">{say('newest', { n: MOST })}</p>}
    </>
  );
}

export function AlertsPage() {
  const status = query.value.get('status') ?? 'open';
  const systemId = query.value.get('site') ?? '';
  const filter = {
    limit: MOST,
    ...(isState(status) ? { status } : {}),
    ...(systemId === '' ? {} : { systemId }),
  };
  const alerts = useAnswer(`alerts?${JSON.stringify(filter)}`, (signal) =>
    api.GET('/api/v1/ml/alerts', { params: { query: filter }, signal }),
  );
  const silences = useAnswer('silences', (signal) => api.GET('/api/v1/ml/alert-silences', { signal }));
  const refresh = () => {
    alerts.refresh();
    silences.refresh();
  };
  useStream(ALERT_FACTS, refresh);
  return (
    <>
      <Heading title={say('title')} />
      <div class="filters">
        <Chips
          label={say('title')}
          chosen={status}
          choose={(value) => choose({ status: value === 'open' ? null : value })}
          chips={[
            ...STATES.map((state) => ({ value: state as string, text: say(state) })),
            { value: 'all', text: say('all') },
          ]}
        />
        <SiteFilter systemId={systemId} />
      </div>
      <section class="card">
        <Awaited {...alerts}>{(page) => <List page={page} after={refresh} />}</Awaited>
      </section>
      {(silences.body?.items.length ?? 0) > 0 && (
        <Section title={say('silences')}>
          <Silences silences={silences.body?.items ?? []} after={refresh} />
        </Section>
      )}
    </>
  );
}
