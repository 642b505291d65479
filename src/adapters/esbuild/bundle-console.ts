import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { build, type OutputFile } from 'esbuild';
import type { ConsoleAssets, ConsoleFile } from '../../ports/console-assets.ts';

const ASSETS = '/ui/assets';
const BROWSERS = ['chrome120', 'edge120', 'firefox121', 'safari17.4'];

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

async function fileOf(body: Uint8Array, contentType: string, cacheControl: string): Promise<ConsoleFile> {
  const hash = createHash('sha256').update(body).digest('base64url');
  return { body, contentType, cacheControl, etag: `"${hash}"`, gzipped: await compress(body, { level: 9 }) };
}

async function servedFile({ path, contents }: OutputFile): Promise<readonly [string, ConsoleFile]> {
  const contentType = contentTypes[extname(path)] ?? 'application/octet-stream';
  // The name carries the content's hash, so it never means anything else.
  const file = await fileOf(contents, contentType, 'public, max-age=31536000, immutable');
  return [`${ASSETS}/${basename(path)}`, file];
}

/** `href="app.css"` becomes the address under which the bundled file is served. */
function withAddresses(html: string, addresses: readonly string[]): string {
  return html.replaceAll(/(?<=(?:href|src)=")app(?=\.(js|css)")\.\w+/g, (name) => {
    const address = addresses.find((candidate) => extname(candidate) === extname(name));
    if (address === undefined) throw new Error(`the console's index.html names ${name}, which was not built`);
    return address;
  });
}

/**
 * Bundles the console's sources in memory: takes tens of milliseconds, writes nothing, needs no build step.
 * `folder` holds `index.html`, `app.tsx` and `app.css`. Rejects with esbuild's own messages when a source is
 * broken.
 */
export async function bundleConsole(folder: string): Promise<ConsoleAssets> {
  const { outputFiles } = await build({
    absWorkingDir: folder,
    entryPoints: ['app.tsx', 'app.css'],
    outdir: join(folder, 'assets'),
    entryNames: '[name]-[hash]',
    bundle: true,
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
  const html = withAddresses(await readFile(join(folder, 'index.html'), 'utf8'), [...files.keys()]);
  const index = await fileOf(Buffer.from(html), 'text/html; charset=utf-8', 'no-cache');
  return { index, files, contentSecurityPolicy };
}
