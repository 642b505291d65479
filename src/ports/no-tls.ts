/** What TLS libraries say of a server that answers in the clear. */
const NO_TLS = /wrong version number|packet length too long|EPROTO/i;

/** Whether a client that wanted TLS met a server that speaks none. */
export const speaksNoTls = (error: unknown): boolean => error instanceof Error && NO_TLS.test(error.message);
