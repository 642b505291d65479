import { Command } from 'commander';
import { type NatsSetup, setUpNats } from '../../main/nats-setup.ts';
import { type Cli, print } from '../cli.ts';
import { UsageError } from '../failure.ts';
import { withExamples } from '../options.ts';

interface Wishes {
  readonly out: string;
  readonly name: string;
  readonly listen: string;
  readonly mqttListen: string;
  readonly monitor?: string;
  readonly host?: string;
  readonly store?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsClientCa?: string;
  readonly newPassword?: true;
}

function tlsOf({ tlsCert, tlsKey, tlsClientCa }: Wishes): NatsSetup['tls'] {
  if (tlsCert === undefined && tlsKey === undefined && tlsClientCa === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined)
    throw new UsageError('--tls-cert and --tls-key are needed together');
  return { cert: tlsCert, key: tlsKey, clientAuthority: tlsClientCa };
}

const setupOf = (wishes: Wishes): NatsSetup => ({
  folder: wishes.out,
  serverName: wishes.name,
  listen: wishes.listen,
  mqttListen: wishes.mqttListen,
  monitorListen: wishes.monitor,
  host: wishes.host,
  storeFolder: wishes.store,
  tls: tlsOf(wishes),
  renew: wishes.newPassword === true,
});

function configCommand(cli: Cli): Command {
  const command = new Command('config')
    .summary('write the configuration of a NATS server, and the cloud’s settings for it')
    .description(
      'Writes nats-server.conf and nats.env. Devices are not in it: the server asks the cloud about each login. Run again, it keeps the password.',
    )
    .option('--out <folder>', 'where to write', 'nats')
    .option('--name <name>', 'name of the server, unique in a cluster', 'lifo4-1')
    .option('--listen <host:port>', 'for the cloud and programs that read events', '127.0.0.1:4222')
    .option('--mqtt-listen <host:port>', 'for devices', '127.0.0.1:1883')
    .option('--monitor <host:port>', 'for health checks, /healthz; none when left out')
    .option('--host <name>', 'under which the cloud reaches the server (default: where it listens)')
    .option('--store <folder>', 'where the server keeps its data (default: store in the folder)')
    .option('--tls-cert <file>', 'certificate of the server, PEM, by its path there')
    .option('--tls-key <file>', 'its key')
    .option('--tls-client-ca <file>', 'authority whose certificates clients must show (mutual TLS)')
    .option(
      '--new-password',
      'take another password: restart the cloud with the new nats.env after the reload',
    )
    .action(async (wishes: Wishes) => {
      const { config, environment, pidFile, isRenewed } = await setUpNats(setupOf(wishes));
      print(cli.stdout, [
        `${config}: start with nats-server -c ${config}, take over changes with nats-server --signal reload=${pidFile}`,
        `${environment}: NATS_URL and MQTT_URL for the cloud${isRenewed ? ', with a new password' : ''}`,
      ]);
    });
  return withExamples(command, [
    'lifo4-ml nats config --out /etc/lifo4-ml/nats --listen 0.0.0.0:4222 --mqtt-listen 0.0.0.0:1883 --host nats.internal',
  ]);
}

/** `lifo4-ml nats config` */
export function natsCommand(cli: Cli): Command {
  return new Command('nats')
    .summary('set up a NATS server for devices and events')
    .description('Sets up a NATS server for devices and events.')
    .addCommand(configCommand(cli));
}
