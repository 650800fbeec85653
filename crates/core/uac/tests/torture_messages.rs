//! RFC 4475 and RFC 5118: each message gets the verdict that `torture/verdicts.md` gives it.

mod torture;

use torture::{Case, Verdict, cases};
use uac::machine::out_of_dialog;
use uac::{Message, Response, guard, wire};

/// What the gate does with bytes of a trunk while no call is up, without the sockets around it.
fn verdict(case: &Case) -> (Verdict, Option<Response>) {
    let answer = match wire::parse(&case.bytes) {
        Ok(Message::Request(request)) => out_of_dialog(&request, "t"),
        Ok(Message::Response(response)) if response.headers.list("Via").len() == 1 => {
            return (Verdict::Response, None);
        }
        Ok(Message::Response(_)) => None,
        Err(why) => guard::refusal(&case.bytes, why, "t"),
    };
    let Some(answer) = answer else { return (Verdict::Drop, None) };
    let header = match &case.verdict {
        Verdict::Answer(_, Some(name)) => answer.headers.first(name).map(|_| name.clone()),
        _ => None,
    };
    (Verdict::Answer(answer.status, header), Some(answer))
}

#[test]
fn every_message_gets_its_verdict() {
    let cases = cases();
    assert_eq!(cases.len(), 62, "both archives whole");
    for case in &cases {
        assert_eq!(verdict(case).0, case.verdict, "{}\n{}", case.name, String::from_utf8_lossy(&case.bytes));
    }
}

#[test]
fn every_answer_is_a_message_itself_and_copies_what_it_must() {
    for case in cases() {
        let Some(answer) = verdict(&case).1 else { continue };
        let text = wire::response_bytes(&answer);
        assert!(!answer.phrase.is_empty(), "{}", case.name);
        // What was unreadable in the request, or RFC 2543's, stays so in the copy.
        let Ok(request) = wire::parse(&case.bytes) else { continue };
        if request.headers().branch().is_none() || request.headers().from_tag().is_none() {
            continue;
        }
        let read = wire::parse(&text).unwrap_or_else(|why| panic!("{}: {why}", case.name));
        for name in ["Via", "From", "Call-ID", "CSeq"] {
            let copied =
                |message: &Message| message.headers().all(name).map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(copied(&read), copied(&request), "{name} of {}", case.name);
        }
        assert!(read.headers().to_tag().is_some(), "{}", case.name);
    }
}

#[test]
fn what_is_well_formed_survives_being_written_and_read_again() {
    for case in cases() {
        if let Ok(message) = wire::parse(&case.bytes) {
            assert_eq!(wire::parse(&wire::to_bytes(&message)).as_ref(), Ok(&message), "{}", case.name);
        }
    }
}

#[test]
fn the_420_names_what_is_required_of_the_called_side_alone() {
    let case = cases().into_iter().find(|case| case.name == "bext01").unwrap();
    let answer = verdict(&case).1.unwrap();
    let named = "nothingSupportsThis, nothingSupportsThisEither";
    assert_eq!(answer.headers.first("Unsupported"), Some(named));
}

#[test]
fn octets_behind_the_body_are_no_part_of_the_message() {
    let case = cases().into_iter().find(|case| case.name == "dblreq").unwrap();
    let Ok(Message::Request(request)) = wire::parse(&case.bytes) else { panic!("a request") };
    assert_eq!(
        (request.body.len(), request.headers.call_id()),
        (0, Some("dblreq.0ha0isndaksdj99sdfafnl3lk233412"))
    );
}

#[test]
fn escapes_are_no_characters_and_quotes_end() {
    let read = |name: &str| {
        let case = cases().into_iter().find(|case| case.name == name).unwrap();
        let Ok(message) = wire::parse(&case.bytes) else { panic!("{name} is well-formed") };
        message
    };
    let esc02 = read("esc02");
    assert_eq!(esc02.headers().list("Contact").len(), 2, "C%6Fntact is another header");
    let intmeth = read("intmeth");
    assert_eq!(intmeth.headers().from_tag().as_deref(), Some("_token~1'+`*%!-."));
    assert_eq!(intmeth.headers().call_id(), Some(r#"intmeth.word%ZK-!.*_+'@word`~)(><:\/"][?}{"#));
    let wsinv = read("wsinv");
    assert_eq!(wsinv.headers().from_tag().as_deref(), Some("98asjd8"));
    assert_eq!(wsinv.headers().list("Via").len(), 3);
    assert_eq!(wsinv.headers().contact().as_deref(), Some("sip:jdrosen@example.com"));
    assert_eq!(wsinv.headers().cseq(), Some((9, uac::Method::Invite)));
}

#[test]
fn a_display_name_without_quotes_is_taken() {
    // RFC 4475 section 3.1.2.15 with its empty line: carriers write customers' names like this.
    let text = "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: Bell, Alexander 张 <sip:a@b>;tag=43\r\nTo: <sip:b@c>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n\r\n";
    let message = wire::parse(text.as_bytes()).unwrap();
    assert_eq!(message.headers().from_tag().as_deref(), Some("43"));
}
