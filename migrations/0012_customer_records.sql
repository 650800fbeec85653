-- What a company knows of a customer beside name and number, how it comes in, and how it goes.

alter table customers
    add column products         jsonb not null default '[]' check (jsonb_typeof(products) = 'array'),
    add column contract_fen     bigint check (contract_fen >= 0),
    add column channel          text not null default 'phone' check (channel in ('phone', 'sms', 'email')),
    add column dates_changed_at timestamptz not null default now(),
    add column merged_into      uuid references customers check (merged_into <> id),
    add column gone_at          timestamptz,
    add check (merged_into is null or gone_at is not null);
update customers set products = jsonb_build_array(jsonb_build_object('name', product)) where product is not null;
comment on column customers.product is 'Replaced by products; no longer read or written, dropped by a later release';
comment on column customers.products is 'What the customer bought: [{"name": …, "hesitation_days": 15}], the newest first';
comment on column customers.contract_fen is 'Value of the contract in fen';
comment on column customers.channel is 'How the customer wants to be reached from now on (W6.2); phone unless said otherwise';
comment on column customers.dates_changed_at is 'Last change that plans must look at: dates, class, products';
comment on column customers.merged_into is 'The same customer under another external id: imports of this id go to that one';
comment on column customers.gone_at is 'Merged or erased since then: listed nowhere, called by no plan; kept for what refers to it';
create index customers_changed on customers (dates_changed_at);
create index customers_merged on customers (merged_into) where merged_into is not null;
-- Candidates for a merge share the name.
create index customers_name on customers (name) where gone_at is null;

alter table contacts add column name text;
comment on column contacts.name is 'Who it is; null: the customer himself, or not known';

alter table numbers
    add column extension text check (extension ~ '^[0-9]{1,8}$'),
    add column origin    text not null default 'import' check (origin in ('import', 'hand', 'merge'));
comment on column numbers.extension is 'To be asked for or keyed after the answer; never part of the number';
comment on column numbers.origin is 'An import replaces what imports brought; what people or a merge added stays';

-- L9.4: a written waiver exempts a customer from a plan.
create table waivers (
    id                  uuid primary key,
    customer_id         uuid not null references customers on delete cascade,
    plan_id             uuid references plans,
    contents            jsonb not null check (jsonb_typeof(contents) = 'object'),
    customer_signed     text not null check (customer_signed <> ''),
    customer_signed_on  date not null,
    sales_signed        text not null check (sales_signed <> ''),
    sales_signed_on     date not null,
    manager_signed      text not null check (manager_signed <> ''),
    manager_signed_on   date not null,
    registered_by       text not null,
    registered_at       timestamptz not null default now(),
    revoked_by          text,
    revoked_at          timestamptz,
    check ((revoked_at is null) = (revoked_by is null)),
    check (revoked_at >= registered_at)
);
comment on table waivers is 'Written waivers: the customer is not called by the plan (L9.4)';
comment on column waivers.id is 'UUIDv7';
comment on column waivers.customer_id is 'Who waived';
comment on column waivers.plan_id is 'Which plan''s calls; null: those of every plan';
comment on column waivers.contents is 'What was declared: {"documents_signed_in_person": true, "terms_understood": true, "fees_understood": true, "remarks": …}';
comment on column waivers.customer_signed is 'Name under the customer''s signature';
comment on column waivers.customer_signed_on is 'Its date';
comment on column waivers.sales_signed is 'Name under the salesperson''s signature';
comment on column waivers.sales_signed_on is 'Its date';
comment on column waivers.manager_signed is 'Name under the sales manager''s signature';
comment on column waivers.manager_signed_on is 'Its date';
comment on column waivers.registered_by is 'Login of who entered it';
comment on column waivers.registered_at is 'Entered';
comment on column waivers.revoked_by is 'Login of who took it back';
comment on column waivers.revoked_at is 'Not in force since then; null: in force';
create index waivers_in_force on waivers (customer_id) where revoked_at is null;

-- Of an erased customer nothing but this is kept, so that a later import does not bring the calls back.
create table barred_numbers (
    hash      text primary key check (hash ~ '^[0-9a-f]{64}$'),
    key_id    text not null check (key_id ~ '^[0-9a-f]{16}$'),
    barred_at timestamptz not null default now()
);
comment on table barred_numbers is 'Numbers of erased customers, as a keyed hash: never called again until withdrawn';
comment on column barred_numbers.hash is 'HMAC-SHA-256 of the E.164 number under the key of the service''s own file, hex';
comment on column barred_numbers.key_id is 'Which key: the first 8 octets of its SHA-256, hex';
comment on column barred_numbers.barred_at is 'When the customer was erased';

