/** Problem details (RFC 9457): every error answer of the API has this shape. */

export interface FieldProblem {
  /** JSON pointer into the request: `/body/…`, `/querystring/…`, `/params/…` or `/headers/…`. */
  readonly pointer: string;
  /** Row of a table of readings, from 1. */
  readonly row?: number;
  readonly detail: string;
}

export interface ProblemExtras {
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the answer, such as `jobId`. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly problems?: readonly FieldProblem[];
}

/** Title of each status that we answer with. */
export const PROBLEM_TITLES = {
  400: 'The request is not valid',
  401: 'Authentication is needed',
  403: 'The credential does not allow this',
  404: 'There is no such thing here',
  405: 'This method is not possible here',
  409: 'The request conflicts with the current state',
  410: 'It is gone for good',
  412: 'Somebody else changed it meanwhile',
  413: 'The request is too large',
  415: 'The format is not supported',
  416: 'The range is outside the file',
  422: 'The request cannot be done',
  429: 'Too many requests',
  500: 'Something went wrong on our side',
  503: 'The service cannot answer now',
} as const;
export type ProblemStatus = keyof typeof PROBLEM_TITLES;

/** An error that already knows its answer. `code` is stable for programs, the message is for people. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: ProblemStatus;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly members: Readonly<Record<string, unknown>>;
  readonly problems: readonly FieldProblem[];

  constructor(status: ProblemStatus, code: string, detail: string, extras: ProblemExtras = {}) {
    super(detail);
    this.status = status;
    this.code = code;
    this.headers = extras.headers ?? {};
    this.members = extras.members ?? {};
    this.problems = extras.problems ?? [];
  }
}

/** The body of the answer. `instance` is the request's id, which the log carries too. */
export function problemBody(problem: Problem, requestId: string) {
  return {
    type: `urn:lifo4-ml:problem:${problem.code}`,
    title: PROBLEM_TITLES[problem.status],
    status: problem.status,
    detail: problem.message,
    code: problem.code,
    instance: `urn:uuid:${requestId}`,
    ...(problem.problems.length === 0 ? {} : { problems: problem.problems }),
    ...problem.members,
  };
}
