-- What came of models that were fitted apart from their training: the checksum of what they learnt, or why not. Rows
-- live as long as their training needs them, a day at most.
create table lifo4.fitted_model (
  effect_key text collate "C" primary key,
  checksum text,
  reason text,
  recorded_at timestamptz not null default now()
);