create table imports (
    id           uuid primary key,
    file         text not null,
    sha256       text check (sha256 ~ '^[0-9a-f]{64}$'),
    bytes        bigint check (bytes >= 0),
    source       text not null check (source in ('console', 'api', 'folder')),
    by           text not null,
    state        text not null default 'reading' check (state in ('reading', 'read', 'done', 'dropped', 'failed')),
    layout       jsonb not null default '{}',
    sample       jsonb not null default '[]',
    rows         bigint not null default 0 check (rows >= 0),
    faulty       bigint not null default 0 check (faulty >= 0),
    created      bigint not null default 0 check (created >= 0),
    updated      bigint not null default 0 check (updated >= 0),
    unchanged    bigint not null default 0 check (unchanged >= 0),
    merged       bigint not null default 0 check (merged >= 0),
    why          text,
    begun_at     timestamptz not null default now(),
    ended_at     timestamptz,
    check ((state in ('done', 'dropped', 'failed')) = (ended_at is not null))
);
comment on table imports is 'Every import of customers';
comment on column imports.id is 'UUIDv7';
comment on column imports.file is 'Its name as it was given';
comment on column imports.sha256 is 'Of its bytes, hex; null while it is being read';
comment on column imports.bytes is 'Its length; null while it is being read';
comment on column imports.source is 'console, api, folder';
comment on column imports.by is 'Login of who brought it; for a watched folder: the service';
comment on column imports.state is 'reading, read (waits for a yes), done, dropped (a no), failed';
comment on column imports.layout is 'Form, encoding, delimiter, and where each column goes';
comment on column imports.sample is 'Its first rows, for the preview; emptied at the end';
comment on column imports.rows is 'Rows below the header, empty ones not counted';
comment on column imports.faulty is 'Of these, how many cannot be taken; their faults are in import_faults';
comment on column imports.created is 'Customers made; before the end: that would be made';
comment on column imports.updated is 'Customers changed';
comment on column imports.unchanged is 'Customers that were so already';
comment on column imports.merged is 'Rows of a customer who has a row under another of his ids in the same file';
comment on column imports.why is 'Why it failed: one sentence with the remedy';
comment on column imports.begun_at is 'When it came';
comment on column imports.ended_at is 'When it was done, dropped or had failed';
create index imports_waiting on imports (begun_at) where state in ('reading', 'read');

-- Unlogged: after a crash of the server these are empty, and the file is simply read again.
create unlogged table import_rows (
    import_id       uuid not null,
    line            bigint not null,
    id              uuid not null,
    contact_id      uuid not null,
    external_id     text not null,
    name            text not null,
    numbers         text[] not null,
    extensions      text[] not null,
    hashes          text[] not null,
    class           text,
    branch          text,
    language        text,
    time_zone       text,
    account_manager text,
    rated_person    text,
    products        jsonb not null,
    contract_fen    bigint,
    channel         text not null,
    dates           jsonb not null,
    contacts        jsonb not null,
    opt_out         boolean not null
);
comment on table import_rows is 'Rows of imports that are not done yet, each valid by itself';
comment on column import_rows.import_id is 'Of which import; no foreign key, this table does not outlive a crash';
comment on column import_rows.line is 'Line of the file where it begins';
comment on column import_rows.id is 'Id of the customer, should he be new';
comment on column import_rows.contact_id is 'The same for his contact';
comment on column import_rows.external_id is 'As in customers, and so are the columns that are not named here';
comment on column import_rows.numbers is 'E.164, in the order they are tried';
comment on column import_rows.extensions is 'Beside each number; empty: none';
comment on column import_rows.hashes is 'Beside each number, its keyed hash, see barred_numbers; empty: there is no key';
comment on column import_rows.contacts is 'Others at the customer: [{"role": …, "name": …, "numbers": […], "extensions": […]}]';
comment on column import_rows.opt_out is 'The list says: no calls';
create index import_rows_import on import_rows (import_id, line);

create unlogged table import_hits (
    import_id   uuid not null,
    line        bigint not null,
    customer_id uuid not null,
    change      text not null check (change in ('update', 'same', 'merged'))
);
comment on table import_hits is 'Which rows of an import belong to customers that are there';
comment on column import_hits.import_id is 'Of which import';
comment on column import_hits.line is 'The row';
comment on column import_hits.customer_id is 'The customer, the survivor where customers were merged';
comment on column import_hits.change is 'update: differs; same: does not; merged: another row of the file speaks for him';
create index import_hits_import on import_hits (import_id, line);

create table import_faults (
    import_id uuid not null references imports on delete cascade,
    line      bigint not null,
    place     integer not null,
    field     text not null,
    code      text not null,
    given     text not null,
    original  text[] not null,
    primary key (import_id, line, place)
);
comment on table import_faults is 'What is wrong with rows of imports';
comment on column import_faults.import_id is 'Of which import';
comment on column import_faults.line is 'Line of the file';
comment on column import_faults.place is 'Counts the faults of a line';
comment on column import_faults.field is 'Header of the column; empty: the whole row';
comment on column import_faults.code is 'Which fault, out of a closed list; its words and remedy come with the language';
comment on column import_faults.given is 'What stood there, or another particular of the fault';
comment on column import_faults.original is 'The row as it came; emptied when its customer is erased, and after some weeks';
