//! Attempts, their recordings and their signalling.

use ports::{AttemptFilter, AttemptRow};
use records::Recording;

use super::book::Book;
use crate::api::attempts::{Live, Whole};
use crate::api::traces::Trace;

const TAG: &str = "calls";

pub(super) fn tell(book: &mut Book) {
    book.get(TAG, "/api/v1/attempts", "Attempts, each with its reason, answers and recording.")
        .asks::<AttemptFilter>()
        .in_parts::<AttemptRow>();
    book.get(
        TAG,
        "/api/v1/attempts/{id}",
        "One attempt with what happened in it; agents see those of items they work on.",
    )
    .gives::<Whole>("The attempt.");
    book.get(
        TAG,
        "/api/v1/attempts/{id}/trace",
        "The signalling of an attempt, secrets taken out; reading it is logged.",
    )
    .gives::<Trace>("The messages in the order they came and went.");
    book.get(TAG, "/api/v1/attempts/{id}/trace.txt", "The same as text.").gives_file(
        200,
        "text/plain",
        "The ladder of messages.",
    );
    book.get(TAG, "/api/v1/attempts/{id}/trace.pcap", "The same as a capture file for Wireshark.")
        .gives_file(200, "application/vnd.tcpdump.pcap", "The capture.");
    book.get(TAG, "/api/v1/recordings", "Sealed recordings.").in_parts::<Recording>();
    book.get(
        TAG,
        "/api/v1/recordings/{id}/audio",
        "A recording's sound, whole or by byte range; hearing it is logged.",
    )
    .gives_file(200, "audio/wav", "Stereo, the customer left and our side right.")
    .gives_file(206, "audio/wav", "The range asked for.")
    .answers(304, "The recording is the one known by its entity tag.", None)
    .answers(416, "The range starts behind the end.", None);
    book.get(TAG, "/api/v1/live", "Calls that are up at this moment, trunks, and the dialer's pace.")
        .gives::<Live>("What is going on.");
}
