-- Customers who ring back: attempts in the other direction.

alter table attempts add column direction text not null default 'outbound'
    check (direction in ('outbound', 'inbound'));
comment on column attempts.direction is 'outbound: we called; inbound: the customer rang back a missed call';
comment on column attempts.number is
    'E.164 number dialled, or the caller''s; of a caller who withholds it, our own number that was called';
comment on column attempts.task_id is 'For which task; null: a call by hand, or a caller without an open task';

-- One more reason: a caller without an open task heard a notice, and nothing was asked.
alter table attempts drop constraint attempts_reason_check;
alter table attempts add constraint attempts_reason_check check (reason in (
    'completed', 'partial', 'handed_over', 'declined', 'inconvenient', 'opted_out', 'wrong_person',
    'hung_up_early', 'answering_machine', 'fax', 'no_answer', 'busy', 'rejected', 'powered_off',
    'out_of_coverage', 'suspended', 'vacant', 'barred', 'answered_late', 'trunk_congested',
    'trunk_unreachable', 'trunk_auth_failed', 'no_common_codec', 'no_media', 'recorder_unavailable',
    'cancelled', 'notice_only', 'unknown'));
