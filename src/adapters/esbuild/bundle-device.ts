import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

/** Modules that run on their own: the device, what proves models for it, and the thread that watches over that. */
const ENTRIES = ['src/main/edge.ts', 'src/main/proof-process.ts', 'src/adapters/child-process/watchdog.ts'];

/** Packages written as CommonJS ask for Node's own modules by `require`. */
const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

/**
 * Bundles the device's program as plain JavaScript into `folder`, which is emptied first: a device that runs it needs
 * no TypeScript in memory and, of all packages, onnxruntime-node alone. `root` is the project's folder. Resolves with
 * the names of the files that can be run. Rejects with esbuild's own messages.
 */
export async function bundleDevice(root: string, folder: string): Promise<readonly string[]> {
  await rm(folder, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: [...ENTRIES],
    outdir: folder,
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    minify: true,
    // Errors and refusals are told apart by their names.
    keepNames: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    external: ['onnxruntime-node'],
    banner: { js: REQUIRE },
    legalComments: 'none',
    logLevel: 'silent',
  });
  return ENTRIES.map((entry) => join(folder, basename(entry).replace(/ts$/, 'js')));
}
