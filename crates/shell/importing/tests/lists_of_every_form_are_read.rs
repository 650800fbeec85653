//! Encodings, delimiters and workbooks as departments send them; the file of faults that goes back.

mod server;

use std::sync::Arc;

use encoding_rs::{GB18030, GBK};
use intake::Tongue;
use ports::{Customers, Import, ImportState, Intake, IntakeError};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use server::{Server, new_import};

const LIST: &str = "客户编号,姓名,手机,签约日期,备注\r\nK1,王小明,１３８００１３８０００,2026/11/2,好\r\nK2,欧阳娜,010-88886666转801,2026年11月3日,\r\n";

async fn read(server: &Server, name: &str, bytes: &[u8]) -> Result<Import, IntakeError> {
    let path = server.folder().join(name);
    std::fs::write(&path, bytes).unwrap();
    server.importer().read(&path, &new_import(name)).await
}

fn utf16(text: &str, little: bool, mark: bool) -> Vec<u8> {
    let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
    units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
}

#[tokio::test]
async fn every_encoding_gives_the_same_customers() {
    let server = Server::start().await;
    let semicolons = LIST.replace(',', ";");
    let tabs = LIST.replace(',', "\t");
    let forms: [(&str, Vec<u8>, &str); 9] = [
        ("UTF-8", LIST.as_bytes().to_vec(), ","),
        ("UTF-8", format!("\u{feff}{LIST}").into_bytes(), ","),
        ("gb18030", GBK.encode(LIST).0.into_owned(), ","),
        ("gb18030", GB18030.encode(&LIST.replace('好', "𠮷")).0.into_owned(), ","),
        ("UTF-16LE", utf16(LIST, true, true), ","),
        ("UTF-16BE", utf16(LIST, false, true), ","),
        ("UTF-16LE", utf16(&tabs, true, false), "Tab"),
        ("UTF-8", semicolons.into_bytes(), ";"),
        ("UTF-8", LIST.replace("\r\n", "\n").into_bytes(), ","),
    ];
    for (place, (encoding, bytes, delimiter)) in forms.into_iter().enumerate() {
        let import = read(&server, "list.csv", &bytes).await.unwrap();
        assert_eq!((import.rows, import.faulty), (2, 0), "{place}");
        assert_eq!(
            (import.layout.encoding.as_str(), import.layout.delimiter.as_str()),
            (encoding, delimiter),
            "{place}"
        );
        let fields: Vec<_> = import.layout.columns.iter().map(|column| column.field.as_deref()).collect();
        assert_eq!(
            fields,
            [Some("external_id"), Some("name"), Some("number"), Some("signed_on"), None],
            "{place}"
        );
        assert_eq!(import.sample[1][1], "欧阳娜", "{place}");
        let done = server.store.carry_out(import.id).await.unwrap();
        let expected = if place == 0 { (2, 0) } else { (0, 2) };
        assert_eq!((done.counts.created, done.counts.unchanged), expected, "{place}");
    }
    let kept: Vec<(String, String, Option<String>)> = sqlx::query_as(
        "select c.name, n.number, n.extension from customers c join contacts k on k.customer_id = c.id
         join numbers n on n.contact_id = k.id order by c.external_id",
    )
    .fetch_all(&server.pool)
    .await
    .unwrap();
    let expected = [("王小明", "+8613800138000", None), ("欧阳娜", "+861088886666", Some("801"))];
    let expected =
        expected.map(|(name, number, ext)| (name.to_owned(), number.to_owned(), ext.map(str::to_owned)));
    assert_eq!(kept, expected);
}

