import type { ProblemStatus } from './problem.ts';

/** One refusal of each status, for the API document: its code and what it says. */
export const PROBLEM_EXAMPLES: Readonly<Record<ProblemStatus, readonly [code: string, detail: string]>> = {
  400: ['invalid-request', '/body/systemId must look like ^[a-z0-9][a-z0-9-]{0,62}$.'],
  401: ['invalid-token', 'The token has expired: request a new one from its issuer.'],
  403: ['insufficient-scope', 'The token lacks the scope ml:train: request one that has it.'],
  404: ['site-not-found', 'No site "bess-457": check the id, or register the site.'],
  405: ['method-not-allowed', '/api/v1/ml/retrain answers POST only.'],
  409: ['job-running', 'Job 0197a3c2-7d1e-7c55-9a43-5a3b3f6f2d10 of this site has not ended.'],
  410: ['artifact-gone', 'The file of version 1.0.0 was removed a year after it last ran.'],
  412: ['changed-meanwhile', 'Somebody else changed this since you read it: read it again and repeat.'],
  413: ['body-too-large', 'The body is too large: send at most 1 MB of JSON.'],
  415: ['unsupported-media-type', 'Send the body as JSON with Content-Type: application/json.'],
  416: ['range-outside-file', 'The file has 181000 bytes: ask for a range inside it.'],
  422: ['idempotency-key-reused', 'This Idempotency-Key stands for another request: use a new key.'],
  429: ['too-many-requests', 'This token has asked too often: try again in 12 seconds.'],
  500: ['internal', 'This is our fault and was logged: try again, and report the instance if it stays.'],
  503: ['unavailable', 'A part of the service is not reachable: try again in a few seconds.'],
};
