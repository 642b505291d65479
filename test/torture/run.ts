import { runCommand } from '../../bench/command.ts';

await runCommand({ script: 'torture', folder: import.meta.dirname }, process.argv.slice(2));
