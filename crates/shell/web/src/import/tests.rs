//! What an import reads, and what it says about what it cannot read.

use records::Number;
use serde_json::json;

use super::{read_csv, read_json};

fn faults(csv: &[u8]) -> Vec<(u64, String, String)> {
    read_csv(csv).1.into_iter().map(|fault| (fault.line, fault.column, fault.detail)).collect()
}

#[test]
fn every_column_finds_its_place() {
    let csv = "\u{feff}number2,external_id,name,number,class,branch,language,time_zone,account_manager,\
               rated_person,product,signed_on,closed_on\r\n\
               010-88886666,C1,\"王, 小明\",１３８００１３８０００,vip,北京,zh,Asia/Urumqi,李雷,韩梅,理财一号,2026-03-05,\r\n\
               \r\n\
               ,C2,Anna,+8613900139000,,,,,,,,2026/3/6,2026年4月1日\r\n";
    let (rows, faults) = read_csv(csv.as_bytes());
    assert_eq!(faults, []);
    let (first, second) = (&rows[0], &rows[1]);
    assert_eq!((first.external_id.as_str(), first.name.as_str()), ("C1", "王, 小明"));
    let numbers: Vec<_> = first.numbers.iter().map(Number::e164).collect();
    assert_eq!(numbers, ["+8613800138000", "+861088886666"]);
    assert_eq!(first.time_zone, Some(chrono_tz::Asia::Urumqi));
    assert_eq!(first.rated_person.as_deref(), Some("韩梅"));
    assert_eq!(first.dates.len(), 1);
    assert_eq!(first.dates["signed"].to_string(), "2026-03-05");
    assert_eq!(second.class, None);
    assert_eq!(second.dates["closed"].to_string(), "2026-04-01");
    assert_eq!(rows.len(), 2);
}

#[test]
fn each_fault_is_named_by_line_column_and_remedy() {
    let header = "external_id,name,number,number2,language,time_zone,signed_on\n";
    for (row, column, remedy) in [
        ("C1,A,1380013800,,,,", "number", "check the digits"),
        ("C1,A,13800138000,abc,,,", "number2", "give it as"),
        ("C1,A,1.38E+10,,,,", "number", "format the column as text"),
        ("C1,A,,,,,", "number", "at least one number"),
        (",A,13800138000,,,,", "external_id", "give every customer"),
        ("C1, ,13800138000,,,,", "name", "give every customer"),
        ("C1,A,13800138000,,Chinese,,", "language", "such as zh"),
        ("C1,A,13800138000,,,Beijing,", "time_zone", "Asia/Shanghai"),
        ("C1,A,13800138000,,,,5.3.2026", "signed_on", "2026-11-21"),
        ("C1,A,13800138000,,,,0000-00-00", "signed_on", "2026-11-21"),
        ("C1,A,13800138000", "", "needs quotes"),
        ("C0,A,13800138000,,,,", "external_id", "stands at 2 already"),
    ] {
        let csv = format!("{header}C0,Good,13900139000,,,,\n{row}\n");
        let found = faults(csv.as_bytes());
        assert_eq!(found.len(), 1, "{row}: {found:?}");
        assert_eq!((found[0].0, found[0].1.as_str()), (3, column), "{row}");
        assert!(found[0].2.contains(remedy), "{row}: {}", found[0].2);
    }
}

#[test]
fn lines_are_counted_as_an_editor_shows_them() {
    for end in ["\n", "\r\n"] {
        let lines = [
            "external_id,name,number",
            "C1,\"two",
            "lines\",13800138000",
            "",
            "C2,B,12",
            "",
            "",
            "C3,C,34",
            "",
        ];
        let found: Vec<_> = faults(lines.join(end).as_bytes()).into_iter().map(|fault| fault.0).collect();
        assert_eq!(found, [5, 8], "{end:?}");
    }
}

#[test]
fn the_header_is_checked_before_the_rows() {
    for (csv, column, remedy) in [
        ("external_id,name\nC1,A\n", "number", "add this column"),
        ("external_id,name,number,phone\nC1,A,x,y\n", "phone", "is no known column"),
        ("external_id,name,number,name\nC1,A,x,y\n", "name", "stands twice"),
        ("external_id,name,number\n", "", "no customers below"),
    ] {
        let found = faults(csv.as_bytes());
        assert_eq!(found.len(), 1, "{csv}: {found:?}");
        assert_eq!((found[0].0, found[0].1.as_str()), (1, column), "{csv}");
        assert!(found[0].2.contains(remedy), "{}", found[0].2);
    }
}

#[test]
fn text_in_another_encoding_is_refused_with_the_line_it_starts_at() {
    let gbk = b"external_id,name,number\nC1,Anna,13800138000\nC2,\xcd\xf5,13800138000\n";
    let found = faults(gbk);
    assert_eq!((found.len(), found[0].0), (1, 3));
    assert!(found[0].2.contains("CSV UTF-8"));
}

#[test]
fn a_file_full_of_faults_is_cut_short_and_says_so() {
    let csv = "external_id,name,number\n".to_owned() + &"X,A,1\n".repeat(500);
    let found = faults(csv.as_bytes());
    assert_eq!(found.len(), 201);
    assert!(found[200].2.contains("more faults"), "{:?}", found[200]);
}

#[test]
fn json_rows_are_checked_as_csv_rows_are() {
    let (rows, faults) = read_json(vec![
        json!({"external_id": "C1", "name": "A", "numbers": ["13800138000"], "dates": {"signed": "2026-01-02"}}),
        json!({"external_id": "C2", "name": "B", "numbers": ["13900139000", "12"]}),
        json!({"external_id": "C3", "name": "C", "phone": "13900139000"}),
    ]);
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].dates["signed"].to_string(), "2026-01-02");
    let named: Vec<_> = faults.iter().map(|f| (f.line, f.column.as_str())).collect();
    assert_eq!(named, [(2, "number2"), (3, "")]);
    assert!(faults[1].detail.contains("phone"), "{}", faults[1].detail);
}
