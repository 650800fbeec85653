-- Lists that come into being a part at a time, waivers that hold where tasks are made, who approved a plan, and steps that
-- somebody has taken.

create table listings (
    plan_id uuid primary key references plans on delete cascade,
    after   uuid,
    begun   timestamptz not null default now()
);
comment on table listings is 'Lists (名单) whose tasks are being made; a plan without a row has all of them';
comment on column listings.plan_id is 'Of which plan';
comment on column listings.after is 'Customers up to this id have their tasks; null: nobody has';
comment on column listings.begun is 'When the plan was started';

-- The plan of the statement is made once in a session, maybe when no task was there; it must serve when there are a million.
create or replace function tasks_are_where_their_customers_are() returns trigger language plpgsql
    set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
begin
    update tasks t set zone = c.time_zone
    from inserted i join customers c on c.id = i.customer_id
    where t.id = i.id and c.time_zone <> i.zone;
    return null;
end $$;

-- L9.4: the waivers of the customers that a plan is about to fall due for, those that were taken back as well.
create index waivers_by_customer on waivers (customer_id);
drop index waivers_in_force;
comment on column tasks.withdrawn_by_dates is
    'Withdrawn untouched, because nothing in the customer''s record asks for it any more or a waiver covers it; comes back when that ends';

-- What a waiver covers is withdrawn by that rule, whoever noticed it.
create or replace function enter_untold_move() returns trigger language plpgsql as $$
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
                 then 'waived'
                 when stands.withdrawn_by_dates then 'date_changed'
                 else 'withdrawn' end,
            coalesce(stands.next_why, 'no rule was stated'),
            case when stands.state in ('due', 'waiting') then stands.next_at end);
    return null;
end
$$;

-- W8.3: until here nobody could approve his own plan where the installation did not allow it.
alter table plans add column own_approval boolean not null default false
    check (not own_approval or approved_by = created_by);
comment on column plans.own_approval is
    'Its author approved it, as this installation''s setting allowed at that time (http.self_approval)';
update plans set own_approval = true where approved_by = created_by;

alter table ladder_steps
    add column taken_by uuid references accounts,
    add column taken_at timestamptz,
    add check ((taken_by is null) = (taken_at is null));
comment on column ladder_steps.taken_by is 'Whose step it is: nobody else carries it out or ends it; null: anybody''s';
comment on column ladder_steps.taken_at is 'Since when';
