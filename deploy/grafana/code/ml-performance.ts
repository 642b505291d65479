import { type Dashboard, type Row, rows, series } from './dashboard.ts';

/** How good the forecasts are, by site, model and hour. Shares are shown as percent, power in kW. */

/** Grafana's placeholder of the chosen site, quoted for SQL. */
const SITE = `\${site:sqlstring}`;

/** Days of the site as they were forecast at their first hour. */
const SITE_DAYS = `from lifo4.score_day d where d.system_id = ${SITE} and $__timeFilter(d.issued_at)`;

/** Each hour of those days, with its place in the day. */
const SITE_HOURS = `from lifo4.score_day d
    cross join lateral unnest(d.forecast_kw, d.lower_kw, d.upper_kw, d.actual_kw)
      with ordinality as h(forecast, lower, upper, actual, lead)
    where d.system_id = ${SITE} and d.model = 'device' and $__timeFilter(d.issued_at)`;

const SITE_VERSIONS = `from lifo4.read_model v
    where v.projection = 'models' and v.system_id = ${SITE} and v.doc -> 'members' is not null
      and $__timeFilter(v.sort_at)`;

const SITE_MEMBERS = `from lifo4.read_model v
    cross join lateral jsonb_to_recordset(v.doc -> 'members')
      as m(model text, outcome text, weight float8, metrics jsonb)
    where v.projection = 'models' and v.system_id = ${SITE} and v.doc -> 'members' is not null
      and $__timeFilter(v.sort_at)`;

const fleet: Row = {
  title: 'All sites',
  panels: [
    {
      ...{ title: 'Daily MAPE of all sites', type: 'timeseries', unit: 'percent', width: 12, limit: 8 },
      description:
        'Of the forecast that devices made at the first hour of the local day: the middle site, and the one that nine in ten are better than.',
      queries: [
        series(`
    select d.day::timestamp at time zone 'UTC' as time,
      100 * percentile_cont(0.5) within group (order by d.mape) as median,
      100 * percentile_cont(0.9) within group (order by d.mape) as "90th percentile"
    from lifo4.score_day d
    where d.model = 'device' and d.mape is not null and $__timeFilter(d.issued_at)
    group by d.day order by 1`),
      ],
    },
    {
      ...{ title: 'Sites with the largest errors', type: 'table', unit: 'none', width: 12 },
      description: 'Means over the days shown.',
      queries: [
        rows(`
    select d.system_id as site, count(*) as days, round((100 * avg(d.mape))::numeric, 1) as "MAPE %",
      round(avg(d.rmse)::numeric, 1) as "RMSE kW", round((100 * avg(d.coverage))::numeric, 1) as "inside the band %",
      (array_agg(d.version order by d.day desc))[1] as version
    from lifo4.score_day d
    where d.model = 'device' and d.mape is not null and $__timeFilter(d.issued_at)
    group by d.system_id order by avg(d.mape) desc limit 50`),
      ],
    },
  ],
};

const alerts: Row = {
  title: 'Alerts',
  panels: [
    {
      ...{ title: 'Open alerts by rule', type: 'stat', unit: 'none', width: 6, limit: 1 },
      description: 'Alerts that are not resolved, acknowledged ones included, whenever they opened.',
      queries: [
        rows(`
    select a.doc ->> 'rule' as rule, count(*) as open from lifo4.read_model a
    where a.projection = 'alerts' and a.status <> 'resolved' group by 1 order by 1`),
      ],
    },
    {
      ...{ title: 'Alerts by day', type: 'timeseries', unit: 'none', width: 6, bars: true, stacked: true },
      description: 'Alerts by the day on which they opened, and rule.',
      queries: [
        series(`
    select date_trunc('day', a.sort_at, 'UTC') as time, a.doc ->> 'rule' as metric, count(*) as value
    from lifo4.read_model a where a.projection = 'alerts' and $__timeFilter(a.sort_at)
    group by 1, 2 order by 1, 2`),
      ],
    },
    {
      ...{ title: 'Alerts', type: 'table', unit: 'none', width: 12 },
      description: 'Newest first, with what is advised.',
      queries: [
        rows(`
    select a.sort_at as opened, a.system_id as site, a.doc ->> 'rule' as rule, a.status,
      array_to_string(array(select jsonb_array_elements_text(a.doc -> 'actions')), ', ') as advice,
      a.doc ->> 'retrainJobId' as "retrain job"
    from lifo4.read_model a where a.projection = 'alerts' and $__timeFilter(a.sort_at)
    order by a.sort_at desc limit 200`),
      ],
    },
  ],
};

