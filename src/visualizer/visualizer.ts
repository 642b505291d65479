import elk from 'elkjs';
import type { RecordedFact } from '../events/envelope.ts';
import type { Lifecycle } from '../machines/lifecycle.ts';
import { drawMachine } from './draw.ts';
import { layoutMachine, type MachineLayout } from './layout.ts';
import { noMarks } from './marks.ts';
import { historyOf, marksOf } from './steps.ts';

/** Draws the machines it was made for; their layouts are computed once, so that drawing takes well under 1 ms. */
export interface Visualizer {
  /** The machine alone, as SVG. */
  draw(lifecycle: Lifecycle): string;
  /**
   * The machine as SVG with where the stream stands after `facts` (from its first one), the way it took and what
   * may happen next; as far as the facts are a history of the machine.
   */
  drawStream(lifecycle: Lifecycle, facts: readonly RecordedFact[]): string;
}

/** The machine has no layout here: it was not named when the visualizer was made. */
export class UnknownMachine extends Error {
  override readonly name = 'UnknownMachine';

  constructor(machine: string) {
    super(`no layout for machine ${machine}; name it when the visualizer is made`);
  }
}

export async function createVisualizer(lifecycles: readonly Lifecycle[]): Promise<Visualizer> {
  const engine = new elk.default();
  const layouts = new Map<string, MachineLayout>();
  for (const { name, definition } of lifecycles) layouts.set(name, await layoutMachine(definition, engine));
  const layoutOf = ({ name }: Lifecycle): MachineLayout => {
    const layout = layouts.get(name);
    if (layout === undefined) throw new UnknownMachine(name);
    return layout;
  };
  return {
    draw: (lifecycle) => drawMachine(layoutOf(lifecycle), noMarks),
    drawStream: (lifecycle, facts) =>
      drawMachine(layoutOf(lifecycle), marksOf(lifecycle, historyOf(lifecycle, facts))),
  };
}
