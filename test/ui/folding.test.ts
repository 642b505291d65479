import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StreamSteps } from '../../src/client/client.ts';
import { createEventReader, type ServerEvent } from '../../src/client/event-reader.ts';
import { presentInstant } from '../../src/http/present/instant.ts';
import { presentSteps } from '../../src/http/present/steps.ts';
import { trainingJob } from '../../src/machines/training-job.ts';
import { explain } from '../../src/visualizer/explain.ts';
import { historyOf, marksOf } from '../../src/visualizer/steps.ts';
import { extended, instantOf } from '../../web/fold.ts';
import { jobStory } from './story.ts';

const machine = { name: trainingJob.name, version: trainingJob.version };
const page = (count: number, after = 0): StreamSteps =>
  JSON.parse(
    JSON.stringify({
      ...{ streamId: 'training-job-01JOB', machine, definition: trainingJob.definition },
      ...presentSteps(trainingJob, jobStory.slice(0, count), after, 1000),
    }),
  );

describe('the page’s own fold', () => {
  it.each([0, ...jobStory.map((_, i) => i + 1)])('says what the server says after %i facts', (count) => {
    const history = historyOf(trainingJob, jobStory.slice(0, count));
    const shown = instantOf(extended(null, page(jobStory.length)), count);
    const { version, state, context, refused, legal, barred } = JSON.parse(
      JSON.stringify(presentInstant(trainingJob.name, explain(trainingJob, history))),
    );
    expect(shown).toMatchObject({ version, state, context });
    expect(shown.refused).toEqual(refused);
    expect(shown.legal).toEqual(legal);
    expect(shown.barred).toEqual(barred);
    const { current, last, taken, refused: missed, possible } = marksOf(trainingJob, history);
    expect(shown.marks).toMatchObject({ current, last });
    expect([...shown.marks.taken]).toEqual(taken);
    expect([...shown.marks.refused]).toEqual(missed);
    expect([...shown.marks.possible]).toEqual(possible);
  });

  it('is the same in pages and in one, and takes no page twice', () => {
    const whole = extended(null, page(5));
    const inPages = extended(extended(null, page(2)), page(5, 2));
    expect(inPages).toEqual(whole);
    expect(extended(inPages, page(4, 2))).toEqual(whole);
  });
});

const STREAM = [
  ': a comment',
  'id: 7',
  'event: fact',
  'data: {"type":"JobRequested",',
  'data:  "ünï":"🔋"}',
  '',
  'event: fact',
  'id: 8',
  'data: two',
  '',
  'data',
  'id: with\0null',
  '',
  'id: 9',
  '',
  'data: unfinished',
];

const read = (pieces: readonly string[]) => {
  const events: ServerEvent[] = [];
  const reader = createEventReader((event) => events.push(event));
  for (const piece of pieces) reader.feed(piece);
  return { events, lastId: reader.lastId() };
};

const expected = [
  { event: 'fact', data: '{"type":"JobRequested",\n "ünï":"🔋"}' },
  { event: 'fact', data: 'two' },
  { event: 'message', data: '' },
];

describe('server-sent events', () => {
  it.each([
    ['LF', '\n'],
    ['CR LF', '\r\n'],
    ['CR', '\r'],
  ])('end with %s, however they are cut', (_, end) => {
    const text = STREAM.join(end);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), text.length];
        const pieces = places.slice(1).map((place, i) => text.slice(places[i], place));
        expect(read(pieces)).toEqual({ events: expected, lastId: '9' });
      }),
    );
  });
});
