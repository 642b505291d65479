import { type FactType, factTypes } from '../events/catalogue.ts';
import { STREAM_TYPES, type StreamType } from '../events/stream-id.ts';
import { machines } from '../machines/catalogue.ts';
import type { MachineDefinition } from '../machines/lifecycle.ts';
import { fieldsOf } from './event-fields.ts';

/** `docs/events.md`: every fact of every stream, from the schemas and the machines themselves. */

/** The id of each type of stream, and what the stream is about. */
const STREAMS: Readonly<Record<StreamType, readonly [id: string, about: string]>> = {
  'training-job': ['{jobId}', 'One retrain of a site, from the request to the outcome of its deployment.'],
  deployment: ['{deploymentId}', 'One version on offer to one device, and what the device answered.'],
  site: ['{systemId}', 'A site: its settings, its device, its weekly retrains.'],
  device: ['{deviceId}', 'What the cloud decides about a device.'],
  'device-journal': [
    '{deviceId}-{installationId}',
    'What a device did, written by the device alone and copied to the log.',
  ],
  alert: ['{alertId}', 'One alert about a site’s forecasts.'],
  'alert-silence': ['{tenant}.{site}.{rule}', 'Alerts that are told to nobody; `_` stands for all.'],
  fleet: ['{tenant}', 'Whether the models of a tenant go out by themselves.'],
  evaluation: ['{evaluationId}', 'An evaluation that is fetched later.'],
  rollout: ['{rolloutId}', 'Versions that go out over many sites in stages.'],
};

const code = (text: string): string => `\`${text}\``;
const sorted = (names: Iterable<string>): string => [...new Set(names)].map(code).join(', ');

/** What a fact does in its machine: from which states, to which, and what it asks for. */
function movesOf({ states }: MachineDefinition, type: string): string {
  const moves = states.flatMap(({ name, transitions }) =>
    transitions.filter(({ fact }) => fact === type).map((move) => ({ ...move, from: name })),
  );
  const targets = [...new Set(moves.map(({ from, to }) => (from === to ? '' : to)))];
  const lines = targets.map((target) => {
    const same = moves.filter(({ from, to }) => (from === to ? '' : to) === target);
    const from = sorted(same.map((move) => move.from));
    return target === '' ? `stays in ${from}` : `${from} → ${code(target)}`;
  });
  const effects = sorted(moves.flatMap((move) => move.effects));
  return `Moves: ${lines.join('; ')}.${effects === '' ? '' : ` May ask for ${effects}.`}`;
}

/** The rows of a table as lines, its columns of equal width as the other documents have them. */
function tableOf(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(3, ...rows.map((row) => (row[i] ?? '').length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)];
}

function factSection({ type, version, description, schema }: FactType, machine: MachineDefinition) {
  const fields = fieldsOf(schema).map(({ path, type: kind, meaning }) => [code(path), kind, meaning]);
  const table = fields.length === 0 ? [] : ['', ...tableOf([['field', 'type', 'meaning'], ...fields])];
  return [
    ...['', `### ${type}`, '', description],
    ...['', `Version ${version}. ${movesOf(machine, type)}`],
    ...table,
  ];
}

function streamSection(stream: StreamType): readonly string[] {
  const machine = machines.find(({ streamType }) => streamType === stream);
  if (machine === undefined) throw new Error(`no machine folds ${stream}`);
  const { name, version, definition } = machine;
  const [id, about] = STREAMS[stream];
  const ends = sorted(definition.states.filter(({ final }) => final).map((state) => state.name));
  const life = `Machine ${code(name)}, version ${version}; it begins in ${code(definition.initial)}${ends === '' ? ' and never ends' : ` and ends in ${ends}`}.`;
  const order = definition.commands.flatMap((command) => command.facts);
  const facts = factTypes
    .filter(({ streamType }) => streamType === stream)
    .toSorted((a, b) => order.indexOf(a.type) - order.indexOf(b.type));
  return [
    ...['', `## ${stream}`, '', `${about} Stream ${code(`${stream}-${id}`)}.`, '', life],
    ...facts.flatMap((fact) => factSection(fact, definition)),
  ];
}

const HEAD = [
  '# Events',
  '',
  'Every fact that the log may hold, by the type of its stream. This page is made of the schemas in `src/events` and the',
  'machines in `src/machines`: `npm run docs:events` writes it, and a test fails when it is not current. A running service',
  'tells the same: `GET /schemas` lists the types, `GET /schemas/{type}` gives each as JSON Schema.',
  '',
  'Shares are fractions of one in the log; `/api/v1`, the stream of events and NATS tell them in percent. Instants are ISO 8601',
  'in UTC. A field with `?` may be absent. What a move may ask for is an effect: work that some node does afterwards.',
  '',
  'Beside its data each fact carries its id, stream, version in the stream, the instant, an opaque id of who caused it',
  '(`actor`), tenant, site, correlation, the machine that found it legal and the version of its schema.',
] as const;

/** The text of `docs/events.md`. */
export const eventCatalogue = (): string =>
  [...HEAD, ...STREAM_TYPES.toSorted((a, b) => place(a) - place(b)).flatMap(streamSection), ''].join('\n');

const place = (stream: StreamType): number => Object.keys(STREAMS).indexOf(stream);