const accuracy: Row = {
  title: 'Site $site: accuracy',
  panels: [
    {
      ...{ title: 'Daily MAPE', type: 'timeseries', unit: 'percent', width: 12, limit: 8 },
      description: 'By model; “device” is what the device served.',
      queries: [
        series(
          `select d.issued_at as time, d.model as metric, 100 * d.mape as value ${SITE_DAYS} order by 1, 2`,
        ),
      ],
    },
    {
      ...{ title: 'Daily RMSE', type: 'timeseries', unit: 'kwatt', width: 6 },
      description: 'By model; “device” is what the device served.',
      queries: [
        series(`select d.issued_at as time, d.model as metric, d.rmse as value ${SITE_DAYS} order by 1, 2`),
      ],
    },
    {
      ...{ title: 'Hours inside the 90 % band', type: 'timeseries', unit: 'percent', width: 6 },
      description: 'Nine in ten hours belong inside it.',
      queries: [
        series(
          `select d.issued_at as time, d.model as metric, 100 * d.coverage as value ${SITE_DAYS} order by 1, 2`,
        ),
      ],
    },
    {
      ...{
        title: 'Forecast at midnight against actual load',
        type: 'timeseries',
        unit: 'kwatt',
        width: 24,
        band: true,
      },
      description: 'What was forecast for each day at its first hour, the 90 % band, and what then happened.',
      queries: [
        series(`
    select d.issued_at + (h.lead - 1) * interval '1 hour' as time, h.forecast, h.lower, h.upper, h.actual
    ${SITE_HOURS} order by 1`),
      ],
    },
    {
      ...{ title: 'Latest forecast', type: 'timeseries', unit: 'kwatt', width: 12, band: true },
      description:
        'The 48 hours that the device forecast last; set the end of the time range to now+48h to see all.',
      queries: [
        series(`
    select f.issued_at + (h.lead - 1) * interval '1 hour' as time, h.forecast, h.lower, h.upper
    from (select * from lifo4.forecast l where l.system_id = ${SITE} order by l.issued_at desc limit 1) f
    cross join lateral unnest(f.load_kw, f.lower_kw, f.upper_kw) with ordinality as h(forecast, lower, upper, lead)
    where $__timeFilter(f.issued_at) order by 1`),
      ],
    },
    {
      ...{ title: 'Error by local hour', type: 'barchart', unit: 'percent', width: 6 },
      description: 'Mean absolute error of an hour of the day as a share of the load of that hour.',
      queries: [
        rows(`
    select to_char((d.issued_at + (h.lead - 1) * interval '1 hour') at time zone coalesce(s.doc ->> 'zone', 'UTC'), 'HH24')
      as hour, 100 * sum(abs(h.forecast - h.actual)) / nullif(sum(abs(h.actual)), 0) as "error %"
    from lifo4.score_day d
    cross join lateral unnest(d.forecast_kw, d.actual_kw) with ordinality as h(forecast, actual, lead)
    left join lifo4.read_model s on s.projection = 'sites' and s.key = d.system_id
    where d.system_id = ${SITE} and d.model = 'device' and h.actual is not null and $__timeFilter(d.issued_at)
    group by 1 order by 1`),
      ],
    },
    {
      ...{ title: 'Error by lead time', type: 'barchart', unit: 'kwatt', width: 6 },
      description: 'Mean absolute error by how many hours ahead it was forecast, over all issues.',
      queries: [
        rows(`
    select lpad(e.lead::text, 2, '0') as lead, avg(abs(e.error)) as "mean absolute error"
    from lifo4.score_hour h cross join lateral unnest(h.leads, h.error_kw) as e(lead, error)
    where h.system_id = ${SITE} and $__timeFilter(h.hour) group by e.lead order by e.lead`),
      ],
    },
  ],
};

const models: Row = {
  title: 'Site $site: models',
  panels: [
    {
      ...{ title: 'Weights', type: 'timeseries', unit: 'percentunit', width: 12, bars: true, stacked: true },
      description: 'Of the models in each version’s ensemble.',
      queries: [
        series(
          `select v.sort_at as time, m.model as metric, m.weight as value ${SITE_MEMBERS} order by 1, 2`,
        ),
      ],
    },
    {
      ...{ title: 'MAPE in the backtest', type: 'timeseries', unit: 'percent', width: 12, limit: 8 },
      description: 'Of each model of a version, and of the model that was judged.',
      queries: [
        series(`
    select v.sort_at as time, m.model as metric, 100 * (m.metrics ->> 'mape')::float8 as value
    ${SITE_MEMBERS} and m.metrics ->> 'mape' is not null order by 1, 2`),
        series(`
    select v.sort_at as time, 100 * (v.doc -> 'metrics' ->> 'mape')::float8 as judged ${SITE_VERSIONS} order by 1`),
      ],
    },
    {
      ...{ title: 'Versions and decisions', type: 'table', unit: 'none', width: 12 },
      description: 'Whether each version was deployed or kept, and by which figures.',
      queries: [
        rows(`
    select v.sort_at as evaluated, v.doc ->> 'version' as version, v.doc ->> 'modelType' as model, v.status as decision,
      v.doc ->> 'keptReason' as reason, 100 * (v.doc -> 'decision' ->> 'challenger')::float8 as "error %",
      100 * (v.doc -> 'decision' ->> 'seasonalNaive')::float8 as "seasonal-naive %",
      100 * (v.doc -> 'decision' -> 'comparison' ->> 'gain')::float8 as "gain on champion %"
    ${SITE_VERSIONS} order by v.sort_at desc limit 200`),
      ],
    },
    {
      ...{ title: 'Accuracy in service by version', type: 'table', unit: 'none', width: 12 },
      description: 'What each version reached on the device, over the days shown.',
      queries: [
        rows(`
    select d.version, d.model_type as model, min(d.day) as "first day", max(d.day) as "last day", count(*) as days,
      round((100 * avg(d.mape))::numeric, 2) as "MAPE %", round(avg(d.rmse)::numeric, 1) as "RMSE kW",
      round((100 * avg(d.coverage))::numeric, 1) as "inside the band %"
    ${SITE_DAYS} and d.model = 'device' group by d.version, d.model_type order by max(d.day) desc`),
      ],
    },
  ],
};

export const mlPerformance: Dashboard = {
  uid: 'lifo4-ml-performance',
  title: 'ML Performance',
  description: 'How good the forecasts are, by site, model and hour.',
  from: 'now-30d',
  choices: [
    {
      name: 'site',
      label: 'Site',
      sql: "select key from lifo4.read_model where projection = 'sites' and status = 'registered' order by 1",
    },
  ],
  rows: [fleet, alerts, accuracy, models],
};
