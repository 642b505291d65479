import { type Dashboard, promql, type Row, rows, series } from './dashboard.ts';

/** How work goes through: trainings, deployments, effects, devices and the nodes themselves. */

/** Latencies of a histogram at a quantile, by its label. */
const quantile = (share: number, histogram: string, by: string, over = '$__rate_interval'): string =>
  `histogram_quantile(${share}, sum by (le, ${by}) (rate(${histogram}_bucket[${over}])))`;

const byDay = (projection: 'jobs' | 'deployments'): string => `
    select date_trunc('day', r.sort_at, 'UTC') as time, r.status as metric, count(*) as value
    from lifo4.read_model r where r.projection = '${projection}' and $__timeFilter(r.sort_at)
    group by 1, 2 order by 1, 2`;

const jobs: Row = {
  title: 'Trainings',
  panels: [
    {
      ...{ title: 'Jobs by day', type: 'timeseries', unit: 'none', width: 12, bars: true, stacked: true },
      description: 'Training jobs by the day on which they were requested, and the state they are in now.',
      queries: [series(byDay('jobs'))],
    },
    {
      ...{ title: 'Jobs under way', type: 'stat', unit: 'none', width: 6 },
      description: 'Jobs that have not ended, by state.',
      queries: [
        rows(`
    select r.status, count(*) as jobs from lifo4.read_model r
    where r.projection = 'jobs' and r.status in ('pending', 'training', 'evaluated') group by 1 order by 1`),
      ],
    },
    {
      ...{ title: 'Training time by stage', type: 'barchart', unit: 's', width: 6 },
      description:
        'Mean processor time of a job by stage, over the jobs that were evaluated in the time shown.',
      queries: [
        rows(`
    select t.stage, sum(t.cpu_seconds) / count(distinct t.job_id) as seconds
    from lifo4.chart_training_time t where $__timeFilter(t.recorded_at) group by 1 order by 2 desc`),
      ],
    },
    {
      ...{ title: 'Fitting time by model', type: 'timeseries', unit: 's', width: 12 },
      description: 'Processor time of fitting each model, mean by hour.',
      queries: [
        series(`
    select date_trunc('hour', t.recorded_at) as time, t.model as metric, avg(t.cpu_seconds) as value
    from lifo4.chart_training_time t
    where t.stage = 'fit' and t.model is not null and $__timeFilter(t.recorded_at) group by 1, 2 order by 1, 2`),
      ],
    },
    {
      ...{ title: 'Jobs that failed or were kept', type: 'table', unit: 'none', width: 12 },
      description: 'Newest first, with the reason.',
      queries: [
        rows(`
    select r.sort_at as requested, r.system_id as site, r.status, r.doc ->> 'trigger' as "asked by",
      r.doc ->> 'version' as version, r.doc ->> 'reason' as reason
    from lifo4.read_model r
    where r.projection = 'jobs' and r.status in ('failed', 'kept', 'cancelled', 'rolledback', 'undelivered')
      and $__timeFilter(r.sort_at)
    order by r.sort_at desc limit 200`),
      ],
    },
  ],
};

const deployments: Row = {
  title: 'Deployments',
  panels: [
    {
      ...{
        title: 'Deployments by day',
        type: 'timeseries',
        unit: 'none',
        width: 12,
        bars: true,
        stacked: true,
      },
      description: 'By the day on which they were offered, and the state they are in now.',
      queries: [series(byDay('deployments'))],
    },
    {
      ...{ title: 'Blast radius', type: 'table', unit: 'none', width: 6 },
      description:
        'Of each tenant’s last 100 deployments that ended: more than 2 failures stop what goes out by itself. Devices without history do not count.',
      queries: [
        rows(`
    select ended.tenant, count(*) as ended, count(*) filter (where ended.status <> 'active') as failed
    from (
      select r.tenant, r.status, row_number() over (partition by r.tenant order by r.sort_at desc) as place
      from lifo4.read_model r
      where r.projection = 'deployments' and r.status in ('active', 'rejected', 'rolledback')
        and coalesce(r.doc ->> 'reason', '') not like 'no-history%'
    ) ended where ended.place <= 100 group by 1 order by 3 desc, 1`),
      ],
    },
    {
      ...{ title: 'Fleets that are stopped', type: 'timeseries', unit: 'none', width: 6, limit: 1 },
      description: 'Tenants whose models do not go out by themselves until a person resumes them.',
      queries: [promql('max(lifo4_fleets_stopped)', 'stopped')],
    },
    {
      ...{ title: 'Time to a device’s answer', type: 'timeseries', unit: 's', width: 6 },
      description:
        'From the offer of a model to the first answer: of half and of 95 in 100 deployments of the day before.',
      queries: [
        promql(quantile(0.5, 'lifo4_ack_seconds', 'status', '1d'), '{{status}}: half'),
        promql(quantile(0.95, 'lifo4_ack_seconds', 'status', '1d'), '{{status}}: 95 in 100'),
      ],
    },
    {
      ...{ title: 'Age of forecasts', type: 'timeseries', unit: 's', width: 6, limit: 7200 },
      description: 'Of 95 in 100 sites with a device; devices forecast every hour.',
      queries: [promql('max by (class) (lifo4_forecast_age_seconds{quantile="0.95"})', '{{class}}')],
    },
    {
      ...{ title: 'Sites that do not run what they should', type: 'table', unit: 'none', width: 12 },
      description: 'What is desired, what runs, and what became of the last attempt.',
      queries: [
        rows(`
    select s.key as site, s.doc -> 'desired' ->> 'version' as desired, s.doc -> 'running' ->> 'version' as running,
      s.doc -> 'attempted' ->> 'status' as attempt, s.doc -> 'attempted' ->> 'reason' as reason
    from lifo4.read_model s
    where s.projection = 'sites' and s.status = 'registered'
      and s.doc -> 'desired' ->> 'deploymentId' is distinct from s.doc -> 'running' ->> 'deploymentId'
    order by 1 limit 200`),
      ],
    },
    {
      ...{ title: 'Devices’ messages', type: 'timeseries', unit: 'reqps', width: 12 },
      description: 'Messages taken, by kind.',
      queries: [promql('sum by (kind) (rate(lifo4_uplink_accepted_total[$__rate_interval]))', '{{kind}}')],
    },
    {
      ...{ title: 'Devices’ messages refused', type: 'timeseries', unit: 'reqps', width: 12 },
      description: 'By kind and reason; and what the link itself kept out.',
      queries: [
        promql(
          'sum by (kind, reason) (rate(lifo4_uplink_refused_total[$__rate_interval]))',
          '{{kind}}: {{reason}}',
        ),
        promql('sum by (what) (rate(lifo4_device_link_dropped_total[$__rate_interval]))', 'link: {{what}}'),
      ],
    },
  ],
};

