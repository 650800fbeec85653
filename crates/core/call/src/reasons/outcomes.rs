//! The whole range of RFC 3398, RFC 3261's statuses and warnings: what each leads to, checked against the table that
//! `OUTCOMES.md` shows.

use std::fmt::Write as _;

use records::Reason;

use super::table::{LAST, ROWS};
use super::{Finding, Signs, reason_for};
use crate::Failure;

/// RFC 3398 section 7.2.4.1: the cause, and the status a gateway sends with it. 16 has none; 31 is sent as 480.
const CAUSES: [(u16, u16, Reason); 32] = {
    use Reason as R;
    [
        (1, 404, R::Vacant),
        (2, 404, R::Vacant),
        (3, 404, R::Vacant),
        (17, 486, R::Busy),
        (18, 408, R::NoAnswer),
        (19, 480, R::NoAnswer),
        (20, 480, R::PoweredOff),
        (21, 403, R::Rejected),
        (22, 410, R::Vacant),
        (22, 301, R::Vacant),
        (23, 410, R::TrunkUnreachable),
        (26, 404, R::NoAnswer),
        (27, 502, R::OutOfCoverage),
        (28, 484, R::Vacant),
        (29, 501, R::TrunkCongested),
        (31, 480, R::NoAnswer),
        (34, 503, R::TrunkCongested),
        (38, 503, R::TrunkCongested),
        (41, 503, R::TrunkCongested),
        (42, 503, R::TrunkCongested),
        (47, 503, R::TrunkCongested),
        (55, 403, R::Barred),
        (57, 403, R::Barred),
        (58, 503, R::TrunkCongested),
        (65, 488, R::NoCommonCodec),
        (70, 488, R::NoCommonCodec),
        (79, 501, R::TrunkCongested),
        (87, 403, R::Barred),
        (88, 503, R::TrunkCongested),
        (102, 504, R::TrunkUnreachable),
        (111, 500, R::TrunkUnreachable),
        (127, 500, R::TrunkCongested),
    ]
};

/// The final statuses of RFC 3261 section 21 and of RFC 3398 section 8.2.6.1, without any other sign, after a 183.
const STATUSES: [(u16, Reason); 48] = {
    use Reason as R;
    [
        (300, R::TrunkUnreachable),
        (301, R::TrunkUnreachable),
        (302, R::TrunkUnreachable),
        (305, R::TrunkUnreachable),
        (380, R::TrunkUnreachable),
        (400, R::TrunkCongested),
        (401, R::TrunkAuthFailed),
        (402, R::TrunkAuthFailed),
        (403, R::Barred),
        (404, R::Vacant),
        (405, R::TrunkUnreachable),
        (406, R::NoCommonCodec),
        (407, R::TrunkAuthFailed),
        (408, R::NoAnswer),
        (410, R::Vacant),
        (413, R::TrunkUnreachable),
        (414, R::TrunkUnreachable),
        (415, R::NoCommonCodec),
        (416, R::TrunkUnreachable),
        (420, R::TrunkUnreachable),
        (421, R::TrunkUnreachable),
        (422, R::TrunkUnreachable),
        (423, R::TrunkUnreachable),
        (480, R::NoAnswer),
        (481, R::TrunkUnreachable),
        (482, R::TrunkUnreachable),
        (483, R::TrunkUnreachable),
        (484, R::Vacant),
        (485, R::Vacant),
        (486, R::Busy),
        (487, R::NoAnswer),
        (488, R::NoCommonCodec),
        (491, R::TrunkCongested),
        (493, R::TrunkUnreachable),
        (500, R::TrunkCongested),
        (501, R::TrunkUnreachable),
        (502, R::TrunkCongested),
        (503, R::TrunkCongested),
        (504, R::TrunkCongested),
        (505, R::TrunkUnreachable),
        (513, R::TrunkUnreachable),
        (580, R::TrunkCongested),
        (600, R::Busy),
        (603, R::Rejected),
        (604, R::Vacant),
        (606, R::NoCommonCodec),
        (607, R::Rejected),
        (608, R::Barred),
    ]
};

