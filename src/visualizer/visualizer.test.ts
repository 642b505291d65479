import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordedFact } from '../events/envelope.ts';
import { machineByName, machines } from '../machines/catalogue.ts';
import { IllegalFact, type MachineDefinition } from '../machines/lifecycle.ts';
import { trainingJob } from '../machines/training-job.ts';
import { drawMachine, escapeXml } from './draw.ts';
import { layoutMachine, type MachineLayout, transitionId } from './layout.ts';
import { toMermaid } from './mermaid.ts';
import { marksOf, stepsOf } from './steps.ts';
import { createVisualizer, UnknownMachine } from './visualizer.ts';

const layouts = new Map<string, MachineLayout>();
for (const { name, definition } of machines) layouts.set(name, await layoutMachine(definition));
const layoutOf = (name: string): MachineLayout =>
  layouts.get(name) ?? { name, version: 1, width: 0, height: 0, states: [], transitions: [] };

const idsOf = ({ states }: MachineDefinition) =>
  states.flatMap(({ name, transitions }) => transitions.map(({ fact }) => transitionId(name, fact)));

const overlap = (a: MachineLayout['states'][number], b: MachineLayout['states'][number]): boolean =>
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

    it('places every transition with a line and a label within the picture', () => {
      expect(layout.transitions.map(({ id }) => id).toSorted()).toEqual(idsOf(machine.definition).toSorted());
      for (const { points, label, from, to } of layout.transitions) {
        expect(points.length >= 2).toBe(from !== to);
        expect(label.width * label.height).toBeGreaterThan(0);
        expect(label.x).toBeGreaterThanOrEqual(0);
        expect(label.x + label.width).toBeLessThanOrEqual(layout.width);
      }
    });

    it('keeps labels apart', () => {
      const labels = layout.transitions.map(({ label, id }) => ({
        ...label,
        name: id,
        initial: false,
        final: false,
      }));
      for (const label of labels) expect(labels.filter((l) => l !== label && overlap(l, label))).toEqual([]);
    });

    it('draws and writes every state, fact and effect', () => {
      const svg = drawMachine(layout);
      const mermaid = toMermaid(machine.definition);
      for (const { name: state } of machine.definition.states) {
        expect(svg).toContain(`data-state="${state}"`);
        expect(mermaid).toContain(`state "${state}" as`);
      }
      for (const { id, from, to, fact, effects } of layout.transitions) {
        expect(svg).toContain(`data-transition="${id}"`);
        expect(mermaid).toContain(`s_${from} --> s_${to}: ${fact}`);
        expect(effects.filter((effect) => !svg.includes(`⚡ ${effect}`))).toEqual([]);
      }
    });

    it('is found by its name', () => {
      expect(machineByName(name)).toBe(machine);
    });
  },
);

describe('marks', () => {
  const marks = marksOf(trainingJob, stepsOf(trainingJob, history.slice(0, 2)));

  it('name the current state, the way taken and what may happen next', () => {
    expect(marks).toEqual({
      current: 'training',
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
    expect(drawn('taken')).toEqual(marks.taken);
    expect(drawn('possible').toSorted()).toEqual(marks.possible.toSorted());
    expect(svg).toMatch(/<g class="state current" data-state="training" aria-current="true">/);
    expect(svg.match(/aria-current/g)).toHaveLength(1);
    expect(svg).toContain('training-job is in state training');
  });

  it('say so when the stream has ended', () => {
    const svg = drawMachine(layoutOf('training-job'), marksOf(trainingJob, stepsOf(trainingJob, history)));
    expect(svg).toContain('Possible now: nothing: it has ended');
  });

  it('stand at the start before the first fact', () => {
    expect(marksOf(trainingJob, [])).toEqual({ current: 'new', taken: [], possible: ['new/JobRequested'] });
  });
});

describe('steps', () => {
  it('tell what each fact did and which effects it requested', () => {
    expect(stepsOf(trainingJob, history)).toEqual([
      {
        version: 1,
        type: 'JobRequested',
        at: '2026-01-05T06:01:00Z',
        from: 'new',
        to: 'pending',
        effects: [{ type: 'collect-data', lane: 'quick', data: { jobId: 'j1' } }],
        data: history[0]?.fact.data,
      },
      expect.objectContaining({ version: 2, from: 'pending', to: 'training' }),
      expect.objectContaining({ version: 3, from: 'training', to: 'failed', effects: [] }),
    ]);
  });

  it('refuse a history that is not one of the machine', () => {
    expect(() => stepsOf(trainingJob, history.slice(1))).toThrow(IllegalFact);
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
    const svg = drawMachine(await layoutMachine(definition), { current: hostile, taken: [], possible: [] });
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
