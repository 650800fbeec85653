-- Due tasks by plan and zone, $1 of each counted at most. The zones of a plan are few: each is found by one step in the
-- index from the last one. Which tasks are in a call is known without a look at each.
with recursive running as materialized (
    select id from plans where state = 'running' and (select calling from switch)
), zones as (
    select r.id as plan, (select min(t.zone) from tasks t where t.plan_id = r.id and t.dialable) as zone
    from running r
    union all
    select z.plan, (select min(t.zone) from tasks t where t.plan_id = z.plan and t.zone > z.zone and t.dialable)
    from zones z where z.zone is not null
)
select z.plan as "plan!", z.zone as "zone!", d.waiting as "waiting!", d.oldest as "oldest!"
from zones z cross join lateral (
    select count(*) as waiting, min(n.next_at) as oldest
    from (select t.next_at from tasks t
          where t.plan_id = z.plan and t.zone = z.zone and t.dialable and t.next_at <= now()
            and t.id not in (select task_id from tasks_in_call)
          order by t.next_at limit $1) n
) d
where z.zone is not null and d.waiting > 0
