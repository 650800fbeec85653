//! Encodings, delimiters and lines, by octets alone.

use std::io::Read;

use encoding_rs::{GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};
use intake::{Form, TextRows, delimiter, form, line_of};
use proptest::prelude::*;

#[test]
fn the_form_of_a_file_is_told_by_its_beginning() {
    let list = "编号,姓名,电话\r\nK1,王小明,13800138000\r\n";
    let units = |text: &str| text.encode_utf16().collect::<Vec<_>>();
    let little: Vec<u8> = units(list).iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units(list).iter().flat_map(|unit| unit.to_be_bytes()).collect();
    for (octets, expected) in [
        (list.as_bytes().to_vec(), Form::Text(UTF_8)),
        (format!("\u{feff}{list}").into_bytes(), Form::Text(UTF_8)),
        (b"external_id,name,number\n".to_vec(), Form::Text(UTF_8)),
        (Vec::new(), Form::Text(UTF_8)),
        (GBK.encode(list).0.into_owned(), Form::Text(GB18030)),
        (GB18030.encode("编号,姓名\nK1,𠮷田\n").0.into_owned(), Form::Text(GB18030)),
        (little.clone(), Form::Text(UTF_16LE)),
        ([b"\xff\xfe".to_vec(), little].concat(), Form::Text(UTF_16LE)),
        ([b"\xfe\xff".to_vec(), big.clone()].concat(), Form::Text(UTF_16BE)),
        (big, Form::Text(UTF_16BE)),
        (b"PK\x03\x04....".to_vec(), Form::Xlsx),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), Form::Xls),
    ] {
        assert_eq!(form(&octets, true), expected);
    }
    // A character cut in two at the end of what is looked at does not make it another encoding.
    assert_eq!(form(&list.as_bytes()[..7], false), Form::Text(UTF_8));
}

#[test]
fn the_delimiter_is_the_one_that_gives_known_columns() {
    for (text, expected) in [
        ("编号,姓名,电话\n", b','),
        ("编号;姓名;电话\nK1;\"a,b,c,d\";1\n", b';'),
        ("编号\t姓名\t电话", b'\t'),
        ("external_id|name|number", b'|'),
        ("备注,编号;姓名;电话\n", b';'),
        ("x", b','),
        ("", b','),
    ] {
        assert_eq!(delimiter(text), expected, "{text}");
    }
}

fn rows(octets: &[u8], part: usize) -> Vec<(u64, Vec<String>)> {
    /// Gives a few octets at a time, as a slow disk would.
    struct Slow<'a>(&'a [u8], usize);
    impl Read for Slow<'_> {
        fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
            let count = self.1.min(to.len()).min(self.0.len());
            to[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }
    let mut reader = TextRows::new(Slow(octets, part), UTF_8, b',');
    std::iter::from_fn(|| reader.next_row().unwrap()).map(Result::unwrap).collect()
}

#[test]
fn lines_are_counted_as_an_editor_shows_them() {
    for end in ["\n", "\r\n"] {
        let text = ["a,b", "1,\"two", "lines\"", "", "2,x", "", " , ", "3,y", ""].join(end);
        for part in [1, 3, 1000] {
            let lines: Vec<u64> = rows(text.as_bytes(), part).into_iter().map(|row| row.0).collect();
            assert_eq!(lines, [1, 2, 5, 8], "{end:?} in parts of {part}");
        }
    }
}

#[test]
fn what_a_spreadsheet_would_take_for_a_formula_is_escaped() {
    let fault = intake::Fault {
        line: 2,
        column: "电话".to_owned(),
        code: intake::FaultCode::NumberUnreadable,
        given: "=1+1".to_owned(),
    };
    let original = ["=cmd()", "+86", "-1", "@x", "\tx", "plain", "a\"b,c"].map(str::to_owned);
    let line = line_of(&fault, intake::Tongue::En, &original);
    assert_eq!(
        line,
        "2,电话,\"\"\"=1+1\"\" is not a telephone number\",\"give it as 13800138000, 010-88886666 or +8613800138000\",\
         '=cmd(),'+86,'-1,'@x,\"'\tx\",plain,\"a\"\"b,c\"\r\n"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    /// Cells come back as they were written, whatever they hold, in whatever parts they are read.
    #[test]
    fn cells_come_back(cells in prop::collection::vec(prop::collection::vec("[a甲𠮷\"\n, ]{1,6}", 2), 1..6), part in 1..40_usize) {
        let mut text = Vec::new();
        let mut writer = csv::Writer::from_writer(&mut text);
        for row in &cells {
            writer.write_record(row).unwrap();
        }
        drop(writer);
        let expected: Vec<_> = cells
            .into_iter()
            .filter(|row| row.iter().any(|cell| !cell.trim().is_empty()))
            .collect();
        let found: Vec<_> = rows(&text, part).into_iter().map(|row| row.1).collect();
        prop_assert_eq!(found, expected);
    }

    /// No octets make it panic.
    #[test]
    fn any_octets_are_read(octets in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Form::Text(encoding) = form(&octets, true) {
            let mut reader = TextRows::new(octets.as_slice(), encoding, delimiter(&encoding.decode(&octets).0));
            while let Some(row) = reader.next_row().unwrap() {
                let _ = row;
            }
        }
    }
}