const effects: Row = {
  title: 'Effects',
  panels: [
    {
      ...{ title: 'Effects by state', type: 'timeseries', unit: 'none', width: 12 },
      description: 'Waiting (until they are due, too), running, being tried again, and dead.',
      queries: [promql('sum by (state) (max by (type, state) (lifo4_effects))', '{{state}}')],
    },
    {
      ...{ title: 'Dead letters', type: 'timeseries', unit: 'none', width: 12, limit: 1 },
      description: 'Effects that were given up; POST /api/v1/effects/redrive tries them again.',
      queries: [promql('max by (type) (lifo4_effects{state="dead"}) > 0', '{{type}}')],
    },
    {
      ...{ title: 'Wait for a node', type: 'timeseries', unit: 's', width: 8 },
      description: 'From the request of an effect to its begin, 95 in 100, by type; of what is due at once.',
      queries: [promql(quantile(0.95, 'lifo4_effect_wait_seconds', 'type'), '{{type}}')],
    },
    {
      ...{ title: 'Time of an effect', type: 'timeseries', unit: 's', width: 8 },
      description: 'Of 95 in 100 runs, by type.',
      queries: [promql(quantile(0.95, 'lifo4_effect_seconds', 'type'), '{{type}}')],
    },
    {
      ...{ title: 'Effects that did not go well', type: 'timeseries', unit: 'reqps', width: 8 },
      description: 'Runs that were retried, given up or lost, by type.',
      queries: [
        promql(
          'sum by (type, outcome) (rate(lifo4_effect_runs_total{outcome=~"retried|buried|given-up|lost"}[$__rate_interval])) > 0',
          '{{type}}: {{outcome}}',
        ),
      ],
    },
  ],
};

const nodes: Row = {
  title: 'Log and nodes',
  panels: [
    {
      ...{ title: 'Feed held up', type: 'timeseries', unit: 's', width: 8, limit: 5 },
      description: 'Age of the oldest fact that waits for its number: an open transaction holds the feed.',
      queries: [
        promql('max(lifo4_feed_stalled_seconds)', 'oldest fact'),
        promql('max(lifo4_oldest_transaction_seconds)', 'oldest transaction'),
      ],
    },
    {
      ...{ title: 'Facts to be read', type: 'timeseries', unit: 'none', width: 8 },
      description: 'By how many facts each reader of the feed is behind.',
      queries: [promql('max by (reader) (lifo4_feed_lag_facts)', '{{reader}}')],
    },
    {
      ...{ title: 'Readings and forecasts to score', type: 'timeseries', unit: 'none', width: 8 },
      description: 'Changes that wait to be scored.',
      queries: [promql('max(lifo4_unscored_changes)', 'changes')],
    },
    {
      ...{ title: 'Delay of the event loop', type: 'timeseries', unit: 's', width: 12, limit: 0.5 },
      description: 'Of 99 in 100 turns, by node.',
      queries: [promql('nodejs_eventloop_lag_p99_seconds', '{{instance}}')],
    },
    {
      ...{ title: 'Time to answer a request', type: 'timeseries', unit: 's', width: 12 },
      description: 'Of 95 in 100 requests, by route.',
      queries: [promql(quantile(0.95, 'http_request_duration_seconds', 'route'), '{{route}}')],
    },
  ],
};

export const pipeline: Dashboard = {
  uid: 'lifo4-pipeline',
  title: 'Pipeline',
  description: 'How work goes through: trainings, deployments, effects, devices and the nodes themselves.',
  from: 'now-7d',
  choices: [],
  rows: [jobs, deployments, effects, nodes],
};
