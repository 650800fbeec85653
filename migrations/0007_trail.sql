-- Who did what (W3.2), and the one switch.

create table events (
    id      uuid primary key default uuid_v7(),
    at      timestamptz not null default now(),
    actor   text not null,
    action  text not null check (action <> ''),
    subject text not null,
    detail  jsonb not null default '{}'
);
comment on table events is 'The trail; append-only';
comment on column events.id is 'UUIDv7';
comment on column events.at is 'When';
comment on column events.actor is 'Login, or the part of the service that acted';
comment on column events.action is 'What was done, such as plan.start';
comment on column events.subject is 'To which thing: its id or name';
comment on column events.detail is 'Particulars';
create index events_subject on events (subject, id);
create trigger events_append_only before update or delete on events
    for each row execute function refuse_change();

create table switch (
    one_row    boolean primary key default true check (one_row),
    calling    boolean not null,
    changed_at timestamptz not null default now(),
    changed_by text not null
);
comment on table switch is 'The one switch that stops all calling; always exactly one row';
comment on column switch.one_row is 'Keeps it one row';
comment on column switch.calling is 'False: nobody is called';
comment on column switch.changed_at is 'Last change';
comment on column switch.changed_by is 'Login of who changed it';
insert into switch (calling, changed_by) values (true, 'huifang');
