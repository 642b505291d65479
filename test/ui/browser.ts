import { existsSync } from 'node:fs';
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const EXECUTABLE = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Where there is no Chromium the browser tests are skipped, but never in CI: there it is a failure. */
export const browserMissing = !existsSync(EXECUTABLE) && process.env['CI'] !== 'true';
if (browserMissing) process.stderr.write(`browser tests are skipped: no Chromium at ${EXECUTABLE}\n`);

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Browser {
  /** A fresh profile; `complaints` collects what the browser's console and the policy object to. */
  open(
    options?: BrowserContextOptions,
  ): Promise<{ context: BrowserContext; page: Page; complaints: string[] }>;
  close(): Promise<void>;
}

export async function startBrowser(): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: EXECUTABLE, headless: true, args: flags });
  return {
    async open(options = {}) {
      const context = await browser.newContext(options);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('console', (message) => {
        const text = message.text();
        // A server that is down, or refuses, is part of the tests; the browser notes it as an error.
        if (message.type() === 'error' && !text.startsWith('Failed to load resource')) complaints.push(text);
      });
      return { context, page, complaints };
    },
    close: () => browser.close(),
  };
}
