-- Who may log in. Secrets are kept as hashes only.

create table accounts (
    id            uuid primary key,
    login         text not null unique check (login <> ''),
    name          text not null,
    role          text not null check (role in ('admin', 'planner', 'agent', 'supervisor', 'auditor', 'integration')),
    password_hash text not null,
    active        boolean not null default true,
    created_at    timestamptz not null default now()
);
comment on table accounts is 'People and machines that may log in';
comment on column accounts.id is 'UUIDv7';
comment on column accounts.login is 'What is typed at the login';
comment on column accounts.name is 'What is shown';
comment on column accounts.role is 'What the account may do';
comment on column accounts.password_hash is 'PHC string of argon2id';
comment on column accounts.active is 'False: no login, no session, no token';
comment on column accounts.created_at is 'When it was made';

create table sessions (
    secret_hash bytea primary key check (length(secret_hash) = 32),
    account_id  uuid not null references accounts on delete cascade,
    created_at  timestamptz not null default now(),
    expires_at  timestamptz not null
);
comment on table sessions is 'Console sessions';
comment on column sessions.secret_hash is 'SHA-256 of the cookie''s secret';
comment on column sessions.account_id is 'Who is logged in';
comment on column sessions.created_at is 'Login';
comment on column sessions.expires_at is 'From then on the session is void; the row goes at the account''s next login';
create index sessions_account on sessions (account_id);

create table tokens (
    secret_hash bytea primary key check (length(secret_hash) = 32),
    account_id  uuid not null references accounts on delete cascade,
    label       text not null,
    created_at  timestamptz not null default now(),
    expires_at  timestamptz,
    revoked_at  timestamptz
);
comment on table tokens is 'API tokens of machines';
comment on column tokens.secret_hash is 'SHA-256 of the secret';
comment on column tokens.account_id is 'On whose behalf it acts';
comment on column tokens.label is 'What it is for';
comment on column tokens.created_at is 'When it was made';
comment on column tokens.expires_at is 'From then on it is void; null: never';
comment on column tokens.revoked_at is 'Since when it is void by decision';
create index tokens_account on tokens (account_id);
