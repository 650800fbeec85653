-- Customers, how they are reached, and who must not be called.

-- A UUIDv7: 48 bits of milliseconds, then random bits. For ids made by set-based statements.
create function uuid_v7() returns uuid language sql volatile parallel safe as $$
    select encode(
        set_bit(set_bit(
            overlay(uuid_send(gen_random_uuid())
                placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
                from 1 for 6),
            52, 1), 53, 1),
        'hex')::uuid
$$;

-- For tables whose rows are never changed or removed by the service.
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end
$$;

create table customers (
    id              uuid primary key,
    external_id     text not null unique check (external_id <> ''),
    name            text not null,
    class           text,
    branch          text,
    language        text,
    time_zone       text,
    account_manager text,
    rated_person    text,
    product         text,
    dates           jsonb not null default '{}' check (jsonb_typeof(dates) = 'object'),
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    check (updated_at >= created_at)
);
comment on table customers is 'Whom we call (客户)';
comment on column customers.id is 'UUIDv7';
comment on column customers.external_id is 'The company''s own key; an import with the same key updates the row';
comment on column customers.name is 'As it is spoken and shown';
comment on column customers.class is 'The company''s class of customer; an audience may name it';
comment on column customers.branch is 'Branch the customer belongs to';
comment on column customers.language is 'BCP 47 tag; null: the questionnaire''s first language';
comment on column customers.time_zone is 'IANA zone; null: Asia/Shanghai';
comment on column customers.account_manager is 'Who looks after the customer; has an interest in the matter (W3.3)';
comment on column customers.rated_person is 'Whom the answers rate (W11, L18, C16)';
comment on column customers.product is 'What the customer bought';
comment on column customers.dates is 'Date by event: {"signed": "2026-11-02", …}';
comment on column customers.created_at is 'First import';
comment on column customers.updated_at is 'Last import that changed something';
create index customers_class on customers (class) where class is not null;

create table contacts (
    id          uuid primary key,
    customer_id uuid not null references customers on delete cascade,
    role        text not null check (role <> ''),
    unique (customer_id, role)
);
comment on table contacts is 'A part somebody plays at the customer (L4, S4.3, E6.1)';
comment on column contacts.id is 'UUIDv7';
comment on column contacts.customer_id is 'The customer';
comment on column contacts.role is 'customer, policy_holder, equipment_manager, …; imports fill "customer"';

create table numbers (
    contact_id  uuid not null references contacts on delete cascade,
    number      text not null check (number ~ '^\+[1-9][0-9]{5,14}$'),
    position    integer not null check (position >= 0),
    dead_at     timestamptz,
    dead_reason text,
    primary key (contact_id, number),
    check ((dead_at is null) = (dead_reason is null))
);
comment on table numbers is 'Numbers of a contact, in the order they are tried';
comment on column numbers.contact_id is 'Whose number';
comment on column numbers.number is 'E.164';
comment on column numbers.position is '0 is tried first';
comment on column numbers.dead_at is 'Since when it is not dialled for this customer; null: alive';
comment on column numbers.dead_reason is 'Reason of the attempt that found it dead';
create index numbers_number on numbers (number);
-- People look for the last digits.
create index numbers_ending on numbers (reverse(number) text_pattern_ops);

create table opt_outs (
    id           uuid primary key,
    customer_id  uuid references customers on delete cascade,
    number       text not null check (number ~ '^\+[1-9][0-9]{5,14}$'),
    source       text not null check (source <> ''),
    at           timestamptz not null default now(),
    withdrawn_at timestamptz,
    check (withdrawn_at >= at)
);
comment on table opt_outs is 'No calls by any plan, until withdrawn (W3.1)';
comment on column opt_outs.id is 'UUIDv7';
comment on column opt_outs.customer_id is 'Who opted out, on any number; null: only the number is known (a call by hand)';
comment on column opt_outs.number is 'Number it was said on, or the customer''s first; barred for everybody';
comment on column opt_outs.source is 'How it became known: key, agent, import';
comment on column opt_outs.at is 'Since when';
comment on column opt_outs.withdrawn_at is 'Until when; null: in force';
create unique index opt_outs_one_in_force on opt_outs (customer_id) where withdrawn_at is null;
create unique index opt_outs_one_per_stranger on opt_outs (number)
    where withdrawn_at is null and customer_id is null;
create index opt_outs_number on opt_outs (number) where withdrawn_at is null;
