import { Command, Option } from 'commander';
import type { RestoreRequest } from '../../client/client.ts';
import { type Cli, print } from '../cli.ts';
import { Refused } from '../failure.ts';
import { answerOf, printOne, type Service, type ServiceWishes, serviceOf, withService } from './service.ts';
import { deploymentLines, watchDeployment } from './watch.ts';

/** Versions that a person wants on a device, over the API of a running service. */

type ModelType = NonNullable<RestoreRequest['modelType']>;
const MODEL_TYPES: readonly ModelType[] = ['ensemble', 'xgboost', 'lstm', 'prophet', 'linear', 'profile'];

interface DeployWishes extends ServiceWishes {
  readonly modelType?: ModelType;
  readonly replace?: true;
  readonly watch?: true;
}

async function deploy(
  service: Service,
  system: string,
  version: string,
  wishes: DeployWishes,
): Promise<void> {
  const { modelType, replace = false, watch } = wishes;
  const call = {
    params: { path: { systemId: system, version } },
    body: { replace, ...(modelType === undefined ? {} : { modelType }) },
  };
  const route = '/api/v1/ml/systems/{systemId}/models/{version}/restore' as const;
  const offered = await answerOf(service.api.POST(route, call));
  if (!watch) return printOne(offered, wishes, service.cli, deploymentLines);
  print(service.cli.stderr, [`  deployment ${offered.deploymentId} of ${version}`]);
  await watchDeployment(service, offered.deploymentId, wishes);
}

const withDeployment = (command: Command): Command =>
  command
    .option('--replace', 'also when another restore is still on offer, which then ends')
    .option('--watch', 'wait for the device’s answer');

/** `lifo4-ml deploy` */
export function deployCommand(cli: Cli): Command {
  const command = new Command('deploy')
    .summary('put a version of a site’s model on its device')
    .description(
      'Offers a version to the site’s device, whatever the gate decided on it; the device proves it before it serves.',
    )
    .argument('<system>', 'id of the site')
    .argument('<version>', 'the version, for example 1.3.0: see "lifo4-ml models list"')
    .addOption(
      new Option('--model-type <type>', 'a model of that version (default: the one that was judged)').choices(
        MODEL_TYPES,
      ),
    )
    .action((system: string, version: string, wishes: DeployWishes) =>
      deploy(serviceOf(wishes, cli), system, version, wishes),
    );
  return withService(withDeployment(command), 'ml:deploy', ['lifo4-ml deploy plant-7 1.3.0 --watch']);
}

async function rollback(system: string, wishes: DeployWishes, cli: Cli): Promise<void> {
  const service = serviceOf(wishes, cli);
  const params = { path: { systemId: system } };
  const { running, previous } = await answerOf(
    service.api.GET('/api/v1/ml/systems/{systemId}/at', { params }),
  );
  if (previous === null)
    throw new Refused(
      'no-previous',
      `${system} has run ${running === null ? 'no model' : `${running.version} alone`}: see "lifo4-ml models list ${system}", and deploy one`,
    );
  print(cli.stderr, [`  ${system}: ${running?.version ?? 'none'} → ${previous.version}`]);
  await deploy(service, system, previous.version, wishes);
}

/** `lifo4-ml rollback` */
export function rollbackCommand(cli: Cli): Command {
  const command = new Command('rollback')
    .summary('put the version back that a site ran before')
    .description('Offers a site’s device the version that it ran before the one it runs now.')
    .argument('<system>', 'id of the site')
    .action((system: string, wishes: DeployWishes) => rollback(system, wishes, cli));
  return withService(withDeployment(command), 'ml:deploy', ['lifo4-ml rollback plant-7 --watch']);
}
