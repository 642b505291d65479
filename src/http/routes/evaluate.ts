import { type EvaluationRequest, Invalid } from '../../cloud/control-plane.ts';
import { personOf } from '../auth/authenticate.ts';
import type { App, HttpDependencies } from '../dependencies.ts';
import { daysBetween, localDay } from '../local-day.ts';
import { callerOf, needs } from '../principal.ts';
import { Problem } from '../problem/problem.ts';
import { answers } from '../schemas/answers.ts';
import { EvaluationBody, EvaluationSchema } from '../schemas/evaluation.ts';
import { visibleSite } from '../visible.ts';

/** Longest period that is answered directly. */
const MAX_DAYS = 31;

function checkPeriod({ startDate, endDate }: EvaluationRequest, today: string): void {
  const days = daysBetween(startDate, endDate);
  if (days === null)
    throw new Invalid('no-such-day', 'startDate or endDate is no day of the calendar: write YYYY-MM-DD.');
  if (days < 1) throw new Invalid('period-reversed', 'endDate lies before startDate: exchange them.');
  if (days > MAX_DAYS) {
    throw new Invalid(
      'period-too-long',
      `The period has ${days} days: ask for at most ${MAX_DAYS} at a time.`,
    );
  }
  if (endDate > today) {
    throw new Invalid('period-in-future', `endDate lies in the future: the last day possible is ${today}.`);
  }
}

/** `POST /ml/evaluate`: a model version's forecasts against what then happened. */
export const evaluateRoute =
  ({ control, clocks }: Pick<HttpDependencies, 'control' | 'clocks'>) =>
  async (app: App): Promise<void> => {
    app.post(
      '/ml/evaluate',
      {
        config: { access: needs('ml:read'), refusals: [404, 422] },
        schema: {
          tags: ['models'],
          operationId: 'evaluate',
          summary: 'Backtest a model version on past days',
          description: `Both days are local and included; at most ${MAX_DAYS} days.`,
          body: EvaluationBody,
          response: answers({ 200: EvaluationSchema }),
        },
      },
      async (request, reply) => {
        const person = personOf(request);
        const { settings } = await visibleSite(control, person, request.body.systemId);
        checkPeriod(request.body, localDay(clocks.site.now(), settings.zone));
        const gone = new AbortController();
        // Nobody waits for the answer any more: the work behind it stops.
        reply.raw.once('close', () => gone.abort());
        try {
          return await control.evaluate(callerOf(person), request.body, gone.signal);
        } catch (error) {
          // Nobody reads this answer, and nothing went wrong on our side.
          if (gone.signal.aborted) throw new Problem(400, 'caller-left', 'The caller did not wait.');
          throw error;
        }
      },
    );
  };
