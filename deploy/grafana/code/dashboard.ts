/** Grafana dashboards as data: what the pages of this folder need of Grafana's dashboard model, and no more. */

/** As `deploy/grafana/provisioning/datasources` names them. */
const DATASOURCES = {
  postgres: { type: 'grafana-postgresql-datasource', uid: 'lifo4' },
  prometheus: { type: 'prometheus', uid: 'prometheus' },
} as const;

/** Version of Grafana's dashboard model that is written; later Grafanas read it. */
const SCHEMA_VERSION = 41;
/** Grafana's grid is so many units wide. */
const GRID_WIDTH = 24;

/** Grafana's names of units. */
export type Unit = 'percent' | 'percentunit' | 'kwatt' | 's' | 'short' | 'none' | 'reqps';

/** One question to a data source. SQL answers columns `time`, `metric` and `value`, or those of a table. */
export type Query =
  | { readonly kind: 'sql'; readonly sql: string; readonly format: 'time_series' | 'table' }
  | { readonly kind: 'promql'; readonly expr: string; readonly legend: string };

/** Answers `time`, values, and a `metric` where there are several series. */
export const series = (sql: string): Query => ({ kind: 'sql', format: 'time_series', sql: trimmed(sql) });
export const rows = (sql: string): Query => ({ kind: 'sql', format: 'table', sql: trimmed(sql) });
/** `legend` is Grafana's template of labels, for example `{{type}}`. */
export const promql = (expr: string, legend: string): Query => ({ kind: 'promql', expr, legend });

const trimmed = (text: string): string => text.trim().replaceAll(/\n {4}/g, '\n');

export interface Panel {
  readonly title: string;
  readonly description: string;
  readonly type: 'timeseries' | 'table' | 'stat' | 'barchart';
  readonly unit: Unit;
  readonly queries: readonly Query[];
  readonly width: 6 | 8 | 12 | 24;
  /** A line that values should not cross. */
  readonly limit?: number;
  readonly bars?: boolean;
  readonly stacked?: boolean;
  /** Draws `lower` and `upper` as one area. */
  readonly band?: boolean;
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** A choice at the top of the page; its values are the first column of the query. */
export interface Choice {
  readonly name: string;
  readonly label: string;
  readonly sql: string;
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** What is shown at first, as Grafana writes it, for example `now-30d`. */
  readonly from: string;
  readonly choices: readonly Choice[];
  readonly rows: readonly Row[];
}

const PANEL_HEIGHT = 8;

function target(query: Query, index: number) {
  const refId = String.fromCharCode(65 + index);
  switch (query.kind) {
    case 'sql': {
      const { sql, format } = query;
      return {
        refId,
        datasource: DATASOURCES.postgres,
        format,
        rawQuery: true,
        editorMode: 'code',
        rawSql: sql,
      };
    }
    case 'promql': {
      const { expr, legend: legendFormat } = query;
      const asked = { editorMode: 'code', expr, legendFormat, range: true, instant: false };
      return { refId, datasource: DATASOURCES.prometheus, ...asked };
    }
  }
}

function drawing({ type, bars, stacked, limit }: Panel) {
  if (type !== 'timeseries') return {};
  return {
    drawStyle: bars === true ? 'bars' : 'line',
    fillOpacity: bars === true ? 80 : stacked === true ? 30 : 0,
    lineWidth: 1,
    showPoints: 'auto',
    spanNulls: false,
    stacking: { mode: stacked === true ? 'normal' : 'none', group: 'A' },
    thresholdsStyle: { mode: limit === undefined ? 'off' : 'dashed' },
  };
}

function thresholds({ limit }: Panel) {
  const fine = { color: 'green', value: null };
  return { mode: 'absolute', steps: limit === undefined ? [fine] : [fine, { color: 'red', value: limit }] };
}

const overrideOf = (name: string, properties: Readonly<Record<string, unknown>>) => ({
  matcher: { id: 'byName', options: name },
  properties: Object.entries(properties).map(([id, value]) => ({ id, value })),
});

const BAND = [
  overrideOf('upper', { 'custom.fillBelowTo': 'lower', 'custom.fillOpacity': 15, 'custom.lineWidth': 0 }),
  overrideOf('lower', { 'custom.lineWidth': 0 }),
];

function optionsOf({ type }: Panel) {
  switch (type) {
    case 'timeseries':
      return {
        legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
        tooltip: { mode: 'multi' },
      };
    case 'table':
      return { showHeader: true, cellHeight: 'sm' };
    case 'stat':
      return {
        reduceOptions: { calcs: ['lastNotNull'], values: true },
        colorMode: 'value',
        textMode: 'auto',
      };
    case 'barchart':
      return { orientation: 'auto', showValue: 'never', legend: { showLegend: true, placement: 'bottom' } };
  }
}

/** Prometheus answers series, of which a number shows the last. */
function dataSourceOf({ queries: [first] }: Panel) {
  return first?.kind === 'promql' ? DATASOURCES.prometheus : DATASOURCES.postgres;
}

function panelModel(panel: Panel, id: number, x: number, y: number) {
  const { title, description, type, unit, queries, width, band } = panel;
  return {
    ...{ id, type, title, description },
    datasource: dataSourceOf(panel),
    gridPos: { x, y, w: width, h: PANEL_HEIGHT },
    fieldConfig: {
      defaults: {
        unit,
        custom: drawing(panel),
        thresholds: thresholds(panel),
        color: { mode: 'palette-classic' },
      },
      overrides: band === true ? BAND : [],
    },
    options: optionsOf(panel),
    targets: queries.map(target),
  };
}

/** Rows below one another, their panels from left to right. */
function layOut(all: readonly Row[]) {
  const models: object[] = [];
  let y = 0;
  for (const { title, panels } of all) {
    const gridPos = { x: 0, y, w: GRID_WIDTH, h: 1 };
    models.push({ id: models.length + 1, type: 'row', title, collapsed: false, gridPos, panels: [] });
    y += 1;
    let x = 0;
    for (const panel of panels) {
      if (x + panel.width > GRID_WIDTH) {
        x = 0;
        y += PANEL_HEIGHT;
      }
      models.push(panelModel(panel, models.length + 1, x, y));
      x += panel.width;
    }
    y += PANEL_HEIGHT;
  }
  return models;
}

const choiceModel = ({ name, label, sql }: Choice) => ({
  ...{ name, label, type: 'query', datasource: DATASOURCES.postgres, query: sql, definition: sql },
  ...{ refresh: 2, sort: 0, multi: false, includeAll: false, hide: 0, regex: '', options: [], current: {} },
});

/** The dashboard as Grafana reads it. */
export const dashboardModel = ({ uid, title, description, from, choices, rows: all }: Dashboard) => ({
  ...{ uid, title, description, tags: ['lifo4-ml'], schemaVersion: SCHEMA_VERSION, version: 1 },
  ...{ editable: false, graphTooltip: 1, refresh: '1m', timezone: 'browser' },
  time: { from, to: 'now' },
  templating: { list: choices.map(choiceModel) },
  annotations: { list: [] },
  panels: layOut(all),
});
