import { open, unlink } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { answerOf, type RestoreRequest } from '../../client/client.ts';
import { type ApiWishes, createApi, FILE_TIMEOUT_MS } from '../api.ts';
import { type Cli, print, printJson } from '../cli.ts';
import { Refused, UsageError } from '../failure.ts';
import { jsonOption, withExamples } from '../options.ts';
import { listCommand, showCommand } from '../service/models.ts';

/** Commands for the models of sites, over the API of a running service. */

type ModelType = NonNullable<RestoreRequest['modelType']>;
const MODELS: readonly ModelType[] = ['ensemble', 'xgboost', 'lstm', 'prophet', 'linear', 'profile'];

interface ExportWishes extends ApiWishes {
  readonly out: string;
  readonly modelType?: ModelType;
  readonly replace?: true;
  readonly json?: true;
}

async function openNew(path: string) {
  return open(path, 'wx').catch((error: NodeJS.ErrnoException) => {
    const problem =
      error.code === 'EEXIST' ? 'exists already: name another file' : `cannot be written (${error.code})`;
    throw new UsageError(`--out: ${path} ${problem}`, { cause: error });
  });
}

/** The whole body in a new file; none is left when it does not come whole. */
async function intoNewFile(path: string, ask: () => Promise<Response>): Promise<Response> {
  const file = await openNew(path);
  try {
    const response = await ask();
    for await (const chunk of response.body ?? []) await file.writeFile(chunk);
    await file.sync();
    return response;
  } catch (error) {
    await unlink(path);
    throw error instanceof TypeError
      ? new Refused('broken-off', 'the file did not come whole: export it again')
      : error;
  } finally {
    await file.close();
  }
}

async function exportModel(system: string, version: string, wishes: ExportWishes, cli: Cli): Promise<void> {
  const { out, modelType, replace = false } = wishes;
  const call = {
    params: { path: { systemId: system, version } },
    body: { replace, ...(modelType === undefined ? {} : { modelType }) },
    parseAs: 'stream',
  } as const;
  const { headers } = await intoNewFile(out, async () => {
    const api = createApi(wishes, cli, FILE_TIMEOUT_MS);
    const answer = api.POST('/api/v1/ml/systems/{systemId}/models/{version}/install-file', call);
    await answerOf(answer);
    return (await answer).response;
  });
  const deploymentId = headers.get('location')?.split('/').at(-1) ?? '';
  const until = headers.get('install-file-until') ?? '';
  if (wishes.json) printJson(cli.stdout, { systemId: system, version, deploymentId, until, file: out });
  else print(cli.stdout, [`deployment ${deploymentId}`, `file       ${out}`, `good until ${until}`]);
}

function exportCommand(cli: Cli): Command {
  const command = new Command('export')
    .description(
      'Deploys a version by a file that is carried to the site’s device: "lifo4-ml edge install" takes it there. Says until when it is good.',
    )
    .argument('<system>', 'id of the site')
    .argument('<version>', 'the version, for example 1.3.0')
    .requiredOption('--out <file>', 'the file to write, on a stick for example')
    .addOption(
      new Option('--model-type <type>', 'a model of that version (default: the one that was judged)').choices(
        MODELS,
      ),
    )
    .option('--replace', 'also when another restore is still on offer, which then ends')
    .option('--url <address>', 'the service (default: http://127.0.0.1:8420, or LIFO4_URL)')
    .option('--token <token>', 'a token with the scope ml:deploy (default: LIFO4_TOKEN)')
    .addOption(jsonOption())
    .action((system: string, version: string, wishes: ExportWishes) =>
      exportModel(system, version, wishes, cli),
    );
  return withExamples(command, ['lifo4-ml models export plant-7 1.3.0 --out /media/usb/plant-7.lifo4']);
}

/** `lifo4-ml models list|show|export` */
export function modelsCommand(cli: Cli): Command {
  return new Command('models')
    .summary('list and show models of sites, carry them to their devices')
    .description(
      'Lists and shows models of sites and carries them to their devices, over the API of a running service.',
    )
    .addCommand(listCommand(cli))
    .addCommand(showCommand(cli))
    .addCommand(exportCommand(cli));
}
