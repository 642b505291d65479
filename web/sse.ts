/** One server-sent event; `id` is the last id seen so far. */
export interface ServerEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/**
 * Reads a `text/event-stream` in pieces as they arrive. Method: WHATWG HTML, section 9.2.6, without `retry`.
 * Browsers' own EventSource cannot send an Authorization header.
 */
export function createEventReader(onEvent: (event: ServerEvent) => void): (piece: string) => void {
  let rest = '';
  let id = '';
  let event = '';
  let data: string[] = [];

  function endEvent(): void {
    if (data.length > 0) onEvent({ id, event: event === '' ? 'message' : event, data: data.join('\n') });
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

  return (piece) => {
    // A carriage return at the very end may be half of CR LF: it waits for the next piece.
    const lines = (rest + piece).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const text of lines) line(text);
  };
}
