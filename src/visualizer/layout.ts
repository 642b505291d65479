import elk, { type ELK, type ElkExtendedEdge, type ElkNode } from 'elkjs';
import type { MachineDefinition, StateDefinition, TransitionDefinition } from '../machines/lifecycle.ts';
import { INTERNAL_RAISE, STATE_HEIGHT, stateSize, transitionSize } from './text-size.ts';

/** Positions are in CSS pixels from the top left corner of the picture. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

export interface PlacedState extends Box {
  readonly name: string;
  readonly initial: boolean;
  readonly final: boolean;
}

export interface PlacedTransition {
  /** {@link transitionId} of the state it leaves and its fact. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly fact: string;
  readonly effects: readonly string[];
  /** Corners of the line, from the state it leaves to the one it enters; none when it stays in its state. */
  readonly points: readonly Point[];
  readonly label: Box;
}

/** A machine with a place for everything: all that drawing needs. */
export interface MachineLayout {
  readonly name: string;
  readonly version: number;
  readonly width: number;
  readonly height: number;
  readonly states: readonly PlacedState[];
  readonly transitions: readonly PlacedTransition[];
}

/** In a state each fact has one meaning, so the pair names the transition. */
export const transitionId = (from: string, fact: string): string => `${from}/${fact}`;

const layoutOptions = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.padding': '[top=16,left=16,bottom=16,right=16]',
  'elk.spacing.nodeNode': '28',
  'elk.spacing.edgeNode': '18',
  'elk.spacing.edgeEdge': '14',
  'elk.spacing.edgeLabel': '5',
  'elk.spacing.labelNode': '10',
  'elk.layered.spacing.nodeNodeBetweenLayers': '24',
  'elk.layered.spacing.edgeNodeBetweenLayers': '16',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '12',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  // Tables list states in the order of a usual life: lines that go back are drawn as going back.
  'elk.layered.cycleBreaking.strategy': 'MODEL_ORDER',
  'elk.layered.thoroughness': '40',
};

const isInternal = (state: StateDefinition, { to }: TransitionDefinition): boolean => to === state.name;
const internalOf = (state: StateDefinition) => state.transitions.filter((t) => isInternal(state, t));

function edgeOf(from: string, { fact, to, effects }: TransitionDefinition): ElkExtendedEdge {
  const id = transitionId(from, fact);
  return { id, sources: [from], targets: [to], labels: [{ text: id, ...transitionSize(fact, effects) }] };
}

function graphOf(definition: MachineDefinition): ElkNode {
  return {
    id: definition.name,
    layoutOptions,
    children: definition.states.map((state) => ({
      id: state.name,
      ...stateSize(state.name, internalOf(state)),
    })),
    edges: definition.states.flatMap((state) =>
      state.transitions.filter((t) => !isInternal(state, t)).map((t) => edgeOf(state.name, t)),
    ),
  };
}

const box = (shape: Partial<Box>): Box => ({
  x: shape.x ?? 0,
  y: shape.y ?? 0,
  width: shape.width ?? 0,
  height: shape.height ?? 0,
});

function pointsOf(edge: ElkExtendedEdge | undefined): readonly Point[] {
  return (edge?.sections ?? []).flatMap(({ startPoint, bendPoints, endPoint }) => [
    startPoint,
    ...(bendPoints ?? []),
    endPoint,
  ]);
}

type Places = ReadonlyMap<string, Partial<Box>>;

/** Internal transitions stand in their state's box, one below the other, under its name. */
function placeInternal(state: StateDefinition, places: Places): readonly PlacedTransition[] {
  const { x, y, width } = box(places.get(state.name) ?? {});
  let top = y + STATE_HEIGHT;
  return internalOf(state).map(({ fact, to, effects }) => {
    const { height } = transitionSize(fact, effects);
    const label = { x, y: top - INTERNAL_RAISE, width, height };
    top += height;
    return { id: transitionId(state.name, fact), from: state.name, to, fact, effects, points: [], label };
  });
}

function placeExternal(
  state: StateDefinition,
  edges: readonly ElkExtendedEdge[],
): readonly PlacedTransition[] {
  return state.transitions
    .filter((t) => !isInternal(state, t))
    .map(({ fact, to, effects }) => {
      const id = transitionId(state.name, fact);
      const edge = edges.find((candidate) => candidate.id === id);
      const label = box(edge?.labels?.[0] ?? {});
      return { id, from: state.name, to, fact, effects, points: pointsOf(edge), label };
    });
}

/**
 * Gives every state and transition of a machine its place (layered, orthogonal). Takes tens of milliseconds of
 * the processor for the first machine and under ten for each further one, so callers keep the answer.
 * Method: Sugiyama's layered drawing as in the Eclipse Layout Kernel.
 */
export async function layoutMachine(
  definition: MachineDefinition,
  engine: Pick<ELK, 'layout'> = new elk.default(),
): Promise<MachineLayout> {
  const placed: ElkNode = await engine.layout(graphOf(definition));
  const places: Places = new Map((placed.children ?? []).map((node) => [node.id, node]));
  return {
    name: definition.name,
    version: definition.version,
    width: Math.ceil(placed.width ?? 0),
    height: Math.ceil(placed.height ?? 0),
    states: definition.states.map(({ name, final }) => ({
      name,
      final,
      initial: name === definition.initial,
      ...box(places.get(name) ?? {}),
    })),
    transitions: definition.states.flatMap((state) => [
      ...placeExternal(state, placed.edges ?? []),
      ...placeInternal(state, places),
    ]),
  };
}
