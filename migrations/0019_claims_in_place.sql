-- A claim changes nothing that an index of tasks contains, so that a task that is claimed stays on its page and no index
-- is written: an index on the state would be, and with it every other one.

-- Rows that are claimed one after the other lie side by side: more room for them on each page.
alter table tasks set (fillfactor = 70);
alter table tasks add column dialable boolean not null
    generated always as (state in ('due', 'waiting', 'calling')) stored;
comment on column tasks.dialable is 'The dialer''s: it waits for a call or is in one. A claim does not change it';

-- The claim walks this from its left end for each plan and zone. Tasks in a call keep their place at that end; they are as
-- few as there are lines. Tasks that ended or are with a person are not in it.
drop index tasks_claim;
create index tasks_claim on tasks (plan_id, zone, next_at, id) where dialable;

-- In place of an index on the leases, which a claim would have to enter.
drop index tasks_leases;
create table tasks_in_call (
    task_id uuid primary key
) with (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0, autovacuum_analyze_threshold = 100000);
comment on table tasks_in_call is
    'Tasks whose state is calling, kept by a trigger; no foreign key, which would lock the task once more';
comment on column tasks_in_call.task_id is 'The task';
insert into tasks_in_call select id from tasks where state = 'calling';

create function keep_tasks_in_call() returns trigger language plpgsql as $$
begin
    if new.state = 'calling' then
        insert into tasks_in_call (task_id) values (new.id) on conflict do nothing;
    else
        delete from tasks_in_call where task_id = new.id;
    end if;
    return null;
end
$$;
create trigger tasks_in_call after update of state on tasks for each row
    when ((old.state = 'calling') is distinct from (new.state = 'calling'))
    execute function keep_tasks_in_call();

-- A customer may ask for letters or for somebody to come.
alter table customers drop constraint customers_channel_check;
alter table customers add constraint customers_channel_check
    check (channel in ('phone', 'sms', 'email', 'visit', 'letter'));

-- Whom a task calls: who plays the part, the customer himself where nobody does.
create function live_numbers_of(customer uuid, asked text) returns table (number text)
    language sql stable parallel safe as $$
    select n.number from contacts k join numbers n on n.contact_id = k.id
    where k.customer_id = customer and n.dead_at is null
      and k.role = (select coalesce(max(r.role), 'customer')
                    from contacts r join numbers m on m.contact_id = r.id
                    where r.customer_id = customer and r.role = asked)
      and not exists (select from opt_outs o where o.number = n.number and o.withdrawn_at is null)
      and not exists (select from opt_outs o where o.customer_id = customer and o.withdrawn_at is null)
    order by n.position, n.number
$$;
comment on function live_numbers_of is 'Numbers still to be tried of the role, in order: neither dead nor opted out by anybody';
