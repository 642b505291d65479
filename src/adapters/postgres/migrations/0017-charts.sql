-- For charts, whose users may not read facts: what the stages of trainings took, and nothing else of their facts.
-- Jobs are found by the list of them, so that no index has to lead from a fact's type to the fact.
create view lifo4.chart_training_time as
select j.system_id, j.key as job_id, e.recorded_at, t.stage, t.model, t."cpuSeconds" as cpu_seconds
from lifo4.read_model j
join lifo4.event e on e.stream_id = 'training-job-' || j.key and e.type = 'ModelEvaluated'
cross join lateral jsonb_to_recordset(e.data -> 'timings') as t(stage text, model text, "cpuSeconds" float8)
where j.projection = 'jobs';
