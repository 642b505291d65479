import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordedFact } from '../events/envelope.ts';
import { machineByName, machines } from '../machines/catalogue.ts';
import type { MachineDefinition } from '../machines/lifecycle.ts';
import { trainingJob } from '../machines/training-job.ts';
import { transitionId } from './chart.ts';
import { drawMachine } from './draw.ts';
import { type Box, layoutMachine, type MachineLayout } from './layout.ts';
import { noMarks } from './marks.ts';
import { toMermaid } from './mermaid.ts';
import { historyOf, marksOf } from './steps.ts';
import { escapeXml } from './svg.ts';
import { createVisualizer, UnknownMachine } from './visualizer.ts';

const layouts = new Map<string, MachineLayout>();
for (const { name, definition } of machines) layouts.set(name, await layoutMachine(definition));
const layoutOf = (name: string): MachineLayout =>
  layouts.get(name) ?? { name, version: 1, width: 0, height: 0, states: [], groups: [], moves: [] };

const idsOf = ({ states }: MachineDefinition) =>
  states.flatMap(({ name, transitions }) => transitions.map(({ fact }) => transitionId(name, fact)));

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

let eventNumber = 0;
function recorded(version: number, type: string, data: unknown): RecordedFact {
  eventNumber += 1;
  return {
    streamId: 'training-job-j1',
    version,
    eventId: `e${eventNumber}`,
    fact: { type, data },
    metadata: {
      actor: 'a1',
      correlationId: 'c1',
      tenant: 't1',
      systemId: 'bess-456',
      machine: 'training-job@1',
      schema: 1,
      at: `2026-01-05T06:0${version}:00Z`,
    },
    recordedAt: '2026-01-05T06:00:00Z',
  };
}
const history = [
  recorded(1, 'JobRequested', { jobId: 'j1', systemId: 'bess-456', tenant: 't1' }),
  recorded(2, 'DataCollected', { dataSet: { hours: 2160 } }),
  recorded(3, 'JobFailed', { code: 'no-usable-member', reason: 'no member could be trained' }),
];

describe.each(machines.map((machine) => [machine.name, machine] as const))(
  'the picture of %s',
  (name, machine) => {
    const layout = layoutOf(name);

    it('places every state once, apart from the others and within the picture', () => {
      expect(layout.states.map((state) => state.name)).toEqual(machine.definition.states.map((s) => s.name));
      for (const state of layout.states) {
        expect(state.x + state.width).toBeLessThanOrEqual(layout.width);
        expect(state.y + state.height).toBeLessThanOrEqual(layout.height);
        expect(layout.states.filter((other) => other !== state && overlap(state, other))).toEqual([]);
      }
    });

    it('keeps the states of a group in its frame, and all others out of it', () => {
      for (const frame of layout.groups) {
        for (const state of layout.states) expect(overlap(state, frame)).toBe(state.group === frame.name);
      }
    });

    it('gives every transition to one move, with a line or inside a box, within the picture', () => {
      const drawn = layout.moves.flatMap(({ ids }) => ids);
      expect(drawn.toSorted()).toEqual(idsOf(machine.definition).toSorted());
      for (const { points, label, inside } of layout.moves) {
        expect(points.length >= 2).toBe(!inside);
        expect(label.width * label.height).toBeGreaterThan(0);
        expect(label.x).toBeGreaterThanOrEqual(0);
        expect(label.x + label.width).toBeLessThanOrEqual(layout.width);
      }
    });

    it('keeps labels apart, and out of the states', () => {
      const lines = layout.moves.filter(({ inside }) => !inside).map(({ label }) => label);
      const shared = layout.moves.filter(
        ({ inside, from }) => inside && layout.groups.some((g) => g.name === from),
      );
      const texts = [...lines, ...shared.map(({ label }) => label)];
      for (const label of texts) expect(texts.filter((l) => l !== label && overlap(l, label))).toEqual([]);
      for (const label of lines) expect(layout.states.filter((state) => overlap(state, label))).toEqual([]);
    });

    it('draws and writes every state, fact, guard and effect', () => {
      const svg = drawMachine(layout);
      const mermaid = toMermaid(machine.definition);
      for (const { name: state, transitions } of machine.definition.states) {
        expect(svg).toContain(`data-state="${state}"`);
        expect(mermaid).toContain(`state "${state}" as`);
        for (const { to, fact } of transitions) expect(mermaid).toContain(`s_${state} --> s_${to}: ${fact}`);
      }
      const details = layout.moves.flatMap(({ effects, guards }) => [...effects, ...guards]);
      expect(details.filter((name) => !svg.includes(name) || !mermaid.includes(name))).toEqual([]);
      for (const { ids } of layout.moves) expect(svg).toContain(`data-transition="${ids.join(' ')}"`);
    });

    it('is found by its name', () => {
      expect(machineByName(name)).toBe(machine);
    });
  },
);

