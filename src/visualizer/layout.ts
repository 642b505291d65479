import elk, { type ELK, type ElkExtendedEdge, type ElkNode } from 'elkjs';
import type { MachineDefinition } from '../machines/lifecycle.ts';
import { type Chart, type ChartMove, type ChartState, chartOf } from './chart.ts';
import { boxSize, GROUP_HEIGHT, INSIDE_RAISE, moveSize, STATE_HEIGHT } from './text-size.ts';

/** Positions are in CSS pixels from the top left corner of the picture. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

export type PlacedState = ChartState & Box;

export interface PlacedGroup extends Box {
  readonly name: string;
}

export interface PlacedMove extends ChartMove {
  /** Corners of the line, from what it leaves to what it enters; none when it is written inside a box. */
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
  readonly groups: readonly PlacedGroup[];
  readonly moves: readonly PlacedMove[];
}

const layoutOptions = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
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

const GROUP_PADDING = 18;

/** Groups and states may have the same name. */
const groupId = (group: string): string => `group ${group}`;
const edgeId = ({ from, fact }: ChartMove): string => `${from}/${fact}`;

const insideOf = ({ moves }: Chart, owner: string): readonly ChartMove[] =>
  moves.filter(({ from, inside }) => inside && from === owner);

const stateNode = (chart: Chart, { name }: ChartState): ElkNode => ({
  id: name,
  ...boxSize(name, insideOf(chart, name)),
});

/** What states have in common stands in a column at the frame's left, where no line comes in. */
function groupNode(chart: Chart, name: string): ElkNode {
  const inside = insideOf(chart, name);
  const { width, height } = boxSize(name, inside, GROUP_HEIGHT);
  const left = inside.length === 0 ? GROUP_PADDING : width + GROUP_PADDING / 2;
  return {
    id: groupId(name),
    layoutOptions: {
      'elk.padding': `[top=${GROUP_HEIGHT},left=${left},bottom=${GROUP_PADDING},right=${GROUP_PADDING}]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${width}, ${height + GROUP_PADDING / 2})`,
    },
    children: chart.states.filter(({ group }) => group === name).map((state) => stateNode(chart, state)),
  };
}

/** Nodes in the order of the table; a group stands where its first state would. */
function nodesOf(chart: Chart): readonly ElkNode[] {
  const drawn = new Set<string>();
  return chart.states.flatMap((state) => {
    const { group } = state;
    if (group === null) return [stateNode(chart, state)];
    if (drawn.has(group)) return [];
    drawn.add(group);
    return [groupNode(chart, group)];
  });
}

function graphOf(name: string, chart: Chart): ElkNode {
  const owners = new Set(chart.groups.map((group) => group.name));
  const edges = chart.moves
    .filter(({ inside }) => !inside)
    .map((move): ElkExtendedEdge => {
      const source = owners.has(move.from) ? groupId(move.from) : move.from;
      const labels = [{ text: edgeId(move), ...moveSize(move) }];
      return { id: edgeId(move), sources: [source], targets: [move.to ?? move.from], labels };
    });
  return { id: name, layoutOptions, children: [...nodesOf(chart)], edges };
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

const everyNode = ({ children = [] }: ElkNode): readonly ElkNode[] =>
  children.flatMap((node) => [node, ...everyNode(node)]);
/** An edge between states of one group is given back in that group. */
const everyEdge = (node: ElkNode): readonly ElkExtendedEdge[] => [
  ...(node.edges ?? []),
  ...(node.children ?? []).flatMap(everyEdge),
];

/** Moves inside a box stand one below the other under its name. */
function placeInside(moves: readonly ChartMove[], { x, y }: Box, nameHeight: number): PlacedMove[] {
  let top = y + nameHeight - INSIDE_RAISE;
  return moves.map((move) => {
    const size = moveSize(move);
    const label = { x, y: top, ...size };
    top += size.height;
    return { ...move, points: [], label };
  });
}

function placeMoves(chart: Chart, placed: ElkNode, boxOf: (id: string) => Box): readonly PlacedMove[] {
  const edges = new Map(everyEdge(placed).map((edge) => [edge.id, edge]));
  const lines = chart.moves
    .filter(({ inside }) => !inside)
    .map((move) => {
      const edge = edges.get(edgeId(move));
      return { ...move, points: pointsOf(edge), label: box(edge?.labels?.[0] ?? {}) };
    });
  const inStates = chart.states.flatMap(({ name }) =>
    placeInside(insideOf(chart, name), boxOf(name), STATE_HEIGHT),
  );
  const inGroups = chart.groups.flatMap(({ name }) =>
    placeInside(insideOf(chart, name), boxOf(groupId(name)), GROUP_HEIGHT),
  );
  return [...lines, ...inStates, ...inGroups];
}

/**
 * Gives every state and move of a machine its place (layered, orthogonal). Takes tens of milliseconds of
 * the processor for the first machine and under ten for each further one, so callers keep the answer.
 * Method: Sugiyama's layered drawing as in the Eclipse Layout Kernel.
 */
export async function layoutMachine(
  definition: MachineDefinition,
  engine: Pick<ELK, 'layout'> = new elk.default(),
): Promise<MachineLayout> {
  const { name, version } = definition;
  const chart = chartOf(definition);
  const placed: ElkNode = await engine.layout(graphOf(name, chart));
  const boxes = new Map(everyNode(placed).map((node) => [node.id, box(node)]));
  const boxOf = (id: string): Box => boxes.get(id) ?? box({});
  return {
    ...{ name, version },
    width: Math.ceil(placed.width ?? 0),
    height: Math.ceil(placed.height ?? 0),
    states: chart.states.map((state) => ({ ...state, ...boxOf(state.name) })),
    groups: chart.groups.map((group) => ({ name: group.name, ...boxOf(groupId(group.name)) })),
    moves: placeMoves(chart, placed, boxOf),
  };
}
