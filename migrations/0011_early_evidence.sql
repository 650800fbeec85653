-- What was heard before the answer, where the reason of a call that nobody answered rests on it.

comment on table recordings is
    'Recordings (录音): both legs of one attempt from its answer on, sealed; of an attempt that was never answered, the '
    'seconds before its end in which a tone or announcement was made out';
comment on column recordings.seconds is 'Length of the sound; of what came before an answer at most 6 seconds';
comment on column attempts.evidence is
    'SIP status, Reason headers, Q.850 cause, what was heard, the clues by ear with confidence and place, confidence';
