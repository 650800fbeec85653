-- The human call-back queue.

create table callbacks (
    id          uuid primary key,
    task_id     uuid not null references tasks,
    plan_id     uuid not null references plans,
    customer_id uuid not null references customers,
    attempt_id  uuid references attempts,
    cause       text not null check (cause in ('exhausted', 'flagged', 'person_asked', 'unknown', 'reconfirm_number')),
    detail      jsonb not null check (detail ->> 'cause' = cause),
    priority    smallint not null check (priority between 1 and 3),
    due_at      timestamptz not null,
    state       text not null default 'open' check (state in ('open', 'taken', 'done')),
    taken_by    uuid references accounts,
    taken_at    timestamptz,
    outcome     text check (outcome in ('succeeded', 'refused', 'exhausted', 'try_again')),
    note        text,
    created_at  timestamptz not null default now(),
    done_at     timestamptz,
    check ((taken_by is null) = (taken_at is null)),
    check (state <> 'open' or taken_by is null),
    check (state <> 'taken' or taken_by is not null),
    check ((state = 'done') = (done_at is not null)),
    check (outcome is null or state = 'done')
);
comment on table callbacks is 'Items of the human call-back queue (人工回访)';
comment on column callbacks.id is 'UUIDv7';
comment on column callbacks.task_id is 'The task a person decides';
comment on column callbacks.plan_id is 'The task''s plan';
comment on column callbacks.customer_id is 'The task''s customer';
comment on column callbacks.attempt_id is 'The attempt that raised or last sharpened it';
comment on column callbacks.cause is 'Why people must act';
comment on column callbacks.detail is 'The cause with its particulars: {"cause": …, "flags": […]}';
comment on column callbacks.priority is '1 is first (a supervisor sees it at once), 3 is ordinary';
comment on column callbacks.due_at is 'To be done by then';
comment on column callbacks.state is 'open, taken, done';
comment on column callbacks.taken_by is 'Who works on it, or did';
comment on column callbacks.taken_at is 'Since when';
comment on column callbacks.outcome is 'What the person reached; null also when the matter settled itself';
comment on column callbacks.note is 'What the person wrote';
comment on column callbacks.created_at is 'Queued';
comment on column callbacks.done_at is 'Finished';
create unique index callbacks_one_per_task on callbacks (task_id) where state <> 'done';
create index callbacks_queue on callbacks (priority, due_at, id) where state <> 'done';
create index callbacks_by_plan on callbacks (plan_id);
