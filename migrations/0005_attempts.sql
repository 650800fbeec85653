-- Attempts and what happened in them.

create table attempts (
    id          uuid primary key,
    task_id     uuid references tasks,
    plan_id     uuid references plans,
    customer_id uuid references customers,
    number      text not null check (number ~ '^\+[1-9][0-9]{5,14}$'),
    trunk       text not null,
    started_at  timestamptz not null default now(),
    answered_at timestamptz,
    ended_at    timestamptz,
    alive_until timestamptz not null,
    reason      text check (reason in (
        'completed', 'partial', 'handed_over', 'declined', 'inconvenient', 'opted_out', 'wrong_person',
        'hung_up_early', 'answering_machine', 'fax', 'no_answer', 'busy', 'rejected', 'powered_off',
        'out_of_coverage', 'suspended', 'vacant', 'barred', 'answered_late', 'trunk_congested',
        'trunk_unreachable', 'trunk_auth_failed', 'no_common_codec', 'no_media', 'recorder_unavailable',
        'cancelled', 'unknown')),
    evidence    jsonb not null default '{}' check (jsonb_typeof(evidence) = 'object'),
    check ((task_id is null) = (plan_id is null)),
    check ((task_id is null) = (customer_id is null)),
    check ((reason is null) = (ended_at is null)),
    check (alive_until > started_at),
    check (answered_at >= started_at),
    check (ended_at >= started_at),
    check (answered_at <= ended_at)
);
comment on table attempts is 'Attempts (呼叫): one dial of one number, committed before its INVITE leaves';
comment on column attempts.id is 'UUIDv7; also the stem of the Call-ID and of the recording''s name';
comment on column attempts.task_id is 'For which task; null: a call by hand';
comment on column attempts.plan_id is 'The task''s plan';
comment on column attempts.customer_id is 'The task''s customer';
comment on column attempts.number is 'E.164 number dialled';
comment on column attempts.trunk is 'Over which trunk';
comment on column attempts.started_at is 'CDR start';
comment on column attempts.answered_at is 'CDR answer; null: never answered';
comment on column attempts.ended_at is 'CDR end; null: open';
comment on column attempts.alive_until is 'Until then somebody may be on the line, whatever became of the process';
comment on column attempts.reason is 'Why it ended: the closed vocabulary; null: open';
comment on column attempts.evidence is 'SIP status, Reason headers, Q.850 cause, what was heard, confidence';

-- Never two calls at once to one customer or one number, over all plans, processes and calls by hand.
create unique index attempts_one_open_per_customer on attempts (customer_id) where ended_at is null;
create unique index attempts_one_open_per_number on attempts (number) where ended_at is null;
create index attempts_open on attempts (alive_until) where ended_at is null;
create index attempts_by_task on attempts (task_id, id);
create index attempts_by_plan on attempts (plan_id, id);
create index attempts_by_customer on attempts (customer_id, id);

create table facts (
    attempt_id uuid not null references attempts,
    seq        integer not null check (seq >= 0),
    at_ms      bigint not null check (at_ms >= 0),
    noted      jsonb not null check (noted ? 'kind'),
    kept_at    timestamptz not null default now(),
    primary key (attempt_id, seq)
);
comment on table facts is 'What happened in a call; append-only, accepted however late';
comment on column facts.attempt_id is 'In which attempt';
comment on column facts.seq is 'Number of the fact in its attempt; makes writing twice harmless';
comment on column facts.at_ms is 'Milliseconds since the attempt started';
comment on column facts.noted is 'The fact: {"kind": …, …}';
comment on column facts.kept_at is 'When it became durable';
create trigger facts_append_only before update or delete on facts
    for each row execute function refuse_change();

create table answers (
    attempt_id  uuid not null references attempts,
    question    text not null check (question <> ''),
    seq         integer not null,
    key         text not null check (key ~ '^[0-9*#]$'),
    value       text not null,
    label       text not null,
    flag        text,
    answered_at timestamptz not null default now(),
    primary key (attempt_id, question)
);
comment on table answers is 'The standing answer to each question of an attempt';
comment on column answers.attempt_id is 'In which attempt';
comment on column answers.question is 'Id in the questionnaire';
comment on column answers.seq is 'The fact it came with; a later one replaces it';
comment on column answers.key is 'The key pressed';
comment on column answers.value is 'What the key means';
comment on column answers.label is 'The same for people';
comment on column answers.flag is 'Flag the answer raised';
comment on column answers.answered_at is 'When it became durable';
create index answers_counts on answers (question, value);

create table flags (
    attempt_id uuid not null references attempts,
    flag       text not null check (flag <> ''),
    raised_at  timestamptz not null default now(),
    primary key (attempt_id, flag)
);
comment on table flags is 'Signs that a person must act (W10)';
comment on column flags.attempt_id is 'In which attempt';
comment on column flags.flag is 'Such as dissatisfied, complaint';
comment on column flags.raised_at is 'When it became durable';
create index flags_flag on flags (flag, attempt_id);

create table recordings (
    id         uuid primary key,
    attempt_id uuid not null unique references attempts,
    path       text not null unique check (path <> '' and path !~ '(^/|(^|/)\.\.(/|$))'),
    bytes      bigint not null check (bytes >= 0),
    seconds    double precision not null check (seconds >= 0),
    sha256     text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    cues       jsonb not null default '[]' check (jsonb_typeof(cues) = 'array'),
    sealed_at  timestamptz not null default now()
);
comment on table recordings is 'Recordings (录音): both legs of one attempt, sealed';
comment on column recordings.id is 'UUIDv7';
comment on column recordings.attempt_id is 'Of which attempt';
comment on column recordings.path is 'Relative to the vault: date/plan/attempt-id.wav';
comment on column recordings.bytes is 'Length of the file';
comment on column recordings.seconds is 'Length of the sound';
comment on column recordings.sha256 is 'Of the plaintext WAV, hex';
comment on column recordings.cues is 'Marked moments: [{"at_ms": …, "label": …}]';
comment on column recordings.sealed_at is 'When it was filed';
