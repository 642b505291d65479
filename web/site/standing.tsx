import type { ComponentChildren } from 'preact';
import type { Contract, SiteAt } from '../../src/client/client.ts';
import { api } from '../api.ts';
import { formatInstant, formatKw, formatPercent } from '../format.ts';
import { useAnswer } from '../hooks.ts';
import { Awaited, Badge, Details, type Row, Section } from '../parts/common.tsx';
import { choose, Link, query } from '../router.tsx';
import { say } from '../words/site.ts';

type Model = { readonly deploymentId: string; readonly version: string } | null;

const ModelLink = ({ model }: { model: Model }) =>
  model === null ? (
    <>–</>
  ) : (
    <Link to={`/deployments/${encodeURIComponent(model.deploymentId)}`}>{model.version}</Link>
  );

function contractText(contract: Contract | null): string {
  if (contract === null) return '–';
  const { peakKw, offPeakKw } = contract;
  const offPeak = `${formatKw(offPeakKw)} ${say('offPeakPost')}`;
  return peakKw === null ? formatKw(offPeakKw) : `${formatKw(peakKw)} ${say('peakPost')}, ${offPeak}`;
}

function Attempted({ attempted }: { attempted: SiteAt['attempted'] }) {
  if (attempted === null) return <>–</>;
  return (
    <>
      <ModelLink model={attempted} /> <Badge status={attempted.status} /> {attempted.reason}
    </>
  );
}

function decisionRows({ lastDecision }: SiteAt): readonly Row[] {
  if (lastDecision === null) return [];
  const { jobId, version, verdict, reason, decision } = lastDecision;
  const value: ComponentChildren = (
    <>
      <Link to={`/jobs/${encodeURIComponent(jobId)}`}>{version}</Link> {say(verdict)} ·{' '}
      {decision.metric.toUpperCase()} {formatPercent(decision.challenger)} {reason}
    </>
  );
  return [[say('lastDecision'), value]];
}

const rowsOf = (at: SiteAt): readonly Row[] => [
  [say('running'), <ModelLink key="running" model={at.running} />],
  [say('desired'), <ModelLink key="desired" model={at.desired} />],
  [say('attempted'), <Attempted key="attempted" attempted={at.attempted} />],
  [say('previous'), at.previous?.version ?? '–'],
  ...decisionRows(at),
  [say('device'), at.deviceId ?? say('none')],
  [say('contract'), contractText(at.settings.contract)],
  [say('zone'), at.settings.zone],
  [say('nextRetrain'), formatInstant(at.nextRetrain, at.settings.zone)],
];

const MINUTE_MS = 60_000;

/** `2026-01-05T10:00` of the reader's own clock, as the browser's field writes it. */
function localOf(iso: string): string {
  const date = new Date(iso);
  return new Date(date.getTime() - date.getTimezoneOffset() * MINUTE_MS).toISOString().slice(0, 16);
}

function InstantPicker({ time }: { time: string | null }) {
  return (
    <div class="filters">
      <label class="choice">
        {say('at')}
        <input
          type="datetime-local"
          value={time === null ? '' : localOf(time)}
          max={localOf(new Date().toISOString())}
          onChange={({ currentTarget: { value } }) =>
            choose({ at: value === '' ? null : new Date(value).toISOString() })
          }
        />
      </label>
      {time !== null && (
        <button type="button" onClick={() => choose({ at: null })}>
          {say('backToNow')}
        </button>
      )}
    </div>
  );
}

/** Only an instant that exists is asked for: the address is anybody's to write. */
function chosenTime(): string | null {
  const time = Date.parse(query.value.get('at') ?? '');
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

/** What runs, what should, and why they differ; now, or at any instant of the past. */
export function Standing({ systemId, round }: { systemId: string; round: number }) {
  const time = chosenTime();
  const at = useAnswer(`${systemId}/${time}/${time === null ? round : ''}`, (signal) =>
    api.GET('/api/v1/ml/systems/{systemId}/at', {
      params: { path: { systemId }, query: time === null ? {} : { time } },
      signal,
    }),
  );
  return (
    <Section title={time === null ? say('now') : formatInstant(time)}>
      <InstantPicker time={time} />
      <Awaited {...at}>
        {(body) => (
          <>
            {body.status === 'decommissioned' && <p class="trouble">{say('decommissioned')}</p>}
            {time !== null && <p class="hint">{say('atHelp', { n: body.facts })}</p>}
            <Details rows={rowsOf(body)} />
          </>
        )}
      </Awaited>
    </Section>
  );
}
