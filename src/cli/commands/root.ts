import { Command, InvalidArgumentError } from 'commander';
import type { KeyChange, PassphraseWishes, RoleFiles, RootWishes } from '../../main/root-ceremony.ts';
import { type Cli, print } from '../cli.ts';
import { wholeNumber, withExamples } from '../options.ts';

/** `lifo4-ml keys …`: the ceremony of the root, from which devices know whom to trust. docs/keys.md walks through it. */

const ceremony = () => import('../../main/root-ceremony.ts');

const ROLES = ['root', 'targets', 'snapshot', 'timestamp'] as const;
const LONGEST_DAYS = 3_650;
const days = wholeNumber(1, LONGEST_DAYS);
const threshold = wholeNumber(1, 20);

function keyChange(text: string, before: readonly KeyChange[] = []): readonly KeyChange[] {
  const [name, key] = text.split('=', 2);
  const role = ROLES.find((each) => each === name);
  if (role === undefined || key === undefined || key === '')
    throw new InvalidArgumentError(`Write ROLE=FILE.pub, with a role of ${ROLES.join(', ')}.`);
  return [...before, { role, key }];
}

const underPassphrase = (command: Command): Command =>
  command.option('--passphrase-file <file>', 'holds the passphrase (default: LIFO4_KEY_PASSPHRASE)');

function makeCommand(cli: Cli): Command {
  const command = new Command('make')
    .description('Makes key files, readable by their owner alone, and their public parts as FILE.pub.')
    .argument('<files...>', 'one for each key')
    .option('--no-passphrase', 'for keys that a program reads by itself')
    .action(async (files: readonly string[], wishes: PassphraseWishes) => {
      const { makeKeys } = await ceremony();
      const ids = await makeKeys(cli.env, files, wishes);
      print(
        cli.stdout,
        files.map((file, index) => `${ids[index]}  ${file}`),
      );
    });
  return withExamples(underPassphrase(command), ['lifo4-ml keys make targets.pem']);
}

function makeRootCommand(cli: Cli): Command {
  const command = new Command('make-root')
    .description('Makes three root keys, for three people to take away and keep offline.')
    .argument('<folder>', 'where root-1.pem, root-2.pem and root-3.pem are written')
    .option('--no-passphrase', 'leave the files unprotected, on media that are locked away')
    .action(async (folder: string, wishes: PassphraseWishes) => {
      const { makeKeys } = await ceremony();
      const files = [1, 2, 3].map((number) => `${folder}/root-${number}.pem`);
      const ids = await makeKeys(cli.env, files, wishes);
      print(
        cli.stdout,
        files.map((file, index) => `${ids[index]}  ${file}`),
      );
      print(cli.stderr, [
        'take each to a place of its own, offline, and remove it here; the .pub files may stay',
      ]);
    });
  return withExamples(underPassphrase(command), [
    'LIFO4_KEY_PASSPHRASE=… lifo4-ml keys make-root ./ceremony',
  ]);
}

function rootCommand(cli: Cli): Command {
  const command = new Command('root')
    .description('Writes the first root from the public keys of all roles, to be signed by its holders.')
    .argument('<file>', 'where it is written, for example 1.root.json')
    .requiredOption('--root <files...>', 'public keys of the root’s holders')
    .requiredOption('--targets <files...>', 'public keys of the signer')
    .requiredOption('--snapshot <files...>', 'public keys of the cloud nodes for the snapshot')
    .requiredOption('--timestamp <files...>', 'public keys of the cloud nodes for the timestamp')
    .option('--threshold <number>', 'root keys that must sign', threshold, 2)
    .option('--days <number>', 'how long it holds', days, 365)
    .action(async (file: string, wishes: RoleFiles & RootWishes) => {
      const { describeRoot, firstRoot } = await ceremony();
      await firstRoot(file, wishes, wishes);
      print(cli.stdout, await describeRoot(file));
    });
  return withExamples(command, [
    'lifo4-ml keys root 1.root.json --root root-*.pub --targets t.pub --snapshot s.pub --timestamp ts.pub',
  ]);
}

interface NextWishes extends RootWishes {
  readonly add?: readonly KeyChange[];
  readonly remove?: readonly KeyChange[];
}

function nextRootCommand(cli: Cli): Command {
  const command = new Command('next-root')
    .summary('rotate, revoke or replace keys, or renew the root')
    .description(
      'Writes the root that follows another one: with keys added and removed (rotated, revoked, replaced), or with a later end alone. Enough holders of the one before, and of the new one, must sign it.',
    )
    .argument('<previous>', 'the root that is published')
    .argument('<file>', 'where the next one is written')
    .option('--add <role=file>', 'a public key for a role; may be repeated', keyChange)
    .option(
      '--remove <role=key>',
      'a public key file, or the beginning of a key’s id; may be repeated',
      keyChange,
    )
    .option('--threshold <number>', 'root keys that must sign', threshold)
    .option('--days <number>', 'how long it holds', days, 365)
    .action(async (previous: string, file: string, { add = [], remove = [], ...wishes }: NextWishes) => {
      const { describeRoot, nextRoot } = await ceremony();
      await nextRoot(previous, file, { ...wishes, add, remove });
      print(cli.stdout, await describeRoot(file));
    });
  return withExamples(command, [
    'lifo4-ml keys next-root 1.root.json 2.root.json --remove timestamp=4f1c… --add timestamp=new.pem.pub',
  ]);
}

function signRootCommand(cli: Cli): Command {
  const command = new Command('sign-root')
    .description('Adds the signature of one holder to a root, in its file.')
    .argument('<file>', 'the root')
    .requiredOption('--key <file>', 'the holder’s root key')
    .action(async (file: string, wishes: PassphraseWishes & { readonly key: string }) => {
      const { describeRoot, signRoot } = await ceremony();
      await signRoot(cli.env, file, wishes);
      print(cli.stdout, await describeRoot(file));
    });
  return withExamples(underPassphrase(command), ['lifo4-ml keys sign-root 2.root.json --key root-1.pem']);
}

function showRootCommand(cli: Cli): Command {
  return new Command('show-root')
    .description('Shows what keys a root names, and who has signed it.')
    .argument('<file>', 'the root')
    .action(async (file: string) => {
      const { describeRoot } = await ceremony();
      print(cli.stdout, await describeRoot(file));
    });
}

function publishRootCommand(cli: Cli): Command {
  const command = new Command('publish-root')
    .description(
      'Publishes a root that is signed by enough holders, in the cloud’s database (DATABASE_URL). Devices go on from it.',
    )
    .argument('<file>', 'the root')
    .action(async (file: string) => {
      const { publishRootFile } = await ceremony();
      print(cli.stdout, [`root ${await publishRootFile(cli.env, file)} is published`]);
    });
  return withExamples(command, ['DATABASE_URL=postgres://… lifo4-ml keys publish-root 1.root.json']);
}

/** The commands below `lifo4-ml keys` for the root and its keys. */
export const rootCommands = (cli: Cli): readonly Command[] => [
  makeRootCommand(cli),
  makeCommand(cli),
  rootCommand(cli),
  nextRootCommand(cli),
  signRootCommand(cli),
  showRootCommand(cli),
  publishRootCommand(cli),
];
