-- Dialing by several processes on one database: what is due where, and whose a trunk's lines are.

-- A plan's windows are looked at where the customer is, so a claim walks the tasks of one zone: those whose windows are
-- shut are left alone.
alter table tasks add column zone text collate "C" not null default 'Asia/Shanghai' check (zone <> '');
comment on column tasks.zone is 'IANA zone of the customer, for the claim; kept by triggers';
update tasks t set zone = c.time_zone from customers c
where c.id = t.customer_id and c.time_zone <> t.zone;

create function tasks_are_where_their_customers_are() returns trigger language plpgsql as $$
begin
    update tasks t set zone = c.time_zone
    from inserted i join customers c on c.id = i.customer_id
    where t.id = i.id and c.time_zone <> i.zone;
    return null;
end $$;
create trigger tasks_zone after insert on tasks referencing new table as inserted
    for each statement execute function tasks_are_where_their_customers_are();

create function tasks_move_with_their_customers() returns trigger language plpgsql as $$
begin
    update tasks set zone = coalesce(new.time_zone, 'Asia/Shanghai')
    where customer_id = new.id and zone <> coalesce(new.time_zone, 'Asia/Shanghai');
    return null;
end $$;
create trigger customers_zone after update of time_zone on customers for each row
    when (old.time_zone is distinct from new.time_zone)
    execute function tasks_move_with_their_customers();

-- The claim walks this from its left end for each plan and zone. What is being called is not in it: tasks of processes
-- that are gone are put back by looking at those that are being called, which are as few as there are lines.
drop index tasks_claim;
create index tasks_claim on tasks (plan_id, zone, next_at, id) where state in ('due', 'waiting');

-- Each call changes its task three times. Room on the page lets a change that touches no index stay there, and dead
-- rows go before the left end of the index is full of them.
alter table tasks set (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02,
    autovacuum_vacuum_cost_delay = 1);
alter table attempts set (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.02);

-- What of a trunk is lent to which process. Together it is never more than the trunk has.
create table lendings (
    id           uuid primary key,
    node         text not null check (node <> ''),
    trunk        text not null check (trunk <> ''),
    whole_lines  integer not null check (whole_lines >= 0),
    whole_cps    integer not null check (whole_cps >= 0),
    held_lines   integer not null check (held_lines >= 0),
    held_cps     integer not null check (held_cps >= 0),
    wanted_lines integer not null check (wanted_lines >= 0),
    wanted_cps   integer not null check (wanted_cps >= 0),
    until        timestamptz not null,
    unique (trunk, node)
) with (fillfactor = 50, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0);
comment on table lendings is 'Lines (线路) and calls per second of trunks (中继), lent to processes';
comment on column lendings.id is 'UUIDv7';
comment on column lendings.node is 'The process';
comment on column lendings.trunk is 'The trunk, by its name in the configuration';
comment on column lendings.whole_lines is 'Lines of the trunk as this process is configured; the least of all processes counts';
comment on column lendings.whole_cps is 'The same for calls begun per second';
comment on column lendings.held_lines is 'Lines that it may have in use';
comment on column lendings.held_cps is 'Calls that it may begin in a second';
comment on column lendings.wanted_lines is 'Lines that it could use';
comment on column lendings.wanted_cps is 'Calls a second that it could use';
comment on column lendings.until is
    'Unless renewed, from then on others have what it held, except the lines of its open attempts: those are kept until alive_until';

alter table attempts add column lending_id uuid;
comment on column attempts.lending_id is 'What its line is of; the lending may be gone. Null: lines were not shared';
