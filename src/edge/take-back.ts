import type { DeviceJournal } from './journal.ts';

/** There is no model before the one that runs: taking that back would leave the site with none. */
export class NothingToTakeBack extends Error {
  override readonly name = 'NothingToTakeBack';
  readonly code = 'nothing-to-take-back';

  constructor(runningVersion: string | null) {
    super(
      runningVersion === null
        ? 'no model runs: there is nothing to take back'
        : `no model from before ${runningVersion} is kept: taking it back would leave the site with none; restore another version from the cloud instead`,
    );
  }
}

const BY_OPERATOR = 'operator';

/**
 * A person on site takes the running model back; the one before serves again, and the cloud hears `rolledback` with
 * the reason `operator`. Throws {@link NothingToTakeBack}, or `IllegalCommand` while files are being moved.
 */
export function takeBack(journal: DeviceJournal, why: string): void {
  const said = why.trim().slice(0, 300);
  const reason = said === '' ? BY_OPERATOR : `${BY_OPERATOR}: ${said}`;
  const facts = journal.apply({ type: 'take-back', reason });
  if (facts.length === 0) throw new NothingToTakeBack(journal.stage().context.running?.version ?? null);
}
