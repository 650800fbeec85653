//! Rows out of a stream of octets: decoded, cut at delimiters, each with the line it begins at as an editor counts it.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, Read};
use std::rc::Rc;

use csv::{Reader, ReaderBuilder, StringRecord};
use encoding_rs::{Decoder, Encoding};

use crate::{Fault, FaultCode};

/// A row's line and cells, or why it cannot be read.
pub type RowRead = Result<(u64, Vec<String>), Fault>;

/// Rows of a text file. Empty ones are left out.
pub struct TextRows<R> {
    reader: Reader<Decoded<R>>,
    lines: Lines,
    record: StringRecord,
}

impl<R: Read> TextRows<R> {
    /// Reads octets in this encoding, with or without a mark at their beginning.
    pub fn new(octets: R, encoding: &'static Encoding, delimiter: u8) -> Self {
        let ends: Rc<RefCell<VecDeque<End>>> = Rc::default();
        let decoded = Decoded {
            octets,
            decoder: encoding.new_decoder_with_bom_removal(),
            raw: vec![0; 16 * 1024],
            held: Vec::new(),
            text: String::with_capacity(64 * 1024),
            given: 0,
            done: false,
            at: 0,
            before: 0,
            ends: Rc::clone(&ends),
        };
        let mut builder = ReaderBuilder::new();
        let reader = builder.flexible(true).has_headers(false).delimiter(delimiter).from_reader(decoded);
        Self { reader, lines: Lines { ends, line: 1 }, record: StringRecord::new() }
    }

    /// The next row and its line; the inner error is a row that cannot be read. The outer one is the stream's.
    pub fn next_row(&mut self) -> io::Result<Option<RowRead>> {
        loop {
            let read = self.reader.read_record(&mut self.record);
            match read {
                Ok(false) => return Ok(None),
                Ok(true) => {
                    let start = self.record.position().map_or(0, csv::Position::byte);
                    let line = self.lines.of(start);
                    if self.record.iter().any(|cell| !cell.trim().is_empty()) {
                        let cells = self.record.iter().map(str::to_owned).collect();
                        return Ok(Some(Ok((line, cells))));
                    }
                }
                Err(error) => {
                    let start = error.position().map_or(0, csv::Position::byte);
                    let line = self.lines.of(start);
                    let given = error.to_string();
                    return match error.into_kind() {
                        csv::ErrorKind::Io(error) => Err(error),
                        _ => Ok(Some(Err(Fault {
                            line,
                            column: String::new(),
                            code: FaultCode::Unreadable,
                            given,
                        }))),
                    };
                }
            }
        }
    }
}

/// Where a line ends: the place of its `\n`, and whether a `\r` stands before it.
type End = (u64, bool);

/// Lines as people count them: the reader's own count falls behind at CRLF and at empty lines.
struct Lines {
    /// Of the text that the reader was given and has not told rows of.
    ends: Rc<RefCell<VecDeque<End>>>,
    line: u64,
}

impl Lines {
    /// Line of the first character of what starts at a place; places only move on.
    fn of(&mut self, mut start: u64) -> u64 {
        let mut ends = self.ends.borrow_mut();
        while let Some((end, after_return)) = ends.front().copied() {
            // The row may begin at the end of the last one, and with empty lines.
            if end == start {
                start += 1;
            } else if after_return && end == start + 1 {
                start += 2;
            } else if end > start {
                break;
            }
            ends.pop_front();
            self.line += 1;
        }
        self.line
    }
}

/// The stream as UTF-8; what is no text in its encoding becomes U+FFFD.
struct Decoded<R> {
    octets: R,
    decoder: Decoder,
    raw: Vec<u8>,
    /// Read, and not decoded yet for want of room.
    held: Vec<u8>,
    text: String,
    /// How much of `text` was handed out.
    given: usize,
    done: bool,
    /// Place of the next octet handed out.
    at: u64,
    /// The octet before that.
    before: u8,
    ends: Rc<RefCell<VecDeque<End>>>,
}

impl<R: Read> Decoded<R> {
    fn decode_more(&mut self) -> io::Result<()> {
        self.text.clear();
        self.given = 0;
        while self.text.is_empty() && !self.done {
            if self.held.is_empty() {
                let count = self.octets.read(&mut self.raw)?;
                self.held.extend_from_slice(&self.raw[..count]);
                self.done = count == 0;
            }
            let (_, used, _) = self.decoder.decode_to_string(&self.held, &mut self.text, self.done);
            self.held.drain(..used);
        }
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.given == self.text.len() {
            self.decode_more()?;
        }
        let rest = &self.text.as_bytes()[self.given..];
        let count = rest.len().min(to.len());
        let part = &rest[..count];
        to[..count].copy_from_slice(part);
        let mut ends = self.ends.borrow_mut();
        for octet in part {
            if *octet == b'\n' {
                ends.push_back((self.at, self.before == b'\r'));
            }
            self.before = *octet;
            self.at += 1;
        }
        self.given += count;
        Ok(count)
    }
}
