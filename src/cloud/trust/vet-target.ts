import type { EventLog } from '../../ports/event-log.ts';
import type { TargetRequest } from '../../ports/trust-store.ts';
import { evaluationOf, versionFile } from '../version-file.ts';

/** Why a target is not signed; null when the log bears it out. */
export async function vetTarget(
  log: Pick<EventLog, 'lookup' | 'readStream'>,
  { systemId, deviceId, version, modelType, artifact }: TargetRequest,
): Promise<string | null> {
  if ((await log.lookup('active-device', systemId)) !== deviceId)
    return `${deviceId} is not the site’s device`;
  const evaluated = await evaluationOf(log, systemId, version);
  const file = evaluated === null ? null : versionFile(evaluated, modelType);
  if (file === null) return `the log knows no evaluated ${modelType} ${version} of this site`;
  if (file.checksum === artifact.checksum && file.size === artifact.size) return null;
  return `the log has ${file.checksum} of ${file.size} bytes as version ${version}, not ${artifact.checksum}`;
}
