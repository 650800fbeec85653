-- A plan fires from events in the customer's record: one task each firing and each role that is called.

alter table tasks
    add column occasion text not null default 'once' check (occasion <> ''),
    add column role     text not null default 'customer' check (role <> ''),
    add column due_on   date,
    add column due_by   timestamptz;
comment on table tasks is 'Tasks (回访任务): one customer due under one plan, for one occasion, in one role';
comment on column tasks.occasion is 'Which firing of the plan''s trigger: once, signed, installed+6m, 2026-Q4, …; stable under re-evaluation';
comment on column tasks.role is 'Which of the customer''s contacts is called';
comment on column tasks.due_on is 'The day the occasion falls on, where the customer is; null: a list';
comment on column tasks.due_by is 'Deadline: nothing is dialled from then on unless the plan says so; null: none';

alter table tasks drop constraint tasks_plan_id_customer_id_key;
alter table tasks add constraint tasks_one_per_firing unique (plan_id, customer_id, occasion, role);
