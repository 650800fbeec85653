-- Leases to $1 for $5 seconds the $4 tasks of plan $2 in zone $3 that come first, by rank and then by how long they are
-- due, and that nobody locks just now. The ranks are looked at one after the other, as far as it takes. What is locked stays
-- where it is, so that it is found again by its place.
update tasks t
set state = 'calling', lease_node = $1::text, lease_until = now() + make_interval(secs => $5), fence = t.fence + 1
where t.ctid = any (array(
    select f.place
    from generate_series(0, 4) r (rank) cross join lateral (
        select c.ctid as place
        from tasks c
        where c.plan_id = $2::uuid and c.zone = $3::text and c.rank = r.rank and c.dialable and c.next_at <= now()
          and c.state in ('due', 'waiting')
          and exists (select from plans p where p.id = $2 and p.state = 'running')
          and (select calling from switch)
          and not exists (select from attempts a where a.customer_id = c.customer_id and a.ended_at is null)
          and not exists (select from opt_outs o where o.customer_id = c.customer_id and o.withdrawn_at is null)
        order by c.next_at, c.id
        limit $4
        for no key update of c skip locked) f
    limit $4))
returning t.id, t.plan_id, t.customer_id, t.occasion, t.role, t.state, t.mode, t.next_at, t.due_on, t.aim_by, t.due_by,
          t.attempts, t.created_at, t.ended_at, t.fence, t.rung, t.round_since
