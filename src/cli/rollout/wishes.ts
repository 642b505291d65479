import { type Command, InvalidArgumentError, Option } from 'commander';
import type { RolloutRequest, RolloutSiteWish, RolloutStageWish } from '../../client/client.ts';
import { wholeNumber } from '../options.ts';

/** What the command line asks of a rollout. */

interface Window {
  readonly fromHour: number;
  readonly toHour: number;
}

export interface RolloutWishes {
  readonly zone?: string;
  readonly note?: string;
  readonly stages?: RolloutStageWish[];
  readonly shadowDays?: number;
  readonly window?: Window;
  readonly atOnce?: number;
  readonly perHour?: number;
  readonly soakHours?: number;
  readonly failures?: number;
  readonly timeouts?: number;
  readonly shadowWorse?: number;
  readonly liveWorse?: number;
  readonly errorIncrease?: number;
  readonly onBreach?: 'pause' | 'abort';
}

const MOST_SITES = 10_000;
const MOST_HOURS = 336;
const MOST_PERCENT = 100;

function stage(text: string): RolloutStageWish {
  const [, number = '', percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim()) ?? [];
  const value = Number(number);
  if (number === '' || value <= 0)
    throw new InvalidArgumentError('Write sites and shares with commas between, such as 1,10%,100%.');
  return percent === '%' ? { sharePct: value } : { sites: value };
}

const stages = (text: string): RolloutStageWish[] => text.split(',').map(stage);

function window(text: string): Window {
  const [, from, to] = /^(\d{1,2})-(\d{1,2})$/.exec(text) ?? [];
  if (from === undefined || to === undefined)
    throw new InvalidArgumentError('Write two local hours with a hyphen between, such as 1-5.');
  return { fromHour: Number(from), toHour: Number(to) };
}

/** A share in percent, with a fraction where it has one. */
function percent(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value > MOST_PERCENT)
    throw new InvalidArgumentError(`Write a share from 0 to ${MOST_PERCENT}, in percent.`);
  return value;
}

/** The options of `plan` and `start`; what is left out, the service decides. */
export function withRules(command: Command): Command {
  const share = (flag: string, text: string): Option =>
    new Option(`--${flag} <percent>`, text).argParser(percent);
  const options = [
    new Option('--zone <iana>', 'only sites of this zone'),
    new Option('--note <text>', 'for the record: what is rolled out, and why'),
    new Option('--stages <list>', 'sites or shares (default: 1,10%,100%)').argParser(stages),
    new Option('--shadow-days <days>', 'recent days in shadow, 0 for none (default: 7)').argParser(
      wholeNumber(0, 31),
    ),
    new Option('--window <hours>', 'local hours of offers, such as 1-5 (default: all)').argParser(window),
    new Option('--at-once <sites>', 'offers without an answer at a time (default: 20)').argParser(
      wholeNumber(1, 1000),
    ),
    new Option('--per-hour <sites>', 'offers within an hour').argParser(wholeNumber(1, MOST_SITES)),
    new Option(
      '--soak-hours <hours>',
      'how long a stage’s models serve before the next (default: 24)',
    ).argParser(wholeNumber(0, MOST_HOURS)),
    share('failures', 'of a stage’s sites that may fail (default: 5)'),
    share('timeouts', 'of a stage’s sites that may not answer (default: 20)'),
    share('shadow-worse', 'of candidates that may be worse in shadow (default: 50)'),
    share('live-worse', 'of a stage’s sites that may be worse in service (default: 20)'),
    share('error-increase', 'how much larger an error may be (default: 10)'),
    new Option('--on-breach <what>', 'what a passed threshold does (default: pause)').choices([
      'pause',
      'abort',
    ]),
  ];
  for (const option of options) command.addOption(option);
  return command;
}

/** `plant-7` for its latest version that passed, `plant-7@1.3.0` for that one. */
function siteWish(text: string): RolloutSiteWish {
  const at = text.indexOf('@');
  return at < 0 ? { systemId: text } : { systemId: text.slice(0, at), version: text.slice(at + 1) };
}

/** Leaves out what was not said, so that the service's own defaults hold. */
const said = <Fields extends object>(fields: Fields): Partial<Fields> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Fields>;

export function requestOf(sites: readonly string[], wishes: RolloutWishes, dryRun: boolean): RolloutRequest {
  const {
    zone,
    note,
    stages: list,
    shadowDays,
    window: hours,
    atOnce,
    perHour,
    soakHours,
    onBreach,
  } = wishes;
  const thresholds = said({
    failuresPct: wishes.failures,
    timeoutsPct: wishes.timeouts,
    shadowWorsePct: wishes.shadowWorse,
    liveWorsePct: wishes.liveWorse,
    errorIncreasePct: wishes.errorIncrease,
  });
  const rules = { zone, note, stages: list, shadowDays, window: hours, atOnce, perHour, soakHours, onBreach };
  const named = sites.length === 0 ? {} : { sites: sites.map(siteWish) };
  return { ...said(rules), ...named, thresholds, dryRun } as RolloutRequest;
}
