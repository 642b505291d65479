import Type, { type Static } from 'typebox';
import type { Assignment } from '../events/device-journal.ts';
import {
  type Accuracy,
  ModelTypeSchema,
  ModelVersion,
  OpaqueId,
  Sha256,
  SystemId,
} from '../events/values.ts';
import { BadSignature, type Signer, signMessage, type TrustedKeys, verifyMessage } from './signature.ts';
import { conform, decodeObject, encodeMessage, MalformedMessage, RealInstant } from './wire.ts';

/** The desired state of a site's device: which model it shall run. Retained on `ml/model`. */

/** As it travels; accuracy in percent and kW. */
export const DesiredModel = Type.Object({
  version: ModelVersion,
  modelType: ModelTypeSchema,
  url: Type.String({ minLength: 1, maxLength: 500 }),
  checksum: Sha256,
  accuracy: Type.Object({ mape: Type.Number({ minimum: 0 }), rmse: Type.Number({ minimum: 0 }) }),
  deploymentId: OpaqueId,
  assignment: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  size: Type.Integer({ minimum: 1 }),
  expires: RealInstant,
  systemId: SystemId,
  deviceId: OpaqueId,
  signature: Type.String({ minLength: 1, maxLength: 1000 }),
});
type DesiredModel = Static<typeof DesiredModel>;

export type Refusal =
  | 'malformed'
  | 'wrong-site'
  | 'wrong-device'
  | 'bad-signature'
  | 'expired'
  | 'older-assignment'
  | 'unsupported-format'
  | 'foreign-origin';

/** The desired state is not one this device may act upon. `assignment` is there when its signature holds and it is ours. */
export class AssignmentRefused extends Error {
  override readonly name = 'AssignmentRefused';
  readonly refusal: Refusal;
  readonly assignment: Assignment | null;

  constructor(refusal: Refusal, message: string, assignment: Assignment | null = null) {
    super(message);
    this.refusal = refusal;
    this.assignment = assignment;
  }
}

/** What the cloud wants a device to run; accuracy in fractions and kW. */
export interface ModelOffer {
  readonly systemId: string;
  readonly deviceId: string;
  readonly deploymentId: string;
  readonly assignment: number;
  readonly version: string;
  readonly modelType: Assignment['modelType'];
  readonly artifact: Assignment['artifact'];
  readonly accuracy: Accuracy;
  readonly url: string;
  readonly expires: string;
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

/** The signed message that offers a model, ready to be retained. */
export async function buildAssignment(offer: ModelOffer, signer: Signer): Promise<Uint8Array> {
  const { artifact, accuracy, ...rest } = offer;
  const message = await signMessage(
    {
      version: rest.version,
      modelType: rest.modelType,
      url: rest.url,
      checksum: artifact.checksum,
      accuracy: { mape: rounded(accuracy.mape * 100, 3), rmse: rounded(accuracy.rmse, 3) },
      deploymentId: rest.deploymentId,
      assignment: rest.assignment,
      size: artifact.size,
      expires: rest.expires,
      systemId: rest.systemId,
      deviceId: rest.deviceId,
    },
    'lifo4-assignment',
    signer,
  );
  return encodeMessage(message);
}

/** What a device holds a desired state against. */
export interface AssignmentRules {
  readonly systemId: string;
  readonly deviceId: string;
  readonly keys: TrustedKeys;
  /** Origins that models may come from, for example `https://models.example.com`. */
  readonly origins: readonly string[];
  /** The highest assignment accepted so far, 0 for none; the same one again is no refusal. */
  readonly floor: number;
  /** Site clock. */
  readonly now: Date;
}

function urlOf(text: unknown): URL | null {
  return typeof text === 'string' && URL.canParse(text) ? new URL(text) : null;
}

/** Looked at first, so that the answer to a pickled model says what is wrong even where nothing else fits. */
function refuseFormat(url: URL | null, assignment: Assignment | null): void {
  if (url === null || url.pathname.endsWith('.onnx')) return;
  const ending = /\.[A-Za-z0-9]{1,10}$/.exec(url.pathname)?.[0] ?? 'no ending';
  throw new AssignmentRefused(
    'unsupported-format',
    `models are ONNX files, this address has ${ending}: export the model as .onnx and offer it again`,
    assignment,
  );
}

function decode(payload: Uint8Array): Record<string, unknown> {
  try {
    return decodeObject('desired state', payload);
  } catch (error) {
    if (error instanceof MalformedMessage) throw new AssignmentRefused('malformed', error.message);
    throw error;
  }
}

async function authentic(raw: Record<string, unknown>, keys: TrustedKeys): Promise<DesiredModel> {
  try {
    const desired = conform('desired state', DesiredModel, raw);
    await verifyMessage(raw, 'lifo4-assignment', keys);
    return desired;
  } catch (error) {
    if (error instanceof MalformedMessage) throw new AssignmentRefused('malformed', error.message);
    if (error instanceof BadSignature) throw new AssignmentRefused('bad-signature', error.message);
    throw error;
  }
}

function refuseStrangers({ systemId, deviceId }: DesiredModel, rules: AssignmentRules): void {
  if (systemId !== rules.systemId)
    throw new AssignmentRefused('wrong-site', `for site ${systemId}, this device serves ${rules.systemId}`);
  if (deviceId !== rules.deviceId)
    throw new AssignmentRefused('wrong-device', `for device ${deviceId}, this one is ${rules.deviceId}`);
}

/** Paths that mean the same to every server: no encoded characters, no empty, `.` or `..` segments. */
const PLAIN_PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~-]+)+$/;

/**
 * An address is taken only as it is written: one that a parser would tidy up (credentials, capitals, another spelling
 * of the host, `..`, backslashes, a default port) may be read in another way by somebody else.
 */
const isPlain = (url: URL, text: string): boolean =>
  text === `${url.origin}${url.pathname}` && PLAIN_PATH.test(url.pathname);

function refuseAddress(text: string, assignment: Assignment, rules: AssignmentRules): void {
  const url = urlOf(text);
  refuseFormat(url, assignment);
  if (url !== null && rules.origins.includes(url.origin) && isPlain(url, text)) return;
  const from = url === null ? 'no address at all' : `an address on ${url.origin}`;
  throw new AssignmentRefused(
    'foreign-origin',
    `${from}; models are fetched only from ${rules.origins.join(', ')}, by a plain path`,
    assignment,
  );
}

function refuseStale(assignment: Assignment, rules: AssignmentRules): void {
  if (assignment.assignment < rules.floor)
    throw new AssignmentRefused(
      'older-assignment',
      `assignment ${assignment.assignment} is older than ${rules.floor}, which this device already accepted`,
      assignment,
    );
  if (Date.parse(assignment.expires) <= rules.now.getTime())
    throw new AssignmentRefused('expired', `the offer ended at ${assignment.expires}`, assignment);
}

/** Reads a desired state from bytes that anybody may have written. Rejects with {@link AssignmentRefused}. */
export async function parseAssignment(payload: Uint8Array, rules: AssignmentRules): Promise<Assignment> {
  const raw = decode(payload);
  if (raw['signature'] === undefined) refuseFormat(urlOf(raw['url']), null);
  const desired = await authentic(raw, rules.keys);
  refuseStrangers(desired, rules);
  const assignment: Assignment = {
    deploymentId: desired.deploymentId,
    assignment: desired.assignment,
    version: desired.version,
    modelType: desired.modelType,
    url: desired.url,
    artifact: { checksum: desired.checksum, size: desired.size },
    expires: desired.expires,
  };
  refuseAddress(desired.url, assignment, rules);
  refuseStale(assignment, rules);
  return assignment;
}
