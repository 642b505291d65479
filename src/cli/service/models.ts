import { Command } from 'commander';
import type { Model } from '../../client/client.ts';
import type { Cli } from '../cli.ts';
import { columnLines, figure, minute, orDash, plain } from '../output/columns.ts';
import {
  answerOf,
  type ListWishes,
  listOf,
  printList,
  printOne,
  type ServiceWishes,
  serviceOf,
  withLimit,
  withService,
} from './service.ts';

/** The catalogue of a site's models, over the API of a running service. */

const ranText = ({ runs }: Model): string => {
  const last = runs.at(-1);
  if (last === undefined) return 'never';
  return last.to === null
    ? `since ${minute(last.from)}`
    : `${minute(last.from)} to ${minute(last.to)}, ${last.ended}`;
};

const rowOf = (model: Model): string[] => [
  ...[model.version, model.modelType, model.status, orDash(model.verdict), figure(model.metrics.mape)],
  ...[minute(model.createdAt), ranText(model)],
];
const HEADER = ['version', 'model', 'status', 'verdict', 'MAPE %', 'made', 'ran'];

export function listCommand(cli: Cli): Command {
  const command = new Command('list')
    .description('Lists the versions of a site’s model, newest first, with when each ran.')
    .argument('<system>', 'id of the site')
    .action(async (systemId: string, wishes: ListWishes) => {
      const { api } = serviceOf(wishes, cli);
      const found = await listOf(wishes, (query) =>
        answerOf(api.GET('/api/v1/ml/systems/{systemId}/models', { params: { path: { systemId }, query } })),
      );
      printList(found, wishes, cli, (items) => columnLines(HEADER, items.map(rowOf)));
    });
  return withService(withLimit(command), 'ml:read', ['lifo4-ml models list plant-7']);
}

function modelLines(model: Model): readonly string[] {
  const { systemId, version, modelType, status, verdict, keptReason, metrics, artifact, dataSet, seed } =
    model;
  const rows = model.members.map(({ model: name, outcome, weight, metrics: own }) => [
    ...[name, outcome, figure(weight * 100, 0), figure(own?.mape), figure(own?.rmse, 1)],
  ]);
  return [
    `  site       ${systemId}`,
    `  version    ${version}, ${modelType}, ${status}`,
    `  verdict    ${orDash(verdict)}${keptReason === null ? '' : `: ${plain(keptReason)}`}`,
    `  MAPE       ${figure(metrics.mape)} % (1st day ${figure(metrics.mape24h)} %, 2nd ${figure(metrics.mape48h)} %)`,
    `  RMSE       ${figure(metrics.rmse, 1)} kW`,
    `  in band    ${figure(metrics.coverage90, 0)} %`,
    `  data       ${orDash(dataSet?.checksum)}`,
    `  seed       ${orDash(seed?.toString())}`,
    `  file       ${artifact.checksum}, ${artifact.size} bytes`,
    `  job        ${model.jobId}`,
    `  ran        ${ranText(model)}`,
    ...['', ...columnLines(['model', 'outcome', 'weight', 'MAPE %', 'RMSE kW'], rows)],
  ];
}

export function showCommand(cli: Cli): Command {
  const command = new Command('show')
    .description('Shows a version: its figures, where it comes from and where it ran.')
    .argument('<system>', 'id of the site')
    .argument('<version>', 'the version, for example 1.3.0')
    .action(async (systemId: string, version: string, wishes: ServiceWishes) => {
      const { api } = serviceOf(wishes, cli);
      const params = { path: { systemId, version } };
      const found = await answerOf(api.GET('/api/v1/ml/systems/{systemId}/models/{version}', { params }));
      printOne(found, wishes, cli, modelLines);
    });
  return withService(command, 'ml:read', ['lifo4-ml models show plant-7 1.3.0']);
}
