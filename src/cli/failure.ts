import { describeFailure } from '../main/failure.ts';
import { plain } from './output/columns.ts';

/** Exit codes of the program, the same for every command. */
export const EXIT = {
  ok: 0,
  /** The data, the model file or the work was refused or failed. */
  failed: 1,
  /** An option, a setting, a folder or a file's place is wrong. */
  usage: 2,
  /** Ctrl-C, as shells count it. */
  cancelled: 130,
} as const;

/** What was asked for cannot be: an option, a file or a folder; the message says what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The data or a model file is not fit for the work; the message says where and what to do. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The person ended the program. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';

  constructor(message = 'cancelled; nothing was written') {
    super(message);
  }
}

/** How the program tells of an error and ends. */
export interface Failure {
  readonly exitCode: number;
  /** One word for programs. */
  readonly code: string;
  /** One line for people. */
  readonly message: string;
}

/** Errors by whose name the numbers refuse data or a model: their messages say where and what to do. */
const REFUSALS = new Set([
  'ApiProblem',
  'CsvError',
  'UnusableData',
  'TrainingRefused',
  'UnusableModel',
  'UnknownLayout',
  'NothingToScore',
  'NoHistory',
  'OrderFailed',
  'UnusableLog',
]);
const USAGE = new Set([
  'UsageError',
  'BadSetting',
  'UnknownZone',
  'UnknownPlace',
  'InvalidSpecialDay',
  'Invalid',
]);

const words = (name: string): string => name.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : words(error.name);
}

const oneLine = (text: string): string => plain(text.replace(/\s*\n\s*/g, ' ')).trim();

/** No stack: what is wrong and what to do, in one line. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error))
    return { exitCode: EXIT.failed, code: 'failed', message: oneLine(String(error)) };
  const code = codeOf(error);
  const message = oneLine(error.message);
  if (error instanceof Cancelled) return { exitCode: EXIT.cancelled, code: 'cancelled', message };
  if (error instanceof Refused || REFUSALS.has(error.name)) return { exitCode: EXIT.failed, code, message };
  if (USAGE.has(error.name)) return { exitCode: EXIT.usage, code, message };
  return { exitCode: EXIT.failed, code, message: oneLine(describeFailure(error)) };
}
