-- Leases to $1 for $5 seconds the $4 tasks of plan $2 in zone $3 that are due longest and that nobody locks just now.
update tasks t
set state = 'calling', lease_node = $1::text, lease_until = now() + make_interval(secs => $5), fence = t.fence + 1
where t.id = any (array(
    select c.id
    from tasks c
    where c.plan_id = $2::uuid and c.zone = $3::text and c.state in ('due', 'waiting') and c.next_at <= now()
      and exists (select from plans p where p.id = $2 and p.state = 'running')
      and (select calling from switch)
      and not exists (select from attempts a where a.customer_id = c.customer_id and a.ended_at is null)
      and not exists (select from opt_outs o where o.customer_id = c.customer_id and o.withdrawn_at is null)
    order by c.next_at, c.id
    limit $4
    for no key update of c skip locked))
returning t.id
