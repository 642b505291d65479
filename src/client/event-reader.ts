export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

export interface EventReader {
  readonly feed: (piece: string) => void;
  /** The last id that a finished event carried, with data or without; empty before the first. */
  readonly lastId: () => string;
}

/**
 * Reads a `text/event-stream` in pieces as they arrive. Method: WHATWG HTML, section 9.2.6, without `retry`.
 * Browsers' own EventSource cannot send an Authorization header.
 */
export function createEventReader(onEvent: (event: ServerEvent) => void): EventReader {
  let rest = '';
  let id = '';
  let lastId = '';
  let event = '';
  let data: string[] = [];

  function endEvent(): void {
    lastId = id;
    if (data.length > 0) onEvent({ event: event === '' ? 'message' : event, data: data.join('\n') });
    event = '';
    data = [];
  }

  function field(name: string, value: string): void {
    if (name === 'data') data.push(value);
    else if (name === 'event') event = value;
    else if (name === 'id' && !value.includes('\0')) id = value;
  }

  function line(text: string): void {
    const colon = text.includes(':') ? text.indexOf(':') : text.length;
    if (text === '') endEvent();
    else field(text.slice(0, colon), text.slice(colon + 1).replace(/^ /, ''));
  }

  const feed = (piece: string): void => {
    // A carriage return at the very end may be half of CR LF: it waits for the next piece.
    const lines = (rest + piece).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const text of lines) line(text);
  };
  return { feed, lastId: () => lastId };
}
