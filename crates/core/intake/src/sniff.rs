//! What a file is, by its first octets: workbook or text, in which encoding, parted by what.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A workbook: a ZIP archive.
    Xlsx,
    /// The old workbook, which is not read.
    Xls,
    /// Text; the encoding.
    Text(&'static Encoding),
}

/// Tells a file's form by its beginning; `whole` where that is all of it. GBK is read as GB18030, which holds it.
pub fn form(head: &[u8], whole: bool) -> Form {
    if head.starts_with(b"PK\x03\x04") {
        return Form::Xlsx;
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Form::Xls;
    }
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return Form::Text(encoding);
    }
    if let Some(encoding) = utf16(head) {
        return Form::Text(encoding);
    }
    if utf8(head, whole) {
        return Form::Text(UTF_8);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(head, whole);
    let guess = detector.guess(Some(b"cn"), Utf8Detection::Deny);
    // Chinese departments send GBK; a short list of names may look like any of the East Asian encodings.
    let chinese =
        guess.is_single_byte() || [encoding_rs::GBK, GB18030].contains(&guess) || decodes(GB18030, head);
    Form::Text(if chinese { GB18030 } else { guess })
}

/// Whether the octets are UTF-8, but for a character cut off at the end.
fn utf8(head: &[u8], whole: bool) -> bool {
    match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(error) => !whole && error.error_len().is_none(),
    }
}

fn decodes(encoding: &'static Encoding, head: &[u8]) -> bool {
    // The last character may be cut off.
    let safe = head.iter().rposition(|b| *b == b'\n').map_or(head, |end| &head[..end]);
    encoding.decode_without_bom_handling_and_without_replacement(safe).is_some()
}

/// UTF-16 without its mark: every other octet of the delimiters and digits is zero.
fn utf16(head: &[u8]) -> Option<&'static Encoding> {
    let pairs = head.len() / 2;
    if pairs < 4 {
        return None;
    }
    let zeros = |offset: usize| head.iter().skip(offset).step_by(2).filter(|octet| **octet == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    if odd * 5 > pairs && even * 20 < pairs {
        Some(UTF_16LE)
    } else if even * 5 > pairs && odd * 20 < pairs {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// What parts the cells: the one of comma, semicolon, tab and bar that gives the header the most known columns, then
/// the most columns.
pub fn delimiter(text: &str) -> u8 {
    let candidates = [b',', b'\t', b';', b'|'];
    let worth = |delimiter: u8| {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut record = csv::StringRecord::new();
        if !reader.read_record(&mut record).unwrap_or(false) {
            return (0, 0);
        }
        let known = record.iter().filter(|header| crate::Field::of_header(header).is_some()).count();
        (known, record.len())
    };
    // max_by_key keeps the last of equals; a comma wins where nothing speaks for another.
    candidates.into_iter().rev().max_by_key(|delimiter| worth(*delimiter)).unwrap_or(b',')
}