/// RFC 3261 section 20.43, each with the 488 it usually comes with.
const WARNINGS: [(u16, Reason); 12] = {
    use Reason as R;
    [
        (300, R::NoCommonCodec),
        (301, R::NoCommonCodec),
        (302, R::NoCommonCodec),
        (303, R::NoCommonCodec),
        (304, R::NoCommonCodec),
        (305, R::NoCommonCodec),
        (306, R::NoCommonCodec),
        (307, R::NoCommonCodec),
        (330, R::NoCommonCodec),
        (331, R::NoCommonCodec),
        (370, R::TrunkCongested),
        (399, R::NoCommonCodec),
    ]
};

fn found(failure: &Failure) -> Finding {
    reason_for(&Signs::new(Some(failure), false, &[], None, true))
}

fn by_cause(cause: u16, status: u16) -> Finding {
    let header = format!("Q.850;cause={cause}");
    found(&Failure { reason_headers: vec![header], ..Failure::response(status, "") })
}

fn by_warning(code: u16) -> Finding {
    let warning = Some(format!("{code} sbc.carrier.example \"text\""));
    found(&Failure { warning, ..Failure::response(488, "") })
}

#[test]
fn every_row_of_rfc_3398_has_its_reason() {
    for (cause, status, reason) in CAUSES {
        assert_eq!(by_cause(cause, status).reason, reason, "cause {cause} with {status}");
    }
    for (status, reason) in STATUSES {
        assert_eq!(found(&Failure::response(status, "")).reason, reason, "{status}");
    }
    for (code, reason) in WARNINGS {
        assert_eq!(by_warning(code).reason, reason, "Warning {code}");
    }
}

#[test]
fn whatever_is_sent_has_a_reason_that_a_failed_call_can_have() {
    for status in 300..700 {
        for cause in 0..=127 {
            let finding = by_cause(cause, status);
            // The last row is for statuses that nobody has defined.
            let defined = STATUSES.iter().any(|(known, _)| *known == status);
            assert!(!defined || finding.why != LAST.why, "{status} with cause {cause} fits no row");
            assert!(
                !matches!(finding.reason, Reason::Completed | Reason::Unknown | Reason::AnsweredLate),
                "{status} with cause {cause}: {}",
                finding.reason
            );
        }
    }
}

#[test]
fn the_outcome_table_shows_what_the_code_does() {
    let shown = include_str!("../../OUTCOMES.md");
    let table = outcome_table();
    assert!(shown == table, "OUTCOMES.md is not what the table gives; write this into it:\n{table}");
}

fn outcome_table() -> String {
    let mut text = "# How a call that is not answered gets its reason\n\n\
        Written from the reason table in `crates/core/call/src/reasons`; a test compares the two. The first row that \
        fits decides; the raw status, phrase, Reason, Warning and tones are kept with the attempt.\n\n\
        ## The rows, in their order\n\n| # | what was found | reason | 原因 | how sure |\n| --- | --- | --- | --- | --- |\n"
        .to_owned();
    for (at, row) in ROWS.iter().chain([&LAST]).enumerate() {
        let (slug, zh) = (row.reason.slug(), row.reason.zh());
        let _ = writeln!(text, "| {} | {} | `{slug}` | {zh} | {:?} |", at + 1, row.why, row.confidence);
    }
    text.push_str("\n## Causes with the status a gateway sends (RFC 3398 section 7.2.4.1)\n\n| Q.850 | status | reason | 原因 |\n| --- | --- | --- | --- |\n");
    for (cause, status, _) in CAUSES {
        let reason = by_cause(cause, status).reason;
        let _ = writeln!(text, "| {cause} | {status} | `{reason}` | {} |", reason.zh());
    }
    text.push_str("\n## Statuses by themselves (RFC 3261 section 21, RFC 3398 section 8.2.6.1), after a 183\n\n| status | reason | 原因 |\n| --- | --- | --- |\n");
    for (status, _) in STATUSES {
        let reason = found(&Failure::response(status, "")).reason;
        let _ = writeln!(text, "| {status} | `{reason}` | {} |", reason.zh());
    }
    text.push_str("\n## Warnings with 488 (RFC 3261 section 20.43)\n\n| Warning | reason | 原因 |\n| --- | --- | --- |\n");
    for (code, _) in WARNINGS {
        let reason = by_warning(code).reason;
        let _ = writeln!(text, "| {code} | `{reason}` | {} |", reason.zh());
    }
    text
}
