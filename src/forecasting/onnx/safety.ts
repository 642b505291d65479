import { UnusableModel } from '../inference.ts';
import type { ModelStructure } from './model-reader.ts';

/**
 * What a model file may be made of before any runtime sees it: the operators that {@link createOperators},
 * `addLstm` and `addTreeEnsemble` write, in numbers and shapes that a forecast needs. An operator that is missing
 * here cannot read a file, loop, or call a library, whatever a later runtime adds.
 */

const OPERATORS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [
    '',
    new Set(
      [
        'Abs Add And ArgMax Cast Clip Concat CumSum Div Equal Exp Expand Floor Gather GatherElements GatherND Gemm',
        'Greater GreaterOrEqual Identity IsNaN LSTM Less LessOrEqual Log MatMul Max Min Mul Neg Not Or ReduceMax',
        'ReduceMean ReduceMin ReduceSum Relu Reshape Shape Sigmoid Slice Softmax Split Sqrt Squeeze Sub Tanh Tile',
        'TopK Transpose Unsqueeze Where',
      ]
        .join(' ')
        .split(' '),
    ),
  ],
  ['ai.onnx.ml', new Set(['TreeEnsembleRegressor'])],
]);

interface Versions {
  readonly oldest: number;
  readonly newest: number;
}

/** Oldest and newest version of each operator set that the runtime is known to execute as written here. */
const OPSETS: ReadonlyMap<string, Versions> = new Map([
  ['', { oldest: 18, newest: 24 }],
  ['ai.onnx.ml', { oldest: 1, newest: 5 }],
]);

/** Versions of the file format; a later one may mean something else by the same fields. */
const IR_VERSIONS: Versions = { oldest: 8, newest: 13 };

/** A trained ensemble has about 1,400 nodes and 200 constants. */
const MOST_NODES = 20_000;
const MOST_CONSTANTS = 20_000;
const MOST_DIMENSIONS = 8;
/** Values of one constant; the largest of a trained ensemble has 8,064. */
const MOST_VALUES = 4_000_000;

/** Bytes of a value by ONNX's element type: float32, int64, bool, float64. */
const VALUE_BYTES: ReadonlyMap<number, number> = new Map([
  [1, 4],
  [7, 8],
  [9, 1],
  [11, 8],
]);

const labelOf = (domain: string): string => (domain === '' ? 'ai.onnx' : domain);

function checkVersion(what: string, version: number, { oldest, newest }: Versions): void {
  if (version >= oldest && version <= newest) return;
  throw new UnusableModel(`${what} ${version} is not supported, only ${oldest} to ${newest}`);
}

function checkVersions({ opsets, irVersion }: ModelStructure): void {
  checkVersion('ONNX format', irVersion, IR_VERSIONS);
  if (!opsets.has('')) throw new UnusableModel('the model does not say which operator set it uses');
  for (const [domain, version] of opsets) {
    const known = OPSETS.get(domain);
    if (known === undefined) throw new UnusableModel(`operator set ${labelOf(domain)} is not allowed`);
    checkVersion(`operator set ${labelOf(domain)}`, version, known);
  }
}

function checkNodes({ nodes, opsets }: ModelStructure): void {
  if (nodes.length > MOST_NODES)
    throw new UnusableModel(`the model has ${nodes.length} nodes, more than ${MOST_NODES}`);
  for (const { operator, domain } of nodes) {
    const isKnown = opsets.has(domain) && OPERATORS.get(domain)?.has(operator) === true;
    if (!isKnown) throw new UnusableModel(`operator ${labelOf(domain)}.${operator} is not allowed`);
  }
}

/** A constant holds exactly the values of its shape, so that no shape promises more than the file has. */
function checkConstant({ name, elementType, dimensions, byteLength }: ModelStructure['constants'][number]) {
  const size = VALUE_BYTES.get(elementType);
  if (size === undefined)
    throw new UnusableModel(`constant ${name} has element type ${elementType}, which is not allowed`);
  const isShape = dimensions.every((dimension) => dimension >= 0 && dimension <= MOST_VALUES);
  const values = dimensions.reduce((product, dimension) => product * dimension, 1);
  if (!isShape || dimensions.length > MOST_DIMENSIONS || values > MOST_VALUES)
    throw new UnusableModel(`constant ${name} has the shape [${dimensions.slice(0, 10).join(', ')}]`);
  if (values * size !== byteLength)
    throw new UnusableModel(`constant ${name} holds ${byteLength} bytes, its shape needs ${values * size}`);
}

function checkConstants({ constants }: ModelStructure): void {
  if (constants.length > MOST_CONSTANTS)
    throw new UnusableModel(`the model has ${constants.length} constants, more than ${MOST_CONSTANTS}`);
  for (const constant of constants) checkConstant(constant);
}

/** Throws `UnusableModel` for a structure that no model of this program has. */
export function checkSafety(structure: ModelStructure): void {
  checkVersions(structure);
  checkNodes(structure);
  checkConstants(structure);
}
