import { parseMeasured } from '../../ota/readings.ts';
import { MalformedMessage } from '../../ota/wire.ts';
import type { Sample } from '../../ports/device-store.ts';
import type { Reading } from '../../ports/telemetry.ts';

/** Largest message of a local program, bytes: sixty days of readings have about 200,000. */
export const MAX_LOCAL_BYTES = 1024 * 1024;

function parsed(bytes: Uint8Array): unknown {
  if (bytes.length > MAX_LOCAL_BYTES)
    throw new MalformedMessage('readings', [`${bytes.length} bytes, at most ${MAX_LOCAL_BYTES} are taken`]);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new MalformedMessage('readings', ['not JSON in UTF-8']);
  }
}

function listed(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null) throw new MalformedMessage('readings', ['no readings']);
  if (!('readings' in value)) return [value];
  if (Array.isArray(value.readings)) return value.readings;
  throw new MalformedMessage('readings', ['readings is not a list']);
}

/**
 * Readings and samples as a local program gives them: `{"readings": […]}`, a list, or a single one. Throws
 * `MalformedMessage`.
 */
export function readLocalReadings(bytes: Uint8Array): readonly (Reading | Sample)[] {
  const { readings, samples } = parseMeasured(listed(parsed(bytes)));
  return [...readings, ...samples];
}
