import { writeFile } from 'node:fs/promises';
import { contentOf, fileOf, pages } from './pages.ts';

/** Writes the dashboards' files: `npm run dashboards`. */
await Promise.all(pages.map((page) => writeFile(fileOf(page), contentOf(page))));
