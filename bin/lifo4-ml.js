#!/usr/bin/env node
// The program is TypeScript that Node runs directly, which older ones cannot: this file, plain JavaScript that any
// Node understands, hands over to the project's own Node where the machine's is too old.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LEAST = [24, 15];
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const program = join(root, 'src', 'cli', 'main.ts');

const [major, minor] = process.versions.node.split('.').map(Number);
const recent = major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1]);

function handOver(node) {
  const child = spawn(node, [program, ...process.argv.slice(2)], { stdio: 'inherit' });
  // Ctrl-C reaches the whole process group; what is sent to this process alone is passed on.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
  child.on('error', (error) => {
    process.stderr.write(`lifo4-ml: ${node} cannot be started: ${error.message}\n`);
    process.exitCode = 2;
  });
}

const own = join(root, 'node_modules', 'node', 'bin', 'node');
if (recent) {
  await import(program);
} else if (existsSync(own)) {
  handOver(own);
} else {
  process.stderr.write(
    `lifo4-ml: this is Node ${process.versions.node}, and ${LEAST.join('.')} or newer is needed: run npm install in ${root}, which brings one, or install a newer Node\n`,
  );
  process.exitCode = 2;
}
