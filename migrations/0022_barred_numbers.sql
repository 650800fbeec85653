-- A number that somebody who opted out has is not dialled for others either; those who may be called are called on their
-- other numbers.
create or replace function live_numbers_of(customer uuid, asked text) returns table (number text)
    language sql stable parallel safe as $$
    select n.number from contacts k join numbers n on n.contact_id = k.id
    where k.customer_id = customer and n.dead_at is null
      and k.role = (select coalesce(max(r.role), 'customer')
                    from contacts r join numbers m on m.contact_id = r.id
                    where r.customer_id = customer and r.role = asked)
      and not exists (select from opt_outs o where o.number = n.number and o.withdrawn_at is null)
      and not exists (select from opt_outs o where o.customer_id = customer and o.withdrawn_at is null)
      and not exists (select from numbers m join contacts j on j.id = m.contact_id
                                  join opt_outs o on o.customer_id = j.customer_id
                      where m.number = n.number and o.withdrawn_at is null)
    order by n.position, n.number
$$;
comment on function live_numbers_of is
    'Numbers still to be tried of the role, in order: neither dead, nor opted out, nor of anybody who opted out';
