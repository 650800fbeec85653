-- What an ordinary call asks of the database, said in one go: a way there and back costs more than most of what is asked.
-- Functions that lock and then look: each statement in them sees what was committed when that statement began, and so all
-- that the locks before it guard. They decide nothing by themselves: what is not as usual they leave undone.

create function recent_attempts(customer uuid, span double precision, uncounted text[])
    returns table (id uuid, number text, started_at timestamptz, on_customer boolean)
    language sql stable parallel safe as $$
    select a.id, a.number, a.started_at, coalesce(a.customer_id = customer, true)
    from attempts a
    where a.direction = 'outbound' and a.started_at > clock_timestamp() - make_interval(secs => span)
      and (a.reason is null or a.reason <> all(uncounted)) and a.rehearsal_of is null
      and (a.customer_id = customer
           or a.number = any(array(select n.number from numbers n join contacts k on k.id = n.contact_id
                                   where k.customer_id = customer)))
$$;
comment on function recent_attempts is
    'Attempts of the last seconds that caps count, on the customer and on the customer''s numbers, over all plans and by hand; uncounted: reasons of our own side';

create function open_attempt(
    new_id uuid, of_task uuid, held_fence bigint, of_plan uuid, of_customer uuid, dialled text, digits bigint,
    over_trunk text, shown text, longest double precision, line_of uuid, last_call double precision,
    span double precision, uncounted text[], judged uuid[]
) returns setof attempts language plpgsql as $$
begin
    -- In the order in which everybody locks.
    perform from switch for share;
    perform from plans where id = of_plan for share;
    perform from customers where id = of_customer for no key update;
    perform from lendings where id = line_of for key share;
    perform pg_advisory_xact_lock(digits);

    if not exists (select from recent_attempts(of_customer, span, uncounted) made where made.id <> all(judged)) then
        return query
        with held as (
            select id, plan_id, customer_id from tasks
            where id = of_task and fence = held_fence and state = 'calling' for update
        ), opened as (
            insert into attempts (id, task_id, plan_id, customer_id, number, trunk, caller, direction, started_at,
                                  alive_until, lending_id)
            select new_id, held.id, held.plan_id, held.customer_id, dialled, over_trunk, shown, 'outbound', at,
                   at + make_interval(secs => longest), line_of
            from held, clock_timestamp() as at
            where (select calling from switch)
              and exists (select from plans p where p.id = held.plan_id and p.state = 'running')
              and not exists (select from opt_outs o where o.withdrawn_at is null
                              and (o.number = dialled or o.customer_id = held.customer_id))
              and not exists (select from numbers n join contacts k on k.id = n.contact_id
                                  join opt_outs o on o.customer_id = k.customer_id
                              where n.number = dialled and o.withdrawn_at is null)
              and not exists (select from waivers w where w.customer_id = held.customer_id
                              and w.revoked_at is null and (w.plan_id is null or w.plan_id = held.plan_id))
              and (line_of is null or exists (select from lendings l where l.id = line_of
                                              and l.until > at + make_interval(secs => last_call)))
            on conflict do nothing
            returning *
        ), moved as (
            insert into task_moves (task_id, from_state, to_state, rule, why, attempt_id)
            select opened.task_id, 'calling', 'calling', 'dialled', 'dialled', opened.id from opened
        ), leased as (
            update tasks set lease_until = greatest(tasks.lease_until, opened.alive_until)
            from opened where tasks.id = opened.task_id
        )
        select * from opened;
        if found then
            return;
        end if;
    end if;

    -- Asked again, because the answer was lost with its connection.
    return query
    select a.* from attempts a
    where a.id = new_id and a.task_id = of_task and a.number = dialled and a.ended_at is null;
end
$$;
comment on function open_attempt is
    'Commits an attempt as dialling and answers it, where nothing forbids it and the attempts that caps count are none but those judged; nothing else, and then nothing is written';

create function end_attempt(
    ending uuid, usual_fence bigint, of_task uuid, ended_as text, heard jsonb, answered timestamptz, counted integer,
    goes_to text, is_over boolean, again_at timestamptz, again_why text, climbs_to integer, begins_round boolean,
    is_told boolean, by_rule text, because text, with_step uuid
) returns boolean language plpgsql as $$
begin
    if usual_fence is not null then
        -- In the order in which everybody locks.
        perform from customers where id = (select customer_id from attempts where id = ending) for no key update;
        select task_id into of_task from attempts where id = ending for update;
        perform from tasks where id = of_task for update;
        if not exists (
            select from attempts a join tasks t on t.id = a.task_id
            where a.id = ending and a.reason is null and a.direction = 'outbound'
              and t.state = 'calling' and t.fence = usual_fence
              and not exists (select from callbacks c where c.task_id = t.id and c.state <> 'done')
              and not exists (select from opt_outs o where o.customer_id = a.customer_id and o.withdrawn_at is null)
        ) then
            return false;
        end if;
    end if;

    with ended as (
        update attempts a
        set reason = ended_as, evidence = heard, ended_at = ends.at,
            answered_at = case when answered is not null then least(greatest(answered, a.started_at), ends.at) end
        from (select coalesce(ended_at, greatest(started_at, clock_timestamp())) as at
              from attempts where id = ending) as ends
        where a.id = ending
    ), told as (
        insert into task_moves (task_id, from_state, to_state, rule, why, next_at, attempt_id, step_id)
        select id, state, coalesce(goes_to, state), by_rule, because, again_at, ending, with_step
        from tasks where id = of_task and is_told
    )
    update tasks
    set attempts = greatest(0, attempts + counted), state = coalesce(goes_to, state),
        next_at = coalesce(again_at, next_at),
        next_why = case when goes_to is null then next_why else again_why end,
        rung = coalesce(climbs_to, rung),
        round_since = case when begins_round then clock_timestamp() else round_since end,
        lease_node = case when goes_to is null then lease_node end,
        lease_until = case when goes_to is null then lease_until end,
        ended_at = case when goes_to is null then ended_at when is_over then now() end
    where id = of_task;
    return true;
end
$$;
comment on function end_attempt is
    'Writes an attempt''s end and its task''s move. With usual_fence the task is the attempt''s, and nothing is written unless it stands as it usually does: in this claim''s call, nothing queued, the customer not opted out. Without, whoever asks has locked and judged';
