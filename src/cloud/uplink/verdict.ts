/** Why a device's message was not taken. Every refusal is logged and counted. */
export type UplinkRefusal =
  | 'malformed'
  | 'foreign-device'
  | 'unknown-deployment'
  | 'answer-quota'
  | 'future-readings'
  | 'future-forecast'
  | 'journal-gap'
  | 'journal-conflict'
  | 'journal-unfit'
  | 'journal-quota';

/** Why a message was refused, for the log. */
export interface Verdict {
  readonly refusal: UplinkRefusal;
  readonly detail: string;
}
