/** What the parent tells its process, once. */
export interface Order<Request> {
  readonly request: Request;
}

/** What a process says; the last message is one of the other three. */
export type OrderMessage<Progress, Result> =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'done'; readonly result: Result }
  | { readonly type: 'refused'; readonly code: string; readonly message: string }
  | { readonly type: 'failed'; readonly message: string; readonly stack: string };
