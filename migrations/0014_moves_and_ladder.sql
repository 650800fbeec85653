-- Why a task went where it went, and the rungs of the ladder beside calls and the call-back queue (L12-L14).

alter table tasks
    add column rung        integer not null default 0 check (rung >= 0),
    add column round_since timestamptz;
comment on column tasks.rung is 'The rung of the plan''s ladder it stands on, from 0';
comment on column tasks.round_since is 'Since when its round of calls counts; null: from the beginning';

create table ladder_steps (
    id          uuid primary key,
    task_id     uuid not null references tasks,
    plan_id     uuid not null references plans,
    customer_id uuid not null references customers,
    rung        integer not null check (rung >= 0),
    kind        text not null check (kind in ('reconfirm', 'message', 'visit', 'letter')),
    state       text not null default 'open' check (state in ('open', 'carried', 'done')),
    opened_at   timestamptz not null default now(),
    due_at      timestamptz,
    carried_at  timestamptz,
    done_at     timestamptz,
    outcome     text check (outcome in ('succeeded', 'confirmed', 'refused', 'failed', 'lapsed')),
    form        jsonb check (form ->> 'form' = kind),
    note        text,
    by_account  uuid references accounts,
    check ((state = 'done') = (done_at is not null)),
    check ((state = 'done') = (outcome is not null)),
    check (state <> 'carried' or carried_at is not null)
);
comment on table ladder_steps is 'Steps that people and other channels carry out, when calls reached nobody';
comment on column ladder_steps.id is 'UUIDv7';
comment on column ladder_steps.task_id is 'For which task';
comment on column ladder_steps.plan_id is 'The task''s plan';
comment on column ladder_steps.customer_id is 'The task''s customer';
comment on column ladder_steps.rung is 'Its place in the plan''s ladder, from 0';
comment on column ladder_steps.kind is 'Number to re-confirm, SMS or e-mail, visit, letter';
comment on column ladder_steps.state is 'open; carried: sent or posted, its answer is waited for; done';
comment on column ladder_steps.opened_at is 'When the task came to it';
comment on column ladder_steps.due_at is 'The next rung follows when it is not done by then; null: no limit';
comment on column ladder_steps.carried_at is 'Sent or posted';
comment on column ladder_steps.done_at is 'Ended';
comment on column ladder_steps.outcome is 'What it brought; lapsed: its time was over';
comment on column ladder_steps.form is 'What was done, by kind: {"form": …, …}';
comment on column ladder_steps.note is 'What the person wrote';
comment on column ladder_steps.by_account is 'Who carried it out or ended it last; null: its time was over';
create unique index ladder_steps_one_per_task on ladder_steps (task_id) where state <> 'done';
create index ladder_steps_due on ladder_steps (due_at, id) where state <> 'done';
create index ladder_steps_open on ladder_steps (id) where state <> 'done';
create index ladder_steps_by_plan on ladder_steps (plan_id, task_id);
create index ladder_steps_by_task on ladder_steps (task_id);

create table task_moves (
    id         bigint generated always as identity primary key,
    task_id    uuid not null references tasks,
    at         timestamptz not null default clock_timestamp(),
    from_state text,
    to_state   text not null,
    rule       text not null check (rule ~ '^[a-z_]+$'),
    why        text not null,
    next_at    timestamptz,
    attempt_id uuid references attempts,
    step_id    uuid references ladder_steps,
    by_whom    text
);
comment on table task_moves is 'Why each task went where it went: append-only, written with the move itself';
comment on column task_moves.id is 'Grows with each move';
comment on column task_moves.task_id is 'Of which task';
comment on column task_moves.at is 'When';
comment on column task_moves.from_state is 'Where it stood; null: it came into being';
comment on column task_moves.to_state is 'Where it stands then; calling to calling: an attempt was dialled, or went over another trunk';
comment on column task_moves.rule is 'By which rule: the closed vocabulary of records::MoveRule';
comment on column task_moves.why is 'One sentence for people, with the figures of the case';
comment on column task_moves.next_at is 'To be called again from then on';
comment on column task_moves.attempt_id is 'The attempt that was dialled, or that led to it';
comment on column task_moves.step_id is 'The step of the ladder it led to, or that led to it';
comment on column task_moves.by_whom is 'Who decided: an account''s id; null: the policy';
create index task_moves_by_task on task_moves (task_id, id);
create trigger task_moves_append_only before update or delete on task_moves
    for each row execute function refuse_change();

-- Whoever makes tasks, one statement or a million rows: the history begins with it.
create function enter_fresh_tasks() returns trigger language plpgsql as $$
begin
    insert into task_moves (task_id, to_state, rule, why, next_at)
    select id, state,
           case state when 'refused' then 'opted_out' when 'withdrawn' then 'waived' else 'fell_due' end,
           coalesce(next_why, case state when 'refused' then 'the customer wants no calls'
                                         when 'withdrawn' then 'a signed waiver exempts the customer'
                                         else 'the plan''s occasion arose' end),
           case when state in ('due', 'waiting') then next_at end
    from fresh;
    return null;
end
$$;
create trigger tasks_enter_fresh after insert on tasks
    referencing new table as fresh for each statement execute function enter_fresh_tasks();

-- The net: a state that changed without a word is entered as the transaction ends. Claims are no such change: a task
-- is told of when it is dialled. Of what was given back for want of a line the last move is true still.
create function enter_untold_move() returns trigger language plpgsql as $$
declare
    told text;
    stands tasks;
begin
    select * into stands from tasks where id = new.id;
    select to_state into told from task_moves where task_id = new.id order by id desc limit 1;
    if stands.state = 'calling' or told is not distinct from stands.state then
        return null;
    end if;
    insert into task_moves (task_id, from_state, to_state, rule, why, next_at)
    values (new.id, old.state, stands.state,
            case when old.state = 'calling' and stands.state in ('due', 'waiting') then 'given_back'
                 when stands.state <> 'withdrawn' then 'unstated'
                 when exists (select from waivers w where w.customer_id = stands.customer_id
                              and w.revoked_at is null and (w.plan_id is null or w.plan_id = stands.plan_id))
                 then 'waived' else 'withdrawn' end,
            coalesce(stands.next_why, 'no rule was stated'),
            case when stands.state in ('due', 'waiting') then stands.next_at end);
    return null;
end
$$;
create constraint trigger tasks_enter_untold after update of state on tasks
    deferrable initially deferred for each row
    when (old.state is distinct from new.state and new.state <> 'calling')
    execute function enter_untold_move();

-- Tasks that were there before.
insert into task_moves (task_id, at, to_state, rule, why, next_at)
select id, created_at, state, 'unstated', 'the task was there before its moves were written down',
       case when state in ('due', 'waiting') then next_at end
from tasks;

-- Calls on one number within the last days, over all plans and by hand: asked before every call. Not concurrently: of two
-- processes that start at once, one would wait for the other's migration lock, and the index for its transaction.
create index attempts_by_number on attempts (number, started_at);
