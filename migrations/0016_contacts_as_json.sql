-- Others at a customer, as an import brings them and as the service reads them.

create function contacts_of(customer uuid, origins text[], roles text[]) returns jsonb
    language sql stable parallel safe as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'role', k.role, 'name', k.name, 'numbers', n.numbers, 'extensions', n.extensions
    ) order by k.role collate "C"), '[]')
    from contacts k
    cross join lateral (
        select jsonb_agg(number order by position, number) as numbers,
               jsonb_agg(coalesce(extension, '') order by position, number) as extensions
        from numbers where contact_id = k.id and origin = any(origins)
    ) n
    where k.customer_id = customer and k.role <> 'customer' and n.numbers is not null
      and (roles is null or k.role = any(roles))
$$;
comment on function contacts_of is 'Everybody but the customer himself who has a number of these origins and, unless null, one of these roles';

-- The bar on a number is looked for by an erasure or an import only; those who merge look for who has one.
create index opt_outs_customer on opt_outs (customer_id);
