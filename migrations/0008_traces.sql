-- The signalling of attempts, for diagnosis: kept for a while, then deleted.

create table trace_messages (
    attempt_id uuid not null references attempts,
    seq        integer not null check (seq >= 0),
    at         timestamptz not null,
    direction  text not null check (direction in ('sent', 'received')),
    transport  text not null check (transport in ('udp', 'tcp', 'tls')),
    local      text not null check (local <> ''),
    peer       text not null check (peer <> ''),
    start_line text not null,
    bytes      bytea not null,
    cut        boolean not null default false,
    primary key (attempt_id, seq)
);
comment on table trace_messages is 'SIP messages of attempts, without credentials, media keys and pressed digits';
comment on column trace_messages.attempt_id is 'Of which attempt';
comment on column trace_messages.seq is 'Number of the message in its attempt; makes writing twice harmless';
comment on column trace_messages.at is 'When it passed the wire, by the clock of the machine that saw it, to the microsecond';
comment on column trace_messages.direction is 'By us, or by the peer';
comment on column trace_messages.transport is 'How it travelled';
comment on column trace_messages.local is 'Our address and port, as the peer knows them';
comment on column trace_messages.peer is 'Address and port of the other end';
comment on column trace_messages.start_line is 'Request line or status line, for people who look with SQL';
comment on column trace_messages.bytes is 'The message; secrets are asterisks, at most 64 KiB';
comment on column trace_messages.cut is 'The first over the limit of one attempt: later ones were not kept, and of this one the first line only';

-- Retention deletes the oldest in batches.
create index trace_messages_at on trace_messages (at);
