import elk, { type ELK, type ElkExtendedEdge, type ElkNode } from 'elkjs';
import type { MachineDefinition, StateDefinition, TransitionDefinition } from '../machines/lifecycle.ts';
import { edgeLabelSize, stateSize } from './text-size.ts';

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
  /** Corners of the line, from the state it leaves to the one it enters. */
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
  'elk.spacing.nodeSelfLoop': '14',
  'elk.layered.spacing.nodeNodeBetweenLayers': '24',
  'elk.layered.spacing.edgeNodeBetweenLayers': '16',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '12',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.thoroughness': '40',
};

/** Transitions that share one line: all that return to their own state do, each with its label below the other. */
type Line = readonly TransitionDefinition[];

function linesOf({ name, transitions }: StateDefinition): readonly Line[] {
  const loops = transitions.filter(({ to }) => to === name);
  const others = transitions.filter(({ to }) => to !== name).map((transition) => [transition]);
  return loops.length === 0 ? others : [...others, loops];
}

const lineId = (from: string, line: Line): string =>
  transitionId(from, line.map(({ fact }) => fact).join('+'));
const sizesOf = (line: Line) => line.map(({ fact, effects }) => edgeLabelSize(fact, effects));
const totalHeight = (sizes: readonly { readonly height: number }[]) =>
  sizes.reduce((sum, { height }) => sum + height, 0);

function edgeOf(from: string, line: Line): ElkExtendedEdge {
  const sizes = sizesOf(line);
  const id = lineId(from, line);
  const size = { width: Math.max(...sizes.map(({ width }) => width)), height: totalHeight(sizes) };
  return { id, sources: [from], targets: [line[0]?.to ?? from], labels: [{ text: id, ...size }] };
}

function graphOf(definition: MachineDefinition): ElkNode {
  return {
    id: definition.name,
    layoutOptions,
    children: definition.states.map(({ name }) => ({ id: name, ...stateSize(name) })),
    edges: definition.states.flatMap((state) => linesOf(state).map((line) => edgeOf(state.name, line))),
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

function placeLine(from: string, line: Line, edge: ElkExtendedEdge | undefined): readonly PlacedTransition[] {
  const sizes = sizesOf(line);
  const { x, y, width } = box(edge?.labels?.[0] ?? {});
  return line.map(({ fact, to, effects }, i) => ({
    id: transitionId(from, fact),
    from,
    to,
    fact,
    effects,
    points: pointsOf(edge),
    label: { x, y: y + totalHeight(sizes.slice(0, i)), width, height: sizes[i]?.height ?? 0 },
  }));
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
  const nodes = new Map((placed.children ?? []).map((node) => [node.id, node]));
  const edges = new Map((placed.edges ?? []).map((edge) => [edge.id, edge]));
  return {
    name: definition.name,
    version: definition.version,
    width: Math.ceil(placed.width ?? 0),
    height: Math.ceil(placed.height ?? 0),
    states: definition.states.map(({ name, final }) => ({
      name,
      final,
      initial: name === definition.initial,
      ...box(nodes.get(name) ?? {}),
    })),
    transitions: definition.states.flatMap((state) =>
      linesOf(state).flatMap((line) => placeLine(state.name, line, edges.get(lineId(state.name, line)))),
    ),
  };
}