describe('marks', () => {
  const marks = marksOf(trainingJob, historyOf(trainingJob, history.slice(0, 2)));

  it('name the current state, the way taken and what may happen next', () => {
    expect(marks).toEqual({
      current: 'training',
      last: 'pending/DataCollected',
      refused: ['pending/JobFailed', 'pending/JobCancelled'],
      taken: ['new/JobRequested', 'pending/DataCollected'],
      possible: ['training/ModelEvaluated', 'training/JobFailed', 'training/JobCancelled'],
    });
  });

  it('bring out exactly these in the picture', () => {
    const svg = drawMachine(layoutOf('training-job'), marks);
    const drawn = (name: string) =>
      [...svg.matchAll(new RegExp(`<g class="transition ${name}" data-transition="([^"]+)"`, 'g'))].map(
        (m) => m[1],
      );
    expect(drawn('last')).toEqual(['pending/DataCollected']);
    expect(drawn('taken')).toEqual(['new/JobRequested']);
    // What could have failed a moment ago may still fail now, and is drawn once for the whole group.
    const unfinished = (fact: string) =>
      ['pending', 'training', 'evaluated'].map((s) => `${s}/${fact}`).join(' ');
    expect(drawn('possible').toSorted()).toEqual([
      unfinished('JobCancelled'),
      unfinished('JobFailed'),
      'training/ModelEvaluated',
    ]);
    expect(drawn('refused')).toEqual([]);
    expect(svg).toMatch(/<g class="state current" data-state="training" aria-current="true">/);
    expect(svg.match(/aria-current/g)).toHaveLength(1);
    expect(svg).toContain('training-job is in state training');
  });

  it('say so when the stream has ended', () => {
    const svg = drawMachine(layoutOf('training-job'), marksOf(trainingJob, historyOf(trainingJob, history)));
    expect(svg).toContain('Possible now: nothing: it has ended');
  });

  it('stand at the start before the first fact', () => {
    expect(marksOf(trainingJob, historyOf(trainingJob, []))).toEqual({
      ...noMarks,
      current: 'new',
      possible: ['new/JobRequested'],
    });
  });
});

describe('texts', () => {
  const hostile = '"><script>alert(1)</script>\u0000\uD800&\'';

  it('are escaped wherever a definition puts them', async () => {
    const definition: MachineDefinition = {
      name: hostile,
      version: 1,
      streamType: 'site',
      initial: hostile,
      groups: [{ name: hostile, states: [hostile] }],
      commands: [],
      states: [
        {
          name: hostile,
          final: false,
          transitions: [{ fact: hostile, to: hostile, effects: [hostile], guards: [hostile] }],
        },
      ],
    };
    const svg = drawMachine(await layoutMachine(definition), { ...noMarks, current: hostile });
    expect(svg).not.toContain('<script');
    expect(svg).toContain('&lt;script&gt;');
    expect(svg.isWellFormed()).toBe(true);
    expect(toMermaid(definition)).not.toContain('<script');
  });

  it('never leave element content or a quoted attribute', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const escaped = escapeXml(text);
        expect(escaped).not.toMatch(/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML cannot carry
        expect(escaped).not.toMatch(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/);
      }),
    );
  });
});

describe('a visualizer', () => {
  it('draws the machines it was made for, and no others', async () => {
    const visualizer = await createVisualizer([trainingJob]);
    expect(visualizer.drawStream(trainingJob, history)).toContain('training-job is in state failed');
    expect(visualizer.draw(trainingJob)).not.toContain('aria-current');
    const other = machines.find((machine) => machine !== trainingJob) ?? trainingJob;
    expect(() => visualizer.draw(other)).toThrow(UnknownMachine);
  });
});
