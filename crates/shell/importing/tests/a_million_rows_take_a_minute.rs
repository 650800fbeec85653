//! What an import costs, in time and in this process's memory: `make bench-import` takes a million rows in the release
//! build. In a plain test run a few thousand go the same way, to see that nothing is lost.

mod server;

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use ports::{Customers, Intake};
use server::Server;

/// The goal of the order: a million rows.
const GOAL: (Duration, u64) = (Duration::from_secs(60), 300 * 1024 * 1024);

/// Rows as a department sends them: GB18030, Chinese headers, two numbers, two dates, and names that repeat.
fn list(path: &Path, rows: u32) {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    let header =
        "客户编号,姓名,手机,办公电话,级别,机构,客户经理,产品,犹豫期天数,合同金额,签约日期,送达日期\r\n";
    file.write_all(&encoding_rs::GB18030.encode(header).0).unwrap();
    for n in 0..rows {
        let row = format!(
            "K{n:08},客户{},1380{:07},010-{:08},{},北京分公司,王经理,年金险,15,{}.50,2026-11-{:02},2026-11-{:02}\r\n",
            n % 50_000,
            n,
            60_000_000 + n % 9_000_000,
            ["vip", "普通"][n as usize % 2],
            n % 100_000,
            1 + n % 20,
            2 + n % 20,
        );
        file.write_all(&encoding_rs::GB18030.encode(&row).0).unwrap();
    }
}

/// Peak resident memory of this process in octets (proc(5), VmHWM).
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

async fn measure(rows: u32) -> (Duration, Duration) {
    let server = Server::start().await;
    let file = server.folder().join("list.csv");
    list(&file, rows);
    let importer = server.importer();
    let started = Instant::now();
    let new = server::new_import("list.csv");
    let read = importer.read(&file, &new).await.unwrap();
    assert_eq!((read.rows, read.faulty, read.counts.created), (u64::from(rows), 0, u64::from(rows)));
    assert_eq!(read.layout.encoding, "gb18030");
    let until_preview = started.elapsed();
    let done = server.store.carry_out(new.id).await.unwrap();
    let whole = started.elapsed();
    assert_eq!(done.counts.created, u64::from(rows));
    let found: i64 = server.count("select count(*) from numbers").await;
    assert_eq!(found, i64::from(rows) * 2);
    println!(
        "import of {rows} rows: preview after {:.1} s, customers after {:.1} s ({:.0} rows/s), peak {} MiB of this process",
        until_preview.as_secs_f64(),
        whole.as_secs_f64(),
        f64::from(rows) / whole.as_secs_f64(),
        peak() >> 20
    );
    let again = server::new_import("list.csv");
    let second = Instant::now();
    importer.read(&file, &again).await.unwrap();
    let done = server.store.carry_out(again.id).await.unwrap();
    assert_eq!(done.counts.unchanged, u64::from(rows), "the same list again changes nothing");
    println!("the same again: {:.1} s, {} unchanged", second.elapsed().as_secs_f64(), done.counts.unchanged);
    (until_preview, whole)
}

#[tokio::test]
async fn some_thousand_rows_come_in_whole_and_once() {
    measure(6_000).await;
}

/// `HUIFANG_IMPORT_ROWS` for another number of rows; the goal is scaled.
#[tokio::test]
#[ignore = "make bench-import: a million rows in the release build, and the machine to itself"]
async fn a_million_rows_take_a_minute() {
    let rows = std::env::var("HUIFANG_IMPORT_ROWS").map_or(1_000_000, |rows| rows.parse().unwrap());
    let (_, whole) = measure(rows).await;
    let limit = GOAL.0.mul_f64(f64::from(rows) / 1e6);
    assert!(whole <= limit, "{whole:?} for {rows} rows, and {limit:?} were allowed");
    assert!(peak() <= GOAL.1, "{} MiB", peak() >> 20);
}
