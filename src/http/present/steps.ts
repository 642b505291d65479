import type { RecordedFact } from '../../events/envelope.ts';
import type { Lifecycle } from '../../machines/lifecycle.ts';
import { historyOf, type Step } from '../../visualizer/steps.ts';
import { presentFact } from './fact.ts';
import { presentContext, presentJudged, presentMove } from './instant.ts';

type Members = Readonly<Record<string, unknown>>;

/** Members that are other than before; machines replace what they change, so that what is the same is the same object. */
function changes(before: Members, after: Members, presented: Members) {
  const changed = Object.keys(after).filter((key) => after[key] !== undefined && after[key] !== before[key]);
  return {
    changed: Object.fromEntries(changed.map((key) => [key, presented[key]])),
    removed: Object.keys(before).filter((key) => before[key] !== undefined && after[key] === undefined),
  };
}

function presentStep(machine: string, step: Step, recorded: RecordedFact, before: unknown) {
  const { context } = step.stage;
  const { version, type, data, at, actor, recordedAt, machine: writtenBy } = presentFact(recorded);
  return {
    ...{ version, type, data, at, actor, recordedAt, machine: writtenBy },
    ...presentMove(step),
    ...changes(Object(before), Object(context), Object(presentContext(machine, context))),
    rivals: step.rivals.map(presentJudged),
    next: step.next.map(presentJudged),
  };
}

/** A page of a stream's history; `limit` is in steps. */
export function presentSteps(
  lifecycle: Lifecycle,
  facts: readonly RecordedFact[],
  after: number,
  limit: number,
) {
  const page = facts.filter(({ version }) => version <= after + limit);
  const { start, steps, next, broken } = historyOf(lifecycle, page, after);
  const byVersion = new Map(page.map((recorded) => [recorded.version, recorded]));
  const shown = steps.flatMap((step, i) => {
    const recorded = byVersion.get(step.version);
    const before = steps[i - 1]?.stage ?? start;
    return recorded === undefined ? [] : [presentStep(lifecycle.name, step, recorded, before.context)];
  });
  return {
    start: {
      version: Math.min(after, facts.length),
      state: start.state,
      context: presentContext(lifecycle.name, start.context),
      next: next.map(presentJudged),
    },
    steps: shown,
    next: broken === null && page.length < facts.length ? after + limit : null,
    broken,
  };
}
