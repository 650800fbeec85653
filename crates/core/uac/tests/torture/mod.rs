//! The torture messages with the verdict that the table beside this file gives each.

use sipx_testkit::{rfc4475, rfc5118};

/// One message.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// On the wire.
    pub(crate) bytes: Vec<u8>,
    pub(crate) verdict: Verdict,
}

/// What is done with it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// This status, with that header.
    Answer(u16, Option<String>),
    /// A response that reads well and belongs to no request.
    Response,
    /// Nothing.
    Drop,
}

/// Every message of both archives.
pub(crate) fn cases() -> Vec<Case> {
    let older = rfc4475::CASES.iter().map(|case| (case.name, case.bytes.to_vec()));
    // Its archive holds bare LF and wrong lengths; the crate mends both and nothing else.
    let newer = rfc5118::CASES.iter().map(|case| (case.name, case.wire().to_vec()));
    let cases = older.chain(newer);
    cases.map(|(name, bytes)| Case { name, bytes, verdict: verdict_of(name) }).collect()
}

fn verdict_of(name: &str) -> Verdict {
    let row = include_str!("verdicts.md").lines().find_map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        (cells.get(1) == Some(&name)).then_some(cells)
    });
    let row = row.unwrap_or_else(|| panic!("{name} has no verdict"));
    match row[2] {
        "drop" => Verdict::Drop,
        "response" => Verdict::Response,
        status => Verdict::Answer(
            status.parse().unwrap(),
            Some(row[3].to_owned()).filter(|header| !header.is_empty()),
        ),
    }
}
