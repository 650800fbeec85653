-- When more is due than can be called today, what cannot wait is called first.

alter table tasks add column rank smallint not null default 3 check (rank between 0 and 4);
comment on column tasks.rank is
    'How early within its plan, before next_at: 0 its last day, 1 a class that comes before the plan''s priority, 2 its last days, 3 as usual, 4 a class that comes behind; set when the task is made, looked at again each day by the evaluation';

-- The claim walks this from its left end for each plan, zone and rank; the ranks are five. A claim changes nothing in it.
-- Not concurrently: see 0014.
drop index tasks_claim;
create index tasks_claim on tasks (plan_id, zone, rank, next_at, id) where dialable;
