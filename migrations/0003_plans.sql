-- What is asked, and the plans that ask it.

create table questionnaires (
    version      text primary key check (version = encode(sha256(convert_to(source, 'UTF8')), 'hex')),
    name         text not null check (name <> ''),
    source       text not null,
    published_at timestamptz not null default now(),
    unique (version, name)
);
comment on table questionnaires is 'Published questionnaires (问卷); append-only, so a text never changes under its version';
comment on column questionnaires.version is 'SHA-256 of source, hex';
comment on column questionnaires.name is 'Id of the questionnaire, such as satisfaction';
comment on column questionnaires.source is 'The YAML text';
comment on column questionnaires.published_at is 'When';
create trigger questionnaires_append_only before update or delete on questionnaires
    for each row execute function refuse_change();

create table plans (
    id                    uuid primary key,
    name                  text not null check (name <> ''),
    questionnaire         text not null,
    questionnaire_version text not null,
    audience              jsonb not null,
    policy                jsonb not null check (jsonb_typeof(policy) = 'object'),
    priority              smallint not null,
    state                 text not null default 'draft' check (state in ('draft', 'approved', 'running', 'stopped')),
    created_by            uuid not null references accounts,
    created_at            timestamptz not null default now(),
    approved_by           uuid references accounts,
    approved_at           timestamptz,
    started_at            timestamptz,
    stopped_at            timestamptz,
    foreign key (questionnaire_version, questionnaire) references questionnaires (version, name),
    check ((approved_by is null) = (approved_at is null)),
    check ((approved_by is null) = (state = 'draft')),
    check ((started_at is null) = (state in ('draft', 'approved'))),
    check (state <> 'stopped' or stopped_at is not null)
);
comment on table plans is 'Plans (回访计划): questionnaire, whom, when, policy';
comment on column plans.id is 'UUIDv7';
comment on column plans.name is 'For people';
comment on column plans.questionnaire is 'Id of the questionnaire';
comment on column plans.questionnaire_version is 'The published version it asks';
comment on column plans.audience is '"everyone", {"class": …} or {"external_ids": […]}';
comment on column plans.policy is 'All figures of the plan: windows, retry, call, callback';
comment on column plans.priority is 'Higher goes first';
comment on column plans.state is 'draft, approved, running, stopped';
comment on column plans.created_by is 'Author';
comment on column plans.created_at is 'Written';
comment on column plans.approved_by is 'Who approved it (W8.3, W9.1); null: draft';
comment on column plans.approved_at is 'When it was approved';
comment on column plans.started_at is 'Last start';
comment on column plans.stopped_at is 'Last stop';
create index plans_running on plans (priority desc) where state = 'running';
