-- Plans that fire from dates: their schedule, their rounds of evaluation, and what a task was made for.

alter table plans
    add column schedule         jsonb not null default '{}' check (jsonb_typeof(schedule) = 'object'),
    add column first_started_at timestamptz,
    add column paused_at        timestamptz;
comment on column plans.schedule is 'What it fires on, in which roles and mode, by whom; {}: a list, called once when it starts';
comment on column plans.first_started_at is 'First start: what had to be done before it is none of the plan''s';
comment on column plans.paused_at is 'Last pause';
comment on column plans.audience is '"everyone", {"class": …}, {"external_ids": […]} or {"segment": {"classes": […], "branches": […], "products": […]}}';
comment on column plans.state is 'draft, approved, running, paused (no calls, tasks go on falling due), stopped';
update plans set first_started_at = started_at;
alter table plans drop constraint plans_state_check;
alter table plans add constraint plans_state_check
    check (state in ('draft', 'approved', 'running', 'paused', 'stopped'));

alter table tasks
    add column mode               text not null default 'phone' check (mode in ('phone', 'visit', 'letter', 'message')),
    add column aim_by             timestamptz,
    add column withdrawn_by_dates boolean not null default false;
comment on column tasks.mode is 'How the customer is to be reached; what is no phone call goes to a person when it is due';
comment on column tasks.aim_by is 'Overdue from then on, though still to be dialled; null: it has until its deadline';
comment on column tasks.withdrawn_by_dates is 'Withdrawn because nothing in the customer''s record asks for it any more; comes back when something does';

create table evaluations (
    plan_id         uuid primary key references plans on delete cascade,
    asked           boolean not null default true,
    day             date,
    seen_until      timestamptz,
    round_day       date,
    round_until     timestamptz,
    round_everybody boolean not null default true,
    round_after     uuid,
    node            text,
    lease_until     timestamptz,
    fence           bigint not null default 0 check (fence >= 0),
    check ((round_day is null) = (round_until is null)),
    check ((node is null) = (lease_until is null))
);
comment on table evaluations is 'How far the tasks of each plan with a schedule are in step with its customers'' dates';
comment on column evaluations.plan_id is 'Of which plan';
comment on column evaluations.asked is 'Everybody is to be looked at: the plan was started';
comment on column evaluations.day is 'Everybody was looked at on that day, at Shanghai';
comment on column evaluations.seen_until is 'Changes of customers made before are seen';
comment on column evaluations.round_day is 'Day of the round under way; null: none is';
comment on column evaluations.round_until is 'seen_until once that round is done: older than any transaction that was open at its begin';
comment on column evaluations.round_everybody is 'Whether that round is over everybody; else over those who have changed';
comment on column evaluations.round_after is 'Customers up to this id are done in that round';
comment on column evaluations.node is 'Process that has it';
comment on column evaluations.lease_until is 'Any process may go on with the round after that';
comment on column evaluations.fence is 'Grows with each lease; who comes with an older one changes nothing';

alter table attempts add column rehearsal_of uuid references plans;
alter table attempts add check (rehearsal_of is null or task_id is null);
comment on column attempts.rehearsal_of is 'The plan that its author heard for himself by this call; no call on a customer. Null: no rehearsal';

-- Further causes come with further releases; the words are those of records::CallbackCause.
alter table callbacks drop constraint callbacks_cause_check;
alter table callbacks add constraint callbacks_cause_check check (cause ~ '^[a-z_]+$');
