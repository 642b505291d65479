import { parseReadings, type ReportedReading } from '../../ota/messages.ts';
import { MalformedMessage } from '../../ota/wire.ts';

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

function listed(value: unknown): unknown {
  if (Array.isArray(value)) return { readings: value };
  const isOne = typeof value === 'object' && value !== null && !('readings' in value);
  return isOne ? { readings: [value] } : value;
}

/**
 * Readings as a local program gives them: `{"readings": […]}`, a list, or a single reading. Throws `MalformedMessage`.
 */
export const readLocalReadings = (bytes: Uint8Array): readonly ReportedReading[] =>
  parseReadings(listed(parsed(bytes)));
