-- A task that the customer's dates no longer ask for is withdrawn by that rule.

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
                 when stands.withdrawn_by_dates then 'date_changed'
                 when exists (select from waivers w where w.customer_id = stands.customer_id
                              and w.revoked_at is null and (w.plan_id is null or w.plan_id = stands.plan_id))
                 then 'waived' else 'withdrawn' end,
            coalesce(stands.next_why, 'no rule was stated'),
            case when stands.state in ('due', 'waiting') then stands.next_at end);
    return null;
end
$$;
