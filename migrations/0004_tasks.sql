-- Tasks and the lease on them. The claim is a short transaction, never open during a call.

create table tasks (
    id          uuid primary key,
    plan_id     uuid not null references plans,
    customer_id uuid not null references customers,
    state       text not null default 'due' check (state in
        ('due', 'calling', 'waiting', 'with_person', 'succeeded', 'refused', 'exhausted', 'withdrawn')),
    next_at     timestamptz not null default now(),
    next_why    text,
    attempts    integer not null default 0 check (attempts >= 0),
    lease_node  text,
    lease_until timestamptz,
    fence       bigint not null default 0 check (fence >= 0),
    created_at  timestamptz not null default now(),
    ended_at    timestamptz,
    unique (plan_id, customer_id),
    check ((state = 'calling') = (lease_node is not null)),
    check ((state = 'calling') = (lease_until is not null)),
    check ((state in ('succeeded', 'refused', 'exhausted', 'withdrawn')) = (ended_at is not null)),
    check (ended_at >= created_at)
);
comment on table tasks is 'Tasks (回访任务): one customer due under one plan';
comment on column tasks.id is 'UUIDv7';
comment on column tasks.plan_id is 'Under which plan';
comment on column tasks.customer_id is 'Whom';
comment on column tasks.state is 'Where it stands; the last four words are ends';
comment on column tasks.next_at is 'Due, or to be tried again, from then on';
comment on column tasks.next_why is 'Why then: one sentence for people';
comment on column tasks.attempts is 'Attempts that counted on the customer';
comment on column tasks.lease_node is 'Process that has it while calling';
comment on column tasks.lease_until is 'Claimable again after that; an open attempt extends it to its longest life';
comment on column tasks.fence is 'Grows with each claim; a state change needs the fence it was claimed with';
comment on column tasks.created_at is 'Start of the plan that made it';
comment on column tasks.ended_at is 'When nothing more was to happen';

-- The claim walks this from its left end for each running plan. Tasks that are being called keep their place at
-- that end; they are as few as there are lines. Tasks that ended or are with a person are not in it.
create index tasks_claim on tasks (plan_id, next_at, id) where state in ('due', 'waiting', 'calling');
create index tasks_leases on tasks (lease_node) where state = 'calling';
create index tasks_by_plan on tasks (plan_id, id);
create index tasks_by_customer on tasks (customer_id, id);
