import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventCatalogue } from './event-catalogue.ts';

/** `npm run docs:events`: the catalogue of events, from the schemas and machines of this very program. */

const file = join(import.meta.dirname, '..', '..', 'docs', 'events.md');
await writeFile(file, eventCatalogue());
process.stdout.write(`${file}\n`);
