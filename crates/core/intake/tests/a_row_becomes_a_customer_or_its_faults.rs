//! Cells as people write them, and what is said about those that cannot be read.

use intake::{Fault, FaultCode, IntakeRow, Layout, RawRow, Tongue, read_row};
use proptest::prelude::*;

fn read(headers: &str, cells: &str) -> Result<IntakeRow, Vec<Fault>> {
    let headers: Vec<String> = headers.split(',').map(str::to_owned).collect();
    let layout = Layout::of(&headers).unwrap();
    read_row(&RawRow::of_cells(&layout, cells.split('|')), 7, &layout)
}

#[test]
fn numbers_come_in_every_form_and_their_extensions_apart() {
    for (written, number, extension) in [
        ("１３８ ００１３ ８０００", "+8613800138000", None),
        ("0086-138-0013-8000", "+8613800138000", None),
        ("+86 138 0013 8000", "+8613800138000", None),
        ("013800138000", "+8613800138000", None),
        ("（010）8888-6666", "+861088886666", None),
        ("010-88886666-801", "+861088886666", Some("801")),
        ("010-88886666转801", "+861088886666", Some("801")),
        ("021 62345678 分机 12", "+862162345678", Some("12")),
        ("02162345678 ext. 12", "+862162345678", Some("12")),
        ("400-810-1234", "+864008101234", None),
        ("+44 20 7183 8750", "+442071838750", None),
    ] {
        let row = read("编号,姓名,电话", &format!("K1|甲|{written}")).unwrap().row;
        assert_eq!(row.numbers[0].e164(), number, "{written}");
        let found = row.extensions.first().map(|extension| extension.extension.as_str());
        assert_eq!(found, extension, "{written}");
    }
}

#[test]
fn what_may_not_be_called_is_refused_with_the_reason() {
    for (written, code) in [
        ("110", FaultCode::NumberEmergency),
        ("０１２０", FaultCode::NumberImpossible),
        ("120", FaultCode::NumberEmergency),
        ("+86 119", FaultCode::NumberEmergency),
        ("12395", FaultCode::NumberEmergency),
        ("95588", FaultCode::NumberService),
        ("10086", FaultCode::NumberService),
        ("96110", FaultCode::NumberService),
        ("16812345", FaultCode::NumberPremium),
        ("1380013800", FaultCode::NumberImpossible),
        ("1.38E+10", FaultCode::NumberRounded),
        ("无", FaultCode::NumberUnreadable),
        ("", FaultCode::NoNumber),
    ] {
        let faults = read("编号,姓名,电话", &format!("K1|甲|{written}")).unwrap_err();
        assert_eq!(faults.len(), 1, "{written}: {faults:?}");
        assert_eq!(
            (faults[0].code, faults[0].column.as_str(), faults[0].line),
            (code, "电话", 7),
            "{written}"
        );
    }
}

#[test]
fn every_cell_finds_its_place() {
    let headers = "编号,姓名,手机,电话,分机2,语言,时区,产品,犹豫期天数,产品2,合同金额,渠道,免打扰,签约日期,续保日期,投保人,投保人电话";
    let cells = "K1| 王  小明 |13800138000|010-88886666|801|粤语|新疆时间|年金险|15天|重疾险|12万|短信|是|2026年3月5日|20270401|李雷|13900139000";
    let IntakeRow { row, opt_out, line } = read(headers, cells).unwrap();
    assert_eq!((line, opt_out), (7, true));
    assert_eq!((row.external_id.as_str(), row.name.as_str()), ("K1", "王  小明"));
    assert_eq!(row.language.as_deref(), Some("yue"));
    assert_eq!(row.time_zone, Some(chrono_tz::Asia::Urumqi));
    assert_eq!(row.extensions[0].extension, "801");
    let products: Vec<_> = row.products.iter().map(|p| (p.name.as_str(), p.hesitation_days)).collect();
    assert_eq!(products, [("年金险", Some(15)), ("重疾险", None)]);
    assert_eq!((row.contract_fen, row.channel), (Some(12_000_000), records::Channel::Sms));
    assert_eq!(row.dates["signed"].to_string(), "2026-03-05");
    assert_eq!(row.dates["续保"].to_string(), "2027-04-01");
    assert_eq!(
        (row.contacts[0].role.0.as_str(), row.contacts[0].name.as_deref()),
        ("policy_holder", Some("李雷"))
    );
}

#[test]
fn each_fault_of_a_row_is_told_at_once() {
    let headers = "编号,姓名,电话,语言,时区,签约日期,合同金额,渠道,免打扰,犹豫期天数,投保人";
    let cells = "||12|Deutsch|Peking|5.3.2026|-3|fax|maybe|soon|李雷";
    let faults = read(headers, cells).unwrap_err();
    let mut codes: Vec<_> = faults.iter().map(|fault| fault.code.slug()).collect();
    codes.sort_unstable();
    let expected = [
        "amount",
        "channel",
        "contact_without_number",
        "date",
        "days",
        "empty",
        "empty",
        "language",
        "number_impossible",
        "time_zone",
        "yes_no",
    ];
    assert_eq!(codes, expected);
    for fault in &faults {
        for tongue in [Tongue::Zh, Tongue::En] {
            assert!(!fault.fault(tongue).is_empty() && !fault.remedy(tongue).is_empty());
        }
    }
}

#[test]
fn every_code_is_read_back() {
    for code in FaultCode::ALL {
        assert_eq!(FaultCode::of_slug(code.slug()), Some(*code));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever stands in a row: a customer who reads back from his own text as the same, or faults that name a column.
    #[test]
    fn any_cells_are_a_customer_or_faults(cells in prop::collection::vec("[ -~甲１0-9=＋转年月日.]{0,14}", 8)) {
        let headers: Vec<String> = ["编号", "姓名", "电话", "签约日期", "合同金额", "产品", "犹豫期天数", "投保人电话"]
            .map(str::to_owned)
            .to_vec();
        let layout = Layout::of(&headers).unwrap();
        match read_row(&RawRow::of_cells(&layout, cells.iter().map(String::as_str)), 2, &layout) {
            Ok(read) => {
                let again = read_row(&RawRow::of_row(&read.row), 2, &Layout::default()).unwrap();
                prop_assert_eq!(again.row, read.row);
            }
            Err(faults) => prop_assert!(faults.iter().all(|fault| headers.contains(&fault.column))),
        }
    }

    /// A number that was taken is one that may be called, and stays itself.
    #[test]
    fn a_number_of_a_person_is_stable(text in "[+0１-９]{0,3}[0-9 \\-]{3,14}(转[0-9]{1,4})?") {
        if let Ok((number, extension)) = records::Number::of_person(&text) {
            prop_assert_eq!(records::Number::of_person(number.e164()), Ok((number.clone(), None)));
            prop_assert!(number.e164().len() >= 10);
            prop_assert!(extension.is_none_or(|extension| extension.len() <= 8));
        }
    }
}
