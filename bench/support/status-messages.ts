export type NodeOrder = 'train' | 'delay';

export type NodeAnswer =
  | { readonly kind: 'ready'; readonly url: string }
  | { readonly kind: 'training'; readonly jobId: string }
  /** 99th percentile of the event loop's delay since the last report. */
  | { readonly kind: 'delay'; readonly p99Ms: number };
