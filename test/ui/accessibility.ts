import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** What axe objects to on the page as it stands, as `rule: element`; empty when all its rules hold. */
export async function violations(page: Page): Promise<readonly string[]> {
  // The page's policy allows no script but its own; the debugger's evaluation is not the page's.
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
  });
}
