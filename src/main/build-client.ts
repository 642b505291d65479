import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clientTypes } from './client-types.ts';

/** `npm run client`: the types of the client, from the API document of this very program. */

const file = join(import.meta.dirname, '..', 'client', 'api.ts');
await writeFile(file, await clientTypes());
process.stdout.write(`${file}\n`);
