import { extname } from 'node:path';

/** The module `name` beside the one at `base`: TypeScript as it is written, JavaScript where the program is bundled. */
export const moduleBeside = (name: string, base: string): URL => new URL(`./${name}${extname(base)}`, base);
