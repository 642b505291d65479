/** Stream ids are `{type}-{id}`; the type is one of these. */
export const STREAM_TYPES = [
  'training-job',
  'deployment',
  'site',
  'device-journal',
  'device',
  'alert-silence',
  'alert',
  'fleet',
  'evaluation',
  'rollout',
] as const;
export type StreamType = (typeof STREAM_TYPES)[number];

export const streamId = (type: StreamType, id: string): string => `${type}-${id}`;

/** Journals of one device start anew with each installation, so that a reset never conflicts. */
export const journalStreamId = (deviceId: string, installationId: string): string =>
  streamId('device-journal', `${deviceId}-${installationId}`);

/** Splits a stream id; null when the type is unknown. Longer type names win (`device-journal` before `device`). */
export function parseStreamId(value: string): { type: StreamType; id: string } | null {
  const type = STREAM_TYPES.find((candidate) => value.startsWith(`${candidate}-`));
  return type === undefined ? null : { type, id: value.slice(type.length + 1) };
}
