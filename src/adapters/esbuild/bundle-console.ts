import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { build, type Metafile, type OutputFile } from 'esbuild';
import type { ConsoleAssets, ConsoleFile } from '../../ports/console-assets.ts';

const ASSETS = '/ui/assets';
/** The first that know `light-dark()`, dialogs and popovers. */
const BROWSERS = ['chrome123', 'edge123', 'firefox125', 'safari17.5'];

const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const contentTypes: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

const compress = promisify(gzip);

const addressOf = (path: string): string => `${ASSETS}/${basename(path)}`;

async function fileOf(body: Uint8Array, contentType: string, cacheControl: string): Promise<ConsoleFile> {
  const hash = createHash('sha256').update(body).digest('base64url');
  return { body, contentType, cacheControl, etag: `"${hash}"`, gzipped: await compress(body, { level: 9 }) };
}

async function servedFile({ path, contents }: OutputFile): Promise<readonly [string, ConsoleFile]> {
  const contentType = contentTypes[extname(path)] ?? 'application/octet-stream';
  // The name carries the content's hash, so it never means anything else.
  const file = await fileOf(contents, contentType, 'public, max-age=31536000, immutable');
  return [addressOf(path), file];
}

/** Where the bundle of `source` lies. Pages that are fetched when they are opened are entries too. */
function outputOf({ outputs }: Metafile, source: string): string {
  const found = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === source);
  if (found === undefined) throw new Error(`the console's index.html names ${source}, which was not built`);
  return found[0];
}

/** The scripts that the entry cannot begin without: fetched beside it instead of after it. */
function preloads(metafile: Metafile, entry: string): readonly string[] {
  const imports = metafile.outputs[entry]?.imports ?? [];
  return imports.flatMap(({ kind, path }) => (kind === 'import-statement' ? [path] : []));
}

/** `href="app.css"` becomes the address under which the bundled file is served. */
function withAddresses(html: string, metafile: Metafile): string {
  const script = outputOf(metafile, 'app.tsx');
  const ahead = preloads(metafile, script).map(
    (path) => `<link rel="modulepreload" href="${addressOf(path)}" />`,
  );
  return html
    .replace('"app.js"', `"${addressOf(script)}"`)
    .replace('"app.css"', `"${addressOf(outputOf(metafile, 'app.css'))}"`)
    .replace('</head>', `${ahead.join('')}</head>`);
}

/**
 * Bundles the console's sources in memory: takes tens of milliseconds, writes nothing, needs no build step. What only
 * one page needs is a script of its own, fetched when that page is opened.
 * `folder` holds `index.html`, `app.tsx` and `app.css`. Rejects with esbuild's own messages when a source is
 * broken.
 */
export async function bundleConsole(folder: string): Promise<ConsoleAssets> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: folder,
    entryPoints: ['app.tsx', 'app.css'],
    outdir: join(folder, 'assets'),
    entryNames: '[name]-[hash]',
    chunkNames: 'part-[hash]',
    bundle: true,
    splitting: true,
    metafile: true,
    minify: true,
    write: false,
    format: 'esm',
    target: BROWSERS,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'silent',
  });
  const files = new Map(await Promise.all(outputFiles.map(servedFile)));
  const html = withAddresses(await readFile(join(folder, 'index.html'), 'utf8'), metafile);
  const index = await fileOf(Buffer.from(html), 'text/html; charset=utf-8', 'no-cache');
  return { index, files, contentSecurityPolicy };
}
