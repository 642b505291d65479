-- Leases due effects of a lane whose places are few and long (training): highest priority first; then the tenant
-- that holds the fewest places, so that one tenant's fleet does not keep the others waiting; then who waited longest.
-- One at a time, because each lease changes whose turn is next.
create function lifo4.claim_effects_fairly(
  by_worker text, in_lane text, max_rows integer, lease interval, site_now timestamptz)
returns setof lifo4.effect
language plpgsql as $$
#variable_conflict use_column
declare
  chosen text;
begin
  for turn in 1 .. max_rows loop
    select e.key into chosen from lifo4.effect e
    left join (
      select h.tenant, count(*) as places from lifo4.effect h
      where h.lane = in_lane and h.worker is not null and h.visible_at > now()
        and h.done_at is null and h.dead_at is null
      group by h.tenant
    ) held on held.tenant = e.tenant
    where e.lane = in_lane and e.done_at is null and e.dead_at is null
      and e.visible_at <= case e.clock when 'site' then site_now else now() end
    order by e.priority desc, coalesce(held.places, 0), e.visible_at
    limit 1 for update of e skip locked;
    exit when not found;
    return query
    update lifo4.effect e set attempts = e.attempts + 1, worker = by_worker, clock = 'machine',
      visible_at = now() + lease,
      done_at = case when e.cancel_requested then now() end
    where e.key = chosen
    returning e.*;
  end loop;
end $$;
