-- Planned anew at each look, which are few: a plan made while the table was empty, which is kept until it is analyzed,
-- walked through everything that is not done, 16 ms for no work at all beside a fleet's 24,000 effects.
alter function lifo4.claim_effects_fairly(text, text, integer, interval, timestamptz)
  set plan_cache_mode = force_custom_plan;
