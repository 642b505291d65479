import type pg from 'pg';
import type { FitOutcome, FittedModels } from '../../ports/fitted-models.ts';
import { storable } from './storable.ts';

interface Row {
  readonly effect_key: string;
  readonly checksum: string | null;
  readonly reason: string | null;
}

const outcomeOf = ({ checksum, reason }: Row): FitOutcome =>
  checksum === null ? { reason: reason ?? '' } : { checksum };

/** Outcomes of fits on Postgres, as `FittedModels` promises it. */
export function createPostgresFittedModels({ pool }: { readonly pool: pg.Pool }): FittedModels {
  return {
    record: async (key, outcome) => {
      const [checksum, reason] =
        'checksum' in outcome ? [outcome.checksum, null] : [null, storable(outcome.reason)];
      await pool.query(
        `insert into lifo4.fitted_model (effect_key, checksum, reason) values ($1, $2, $3)
         on conflict (effect_key) do nothing`,
        [key, checksum, reason],
      );
    },
    find: async (keys) => {
      const { rows } = await pool.query<Row>(
        'select effect_key, checksum, reason from lifo4.fitted_model where effect_key = any($1::text[])',
        [keys],
      );
      return new Map(rows.map((row) => [row.effect_key, outcomeOf(row)]));
    },
    forget: async (olderThanMs, remove) => {
      const { rows } = await pool.query<Row>(
        `select effect_key, checksum, reason from lifo4.fitted_model
         where recorded_at < now() - $1 * interval '1 millisecond'`,
        [olderThanMs],
      );
      for (const { effect_key: key, checksum } of rows) {
        if (checksum !== null) await remove(checksum);
        await pool.query('delete from lifo4.fitted_model where effect_key = $1', [key]);
      }
    },
  };
}
