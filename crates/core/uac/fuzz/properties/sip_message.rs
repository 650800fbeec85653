//! Any bytes: read or refused, never a panic. What was read can be written and read again, and what
//! is answered is a message itself.

use uac::machine::out_of_dialog;
use uac::{Message, Response, guard, wire};

pub(crate) fn holds(bytes: &[u8]) {
    let answer = match wire::parse(bytes) {
        Ok(message) => {
            let written = wire::to_bytes(&message);
            // Replaced bytes take three times their room.
            if written.len() <= wire::Limits::default().message {
                assert_eq!(
                    wire::parse(&written).as_ref(),
                    Ok(&message),
                    "{}",
                    String::from_utf8_lossy(&written)
                );
            }
            look_into(&message)
        }
        Err(why) => guard::refusal(bytes, why, "tag"),
    };
    if let Some(answer) = answer {
        assert!((200..700).contains(&answer.status));
        let written = wire::response_bytes(&answer);
        assert!(written.len() <= 3 * bytes.len() + 512, "no answer grows beyond its question's copies");
    }
}

/// Everything that others read of a message.
fn look_into(message: &Message) -> Option<Response> {
    let headers = message.headers();
    let _ = (headers.contact(), headers.to_tag(), uac::reason::q850(&uac::reason::raw(headers)));
    let canonical = headers.top_via().map(|via| via.canonical());
    if let Some(canonical) = canonical {
        let again = uac::message::Via::parse(&canonical)
            .map(|via| (via.branch().map(str::to_owned), via.canonical()));
        assert_eq!(again, Some((headers.branch().map(str::to_owned), canonical.clone())));
    }
    for entry in headers.list("Record-Route") {
        let _ = uac::address::NameAddr::parse(entry).and_then(|route| uac::address::hop_of(&route.uri));
    }
    match message {
        Message::Request(request) => {
            let _ = (guard::is_scanner(request), request.sdp());
            out_of_dialog(request, "tag")
        }
        Message::Response(response) => {
            let _ = response.sdp();
            None
        }
    }
}
