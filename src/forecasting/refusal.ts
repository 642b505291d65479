/** The data or the request cannot be trained, and trying again gives the same; `code` says why in one word. */
export class CannotTrain extends Error {
  override readonly name = 'CannotTrain';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
