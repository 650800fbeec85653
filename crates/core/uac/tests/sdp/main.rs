//! Session descriptions in both directions, tidy and untidy.

mod bytes_of_any_kind;
mod descriptions_from_the_field;
mod keys_are_agreed_on;
mod later_exchanges;
mod offers_and_answers;
mod reports;

use uac::sdp::{KEY_RANDOMNESS, Local, Negotiated, Refusal, Session, Suite};

/// Our address in all of them.
pub(crate) const HERE: &str = "192.0.2.1:30000";
/// The peer's.
pub(crate) const AT: &str = "c=IN IP4 192.0.2.9\r\n";

pub(crate) fn local(srtp: &[Suite]) -> Local {
    Local { rtp: HERE.parse().unwrap(), session_id: 7, srtp: srtp.to_vec() }
}

/// A trunk in the clear.
pub(crate) fn clear() -> Session {
    Session::new(local(&[]))
}

/// A trunk that requires SRTP.
pub(crate) fn secret() -> Session {
    Session::new(local(&Suite::ALL))
}

/// Other octets each time, and the same in every run.
pub(crate) fn counting() -> impl FnMut() -> [u8; KEY_RANDOMNESS] {
    let mut count = 0;
    move || {
        count += 1;
        [count; KEY_RANDOMNESS]
    }
}

/// A peer's description from its address and its streams.
pub(crate) fn audio(connection: &str, media: &str) -> String {
    format!("v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\n{connection}t=0 0\r\n{media}")
}

/// The answer to our first offer in the clear.
pub(crate) fn accept(answer: &str) -> Result<Negotiated, Refusal> {
    let mut session = clear();
    session.offer(&mut counting());
    session.answered(answer)
}

/// Our answer to a first offer in the clear.
pub(crate) fn answer(offer: &str) -> Result<(String, Negotiated), Refusal> {
    clear().answer(offer, &mut counting()).map(|answer| (answer.sdp, answer.negotiated))
}

/// Its `m=` lines.
pub(crate) fn streams(sdp: &str) -> Vec<&str> {
    sdp.lines().filter(|line| line.starts_with("m=")).collect()
}

/// Session id and version of its `o=` line.
pub(crate) fn origin(sdp: &str) -> (u64, u64) {
    let line = sdp.lines().find(|line| line.starts_with("o=")).expect("an origin");
    let mut words = line.split(' ').skip(1).map(|word| word.parse().unwrap());
    (words.next().unwrap(), words.next().unwrap())
}
