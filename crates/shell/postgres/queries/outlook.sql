-- Due tasks by plan and zone, $1 of each counted at most. The zones of a plan are few: each is found by one step in the
-- index from the last one; so are the first of each rank. Which tasks are in a call is known without a look at each.
with recursive running as materialized (
    select id from plans where state = 'running' and (select calling from switch)
), zones as (
    select r.id as plan, (select min(t.zone) from tasks t where t.plan_id = r.id and t.dialable) as zone
    from running r
    union all
    select z.plan, (select min(t.zone) from tasks t where t.plan_id = z.plan and t.zone > z.zone and t.dialable)
    from zones z where z.zone is not null
)
select z.plan as "plan!", z.zone as "zone!", w.waiting as "waiting!", o.oldest as "oldest!"
from zones z cross join lateral (
    select count(*) as waiting
    from (select n.next_at
          from generate_series(0, 4) r (rank) cross join lateral (
              select t.next_at from tasks t
              where t.plan_id = z.plan and t.zone = z.zone and t.rank = r.rank and t.dialable and t.next_at <= now()
                and t.id not in (select task_id from tasks_in_call)
              order by t.next_at limit $1) n
          limit $1) counted
) w cross join lateral (
    select min(n.next_at) as oldest
    from generate_series(0, 4) r (rank) cross join lateral (
        select t.next_at from tasks t
        where t.plan_id = z.plan and t.zone = z.zone and t.rank = r.rank and t.dialable and t.next_at <= now()
          and t.id not in (select task_id from tasks_in_call)
        order by t.next_at limit 1) n
) o
where z.zone is not null and w.waiting > 0
