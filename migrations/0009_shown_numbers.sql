-- The number shown to the customer, so that a number that carriers bar is noticed.

alter table attempts add column caller text check (caller <> '');
comment on column attempts.caller is 'The company''s number as shown to the customer; null: from before it was kept';

-- The figures of the last hour and the last day.
create index attempts_by_start on attempts (started_at);
