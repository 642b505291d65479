/** Why a local request was refused: answered as problem details (RFC 9457). */
export class LocalProblem extends Error {
  override readonly name = 'LocalProblem';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

export const problemBody = ({ status, code, message }: LocalProblem): string =>
  JSON.stringify({ type: `about:blank#${code}`, title: code, status, code, detail: message });
