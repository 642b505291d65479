/** The longest error text that is kept. */
const MAX_ERROR = 4_000;

/** Texts of errors come from anywhere; Postgres takes no null characters. */
export const storable = (text: string): string => text.replaceAll('\0', '').slice(0, MAX_ERROR);
