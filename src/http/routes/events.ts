import type { SequencedFact } from '../../events/envelope.ts';
import type { EventLog } from '../../ports/event-log.ts';
import { personOf } from '../auth/authenticate.ts';
import type { App, HttpDependencies } from '../dependencies.ts';
import { needs } from '../principal.ts';
import { answers } from '../schemas/answers.ts';
import { EventFilter, EventPage } from '../schemas/events.ts';
import { visibleTo } from '../visible.ts';

const PAGE = 500;
/** A page of few facts among many of others ends here: the caller reads on, and no request holds the database long. */
const MOST_READ = 20_000;

interface Found {
  readonly items: readonly SequencedFact[];
  readonly cursor: number;
  readonly atEnd: boolean;
}

/** Those of a page that are wanted, as far as there is room, and where that ended. */
function pick(page: readonly SequencedFact[], room: number, wanted: (fact: SequencedFact) => boolean) {
  const found = page.filter(wanted);
  const items = found.slice(0, room);
  const last = found.length < room ? page.at(-1) : items.at(-1);
  return { items, last: last?.seq };
}

/** The next facts after `cursor` that are wanted, at most `limit`. */
async function readOn(
  log: Pick<EventLog, 'readFeed'>,
  cursor: number,
  limit: number,
  wanted: (fact: SequencedFact) => boolean,
): Promise<Found> {
  const items: SequencedFact[] = [];
  let at = cursor;
  let read = 0;
  let page: readonly SequencedFact[];
  do {
    page = await log.readFeed(at, PAGE);
    const picked = pick(page, limit - items.length, wanted);
    items.push(...picked.items);
    at = picked.last ?? at;
    read += page.length;
  } while (page.length === PAGE && items.length < limit && read < MOST_READ);
  return { items, cursor: at, atEnd: page.length < PAGE && items.length < limit };
}

/** `GET /events`: the log itself, page by page. */
export const eventRoutes =
  ({ log }: Pick<HttpDependencies, 'log'>) =>
  async (app: App): Promise<void> => {
    app.get(
      '/events',
      {
        config: { access: needs('ml:read') },
        schema: {
          tags: ['stream'],
          operationId: 'listEvents',
          summary: 'Facts of the log in its order, as it holds them',
          description:
            'For exports and for programs that fold facts themselves. Read on until `atEnd`; `/stream` goes on from there, with `nextCursor` as `Last-Event-ID`.',
          querystring: EventFilter,
          response: answers({ 200: EventPage }),
        },
      },
      async (request) => {
        const { limit, cursor, ...filter } = request.query;
        const wanted = visibleTo(personOf(request), filter);
        const { items, cursor: next, atEnd } = await readOn(log, Number(cursor), limit, wanted);
        return { items, nextCursor: String(next), atEnd };
      },
    );
  };
