import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readDeviceSettings } from '../../src/main/device-settings.ts';
import { inProject, readText } from './files.ts';

const unit = await readText('deploy', 'systemd', 'lifo4-ml-edge.service');
const valuesOf = (name: string): readonly string[] =>
  [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].flatMap(([, value = '']) => value.split(' '));

it('the unit of a device runs a file of the program with a command that it has', async () => {
  const [node, program = '', command] = valuesOf('ExecStart');
  expect(node).toBe('/opt/node/bin/node');
  const [installed = ''] = valuesOf('WorkingDirectory');
  expect(existsSync(inProject(program.replace(`${installed}/`, '')))).toBe(true);
  expect(await readText('src', 'cli', 'commands', 'edge.ts')).toContain(`new Command('${command}')`);
});

it('the unit lets the device write its data folder and nothing else', async () => {
  const { dataFolder } = await readDeviceSettings(inProject('deploy', 'device.example.json'));
  expect(valuesOf('ReadWritePaths')).toEqual([dataFolder]);
  expect(valuesOf('ProtectSystem')).toEqual(['strict']);
  expect(valuesOf('User')).not.toEqual(['root']);
});

it('the unit hears the device by way of systemd-notify, and has patience for a forecast that hangs', () => {
  expect(valuesOf('Type')).toEqual(['notify']);
  expect(valuesOf('NotifyAccess')).toEqual(['all']);
  expect(valuesOf('WatchdogSec')).toEqual(['120s']);
});

it('the unit leaves the process of a proof to the device', () => {
  expect(valuesOf('KillMode')).toEqual(['mixed']);
  expect(valuesOf('OOMPolicy')).toEqual(['continue']);
});
