-- Figures that are costly to count: counted by one process now and then, read by all.

create table figures (
    name       text primary key check (name <> ''),
    counted_at timestamptz not null,
    content    jsonb not null
);
comment on table figures is 'What was counted last; may be thrown away at any time';
comment on column figures.name is 'Which figures: plans';
comment on column figures.counted_at is 'When they were counted';
comment on column figures.content is 'As the release that counted them writes them; another release counts them again where it cannot read them';
