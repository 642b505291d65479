import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { factTypes } from '../../src/events/catalogue.ts';
import { eventCatalogue } from '../../src/main/event-catalogue.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'events.md'), 'utf8');

describe('the catalogue of events', () => {
  it('is what the schemas and machines say: otherwise `npm run docs:events`', () => {
    expect(page).toBe(eventCatalogue());
  });

  it('has every type of fact once, with a move that it makes', () => {
    const headings = [...page.matchAll(/^### (\w+)$/gm)].map(([, type]) => type);
    expect(headings.toSorted()).toEqual(factTypes.map(({ type }) => type).toSorted());
    expect([...page.matchAll(/^Version \d+\. Moves: (stays|`)/gm)]).toHaveLength(factTypes.length);
  });
});
