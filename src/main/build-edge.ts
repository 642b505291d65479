import { join } from 'node:path';
import { bundleDevice } from '../adapters/esbuild/bundle-device.ts';

/** `npm run build:edge`: the device's program as plain JavaScript in `dist/edge`. */

const root = join(import.meta.dirname, '..', '..');
for (const file of await bundleDevice(root, join(root, 'dist', 'edge'))) process.stdout.write(`${file}\n`);