#[tokio::test]
async fn a_workbook_is_read_as_people_see_it() {
    let server = Server::start().await;
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("空").unwrap();
    let sheet = workbook.add_worksheet();
    for (column, header) in ["客户编号", "姓名", "手机", "签约日期", "合同金额（元）"].into_iter().enumerate()
    {
        sheet.write(2, column as u16, header).unwrap();
    }
    let day = Format::new().set_num_format("yyyy-mm-dd");
    sheet.write(3, 0, "K1").unwrap();
    sheet.write(3, 1, "王小明").unwrap();
    // A number, not a text: what spreadsheets make of telephone numbers.
    sheet.write(3, 2, 13_800_138_000_f64).unwrap();
    sheet.write_with_format(3, 3, ExcelDateTime::from_ymd(2026, 11, 2).unwrap(), &day).unwrap();
    sheet.write(3, 4, 3_000_000.5).unwrap();
    sheet.write(6, 0, "K2").unwrap();
    sheet.write(6, 1, "赵敏").unwrap();
    sheet.write(6, 2, "110").unwrap();
    let import = read(&server, "list.xlsx", &workbook.save_to_buffer().unwrap()).await.unwrap();
    assert_eq!((import.rows, import.faulty, import.layout.form.as_str()), (2, 1, "xlsx"));
    let faults = server.store.faults(import.id, None, 10).await.unwrap();
    assert_eq!((faults[0].fault.line, faults[0].fault.column.as_str()), (7, "手机"));
    assert_eq!(faults[0].fault.fault(Tongue::Zh), "“110”是紧急号码");
    server.store.carry_out(import.id).await.unwrap();
    let kept: (String, String, i64) = sqlx::query_as(
        "select n.number, c.dates ->> 'signed', c.contract_fen from customers c
                        join contacts k on k.customer_id = c.id join numbers n on n.contact_id = k.id",
    )
    .fetch_one(&server.pool)
    .await
    .unwrap();
    assert_eq!(kept, ("+8613800138000".to_owned(), "2026-11-02".to_owned(), 300_000_050));
}

#[tokio::test]
async fn what_is_no_list_is_refused_with_its_remedy() {
    let server = Server::start().await;
    for (bytes, remedy) in [
        (&b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest"[..], "save it as .xlsx"),
        (&b"PK\x03\x04 and no workbook"[..], "save it again"),
    ] {
        let path = server.folder().join("broken");
        std::fs::write(&path, bytes).unwrap();
        let new = new_import("broken");
        let error = server.importer().read(&path, &new).await.unwrap_err();
        assert!(error.to_string().contains(remedy), "{error}");
        let kept = server.store.import(new.id).await.unwrap();
        assert_eq!((kept.state, kept.why), (ImportState::Failed, Some(error.to_string())));
    }
    let import = read(&server, "empty.csv", b"").await.unwrap();
    assert_eq!(import.faulty, 1, "a header is missing");
    let import = read(&server, "header.csv", "编号,姓名,电话\n".as_bytes()).await.unwrap();
    let faults = server.store.faults(import.id, None, 10).await.unwrap();
    assert_eq!(faults[0].fault.code, intake::FaultCode::NoRows);
}

#[tokio::test]
async fn the_file_of_faults_names_line_column_fault_and_remedy_and_holds_no_formula() {
    let server = Server::start().await;
    let list = "编号,姓名,电话\r\nK1,\"=cmd|' /C calc'!A0\",12\r\nK2,\"两\r\n行\",13800138000\r\n\r\nK2,B,13900139000\r\nK3,C\r\n";
    let import = read(&server, "list.csv", list.as_bytes()).await.unwrap();
    assert_eq!((import.rows, import.faulty), (4, 3));
    let customers: Arc<dyn Customers> = Arc::new(server.store.clone());
    let mut file = Vec::new();
    importing::errors_file(&customers, import.id, Tongue::Zh, &mut file).await.unwrap().unwrap();
    let file = String::from_utf8(file).unwrap();
    let lines: Vec<&str> = file.split("\r\n").collect();
    assert_eq!(lines[0], "\u{feff}行,列,问题,处理办法,编号,姓名,电话");
    assert_eq!(lines[1], "2,电话,“12”位数不对或号段未分配,请与客户核对号码,K1,'=cmd|' /C calc'!A0,12",);
    assert_eq!(lines[2], "6,编号,客户编号在第 3 行已出现,请只保留一行,K2,B,13900139000");
    assert!(lines[3].starts_with("7,,有 2 格，与表头不符"), "{}", lines[3]);
}
