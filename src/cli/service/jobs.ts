import { Command, Option } from 'commander';
import type { JobRow, RetrainRequest } from '../../client/client.ts';
import { type Cli, print } from '../cli.ts';
import { wholeNumber } from '../options.ts';
import { columnLines, minute, orDash } from '../output/columns.ts';
import {
  answerOf,
  type ListWishes,
  listOf,
  printList,
  printOne,
  type ServiceWishes,
  serviceOf,
  siteFilter,
  withLimit,
  withService,
} from './service.ts';
import { jobLines, readJob, watchJob } from './watch.ts';

/** Training jobs over the API of a running service. */

const MODEL_TYPES: readonly NonNullable<RetrainRequest['modelType']>[] = [
  ...(['ensemble', 'xgboost', 'lstm', 'prophet', 'linear', 'profile'] as const),
];
const STATES: readonly JobRow['status'][] = [
  ...(['pending', 'training', 'evaluated', 'deployed', 'kept'] as const),
  ...(['acked', 'rolledback', 'undelivered', 'failed', 'cancelled'] as const),
];

interface RetrainWishes extends ServiceWishes {
  readonly modelType?: NonNullable<RetrainRequest['modelType']>;
  readonly members?: NonNullable<RetrainRequest['members']>;
  readonly windowDays?: number;
  readonly force?: true;
  readonly watch?: true;
}

async function retrain(systemId: string, wishes: RetrainWishes, cli: Cli): Promise<void> {
  const { modelType, members, windowDays, force } = wishes;
  const service = serviceOf(wishes, cli);
  const body: RetrainRequest = {
    systemId,
    ...(modelType === undefined ? {} : { modelType }),
    ...(members === undefined ? {} : { members }),
    ...(windowDays === undefined ? {} : { trainingWindowDays: windowDays }),
    ...(force === undefined ? {} : { forceRedeploy: force }),
  };
  const accepted = await answerOf(service.api.POST('/api/v1/ml/retrain', { body }));
  if (!wishes.watch)
    return printOne(accepted, wishes, cli, ({ jobId, status }) => [
      `job ${jobId} is ${status}`,
      `lifo4-ml watch ${jobId}`,
    ]);
  print(cli.stderr, [`  job ${accepted.jobId}`]);
  await watchJob(service, accepted.jobId, wishes);
}

/** `lifo4-ml retrain` */
export function retrainCommand(cli: Cli): Command {
  const command = new Command('retrain')
    .summary('train a site’s models anew, and deploy the better one')
    .description(
      'Trains a site’s models on its newest data; the gate deploys the new one if it is good enough and better than the one in service.',
    )
    .argument('<system>', 'id of the site')
    .addOption(
      new Option('--model-type <type>', 'what is judged and deployed (default: ensemble)').choices(
        MODEL_TYPES,
      ),
    )
    .addOption(
      new Option('--members <which>', 'models of the ensemble (default: all)').choices(['all', 'documented']),
    )
    .option('--window-days <number>', 'days to learn from (default: 90)', wholeNumber(30, 1_095))
    .option('--force', 'skip the comparison with the model in service, nothing else')
    .option('--watch', 'follow the job to its end')
    .action((systemId: string, wishes: RetrainWishes) => retrain(systemId, wishes, cli));
  return withService(command, 'ml:train', ['lifo4-ml retrain plant-7 --watch']);
}

const rowOf = ({ jobId, systemId, status, version, trigger, createdAt, reason }: JobRow): string[] => [
  ...[jobId, systemId, status, orDash(version), trigger, minute(createdAt)],
  (reason ?? '').slice(0, 60),
];
const HEADER = ['job', 'site', 'status', 'version', 'by', 'asked for', 'reason'];

interface JobsWishes extends ListWishes {
  readonly system?: string;
  readonly status?: JobRow['status'];
}

async function list(wishes: JobsWishes, cli: Cli): Promise<void> {
  const { api } = serviceOf(wishes, cli);
  const filter = siteFilter(wishes);
  const found = await listOf(wishes, (page) =>
    answerOf(api.GET('/api/v1/ml/training-jobs', { params: { query: { ...filter, ...page } } })),
  );
  printList(found, wishes, cli, (items) => columnLines(HEADER, items.map(rowOf)));
}

function showCommand(cli: Cli): Command {
  const command = new Command('show')
    .description('Shows a job: its decision, its models and what became of it.')
    .argument('<job>', 'id of the job')
    .action(async (jobId: string, wishes: ServiceWishes) =>
      printOne(await readJob(serviceOf(wishes, cli), jobId), wishes, cli, jobLines),
    );
  return withService(command, 'ml:read', ['lifo4-ml jobs show 0197a3c2-7d1e-7c55-9a43-5a3b3f6f2d10']);
}

function cancelCommand(cli: Cli): Command {
  const command = new Command('cancel')
    .description('Cancels a job that has not deployed its model yet.')
    .argument('<job>', 'id of the job')
    .option('--reason <text>', 'for the record')
    .action(async (jobId: string, wishes: ServiceWishes & { readonly reason?: string }) => {
      const { api } = serviceOf(wishes, cli);
      const { reason } = wishes;
      const call = { params: { path: { jobId } }, body: reason === undefined ? {} : { reason } };
      const job = await answerOf(api.POST('/api/v1/ml/training-jobs/{jobId}/cancel', call));
      printOne(job, wishes, cli, ({ status }) => [`job ${jobId} is ${status}`]);
    });
  return withService(command, 'ml:train', ['lifo4-ml jobs cancel 0197a3c2-… --reason "wrong window"']);
}

/** `lifo4-ml jobs` */
export function jobsCommand(cli: Cli): Command {
  const listing = new Command('list')
    .description('Lists training jobs, newest first.')
    .option('--system <id>', 'of one site')
    .addOption(new Option('--status <status>', 'in one status').choices(STATES))
    .action((wishes: JobsWishes) => list(wishes, cli));
  const examples = ['lifo4-ml jobs list --system plant-7', 'lifo4-ml jobs list --status failed --json'];
  return new Command('jobs')
    .summary('list, show and cancel training jobs')
    .description('Lists, shows and cancels training jobs, over the API of a running service.')
    .addCommand(withService(withLimit(listing), 'ml:read', examples), { isDefault: true })
    .addCommand(showCommand(cli))
    .addCommand(cancelCommand(cli));
}
