import { runCommand } from './command.ts';

await runCommand({ script: 'bench', folder: import.meta.dirname }, process.argv.slice(2));
