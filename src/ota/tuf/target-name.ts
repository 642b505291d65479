import { createHash } from 'node:crypto';
import type { ModelType } from '../../events/values.ts';

/** Whom a signed target is for, and which file of which version it is. */
export interface TargetSubject {
  readonly systemId: string;
  readonly deviceId: string;
  readonly version: string;
  readonly modelType: ModelType;
}

const TAG_LENGTH = 32;

/**
 * The name under which a model's file is signed for one device of one site. Names of many sites lie in one file that
 * every device may read, so they tell nothing: the device's id is random and makes the site's unguessable.
 */
export function targetName({ systemId, deviceId, version, modelType }: TargetSubject): string {
  const tag = createHash('sha256').update(`${systemId}/${deviceId}`).digest('hex').slice(0, TAG_LENGTH);
  return `${tag}/v${version}/${modelType}.onnx`;
}
