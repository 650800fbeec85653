//! Imports in two steps: read and counted first, carried out after a yes.

use std::sync::Arc;

use ::intake::{Column, Fault, FaultCode, IntakeRow};
use chrono::NaiveDate;
use records::{
    Contact, ContactRole, CustomerId, CustomerRow, Extension, ImportId, PlanId, Product, TaskState,
};
use uuid::Uuid;

use super::bench::{content, number, row};
use super::{Bench, Scene, sentences};
use crate::{
    FaultyRow, FileLayout, FileRead, Import, ImportCounts, ImportSource, ImportState, NewImport, Page,
    StoreError,
};

sentences![
    what_was_read_is_counted_first_and_done_after_a_yes,
    a_file_touches_only_what_its_columns_speak_about,
    everything_known_of_a_customer_comes_back,
    faults_are_handed_back_in_order,
    an_import_ends_once,
    what_people_changed_of_numbers_outlives_an_import,
    a_list_may_say_that_somebody_wants_no_calls,
];

fn file_of(columns: &[&str]) -> FileLayout {
    let column = |name: &&str| Column { header: (*name).to_owned(), field: Some((*name).to_owned()) };
    FileLayout {
        form: "csv".to_owned(),
        encoding: "UTF-8".to_owned(),
        delimiter: ",".to_owned(),
        columns: columns.iter().map(column).collect(),
    }
}

async fn begun(bench: &dyn Bench) -> ImportId {
    let id = ImportId(Uuid::now_v7());
    let new =
        NewImport { id, file: "七月.csv".to_owned(), source: ImportSource::Api, by: "planner".to_owned() };
    bench.customers().begin_import(&new).await.unwrap();
    id
}

/// Reads rows of a file with these columns as far as the preview.
async fn read(bench: &dyn Bench, columns: &[&str], rows: Vec<CustomerRow>) -> Import {
    let id = begun(bench).await;
    let count = rows.len() as u64;
    let rows = (2..).zip(rows).map(|(line, row)| IntakeRow { line, row, opt_out: false }).collect();
    bench.customers().stage(id, rows, Vec::new()).await.unwrap();
    let read = FileRead {
        sha256: "0".repeat(64),
        bytes: 10,
        layout: file_of(columns),
        sample: vec![vec!["c0".to_owned()]],
        rows: count,
        faulty: 0,
    };
    bench.customers().end_reading(id, &read).await.unwrap()
}

pub(super) async fn import(bench: &dyn Bench, columns: &[&str], rows: Vec<CustomerRow>) -> ImportCounts {
    let import = read(bench, columns, rows).await;
    bench.customers().carry_out(import.id).await.unwrap().counts
}

pub(super) const KEYS: [&str; 3] = ["external_id", "name", "number"];

fn with(more: &[&'static str]) -> Vec<&'static str> {
    KEYS.iter().chain(more).copied().collect()
}

/// The ids of customers `c0`, `c1`, …, found by the tasks that a plan of theirs alone makes.
pub(super) async fn id_of(scene: &Scene, external_id: &str) -> CustomerId {
    let mut plan = content("finder", -1);
    plan.audience = records::Audience::ExternalIds(vec![external_id.to_owned()]);
    let id = PlanId(Uuid::now_v7());
    assert_eq!(scene.start(id, &plan).await, 1, "{external_id}");
    let tasks = scene.bench.tasks().await;
    tasks.iter().find(|task| task.plan == id).unwrap().customer
}

async fn what_was_read_is_counted_first_and_done_after_a_yes(bench: Arc<dyn Bench>) {
    let customers = bench.customers();
    bench.store().import_customers(&[row(0), row(1)]).await.unwrap();
    let changed = CustomerRow { name: "新名".to_owned(), ..row(1) };
    let waiting = read(&*bench, &KEYS, vec![row(0), changed, row(2)]).await;
    let expected = ImportCounts { created: 1, updated: 1, unchanged: 1, merged: 0 };
    assert_eq!((waiting.state, waiting.rows, waiting.counts), (ImportState::Read, 3, expected));
    assert_eq!(waiting.sample.len(), 1);
    // Nothing has happened yet.
    let report = bench.store().import_customers(&[row(0), row(1)]).await.unwrap();
    assert_eq!(report.unchanged, 2);

    let done = customers.carry_out(waiting.id).await.unwrap();
    assert_eq!((done.state, done.counts), (ImportState::Done, expected));
    assert!(done.ended_at.is_some() && done.sample.is_empty());
    let listed = customers.imports(Page { before: None, limit: 10 }).await.unwrap();
    assert_eq!(listed.items, std::slice::from_ref(&done));
    assert_eq!(customers.import(done.id).await.unwrap(), done);
    let same = import(&*bench, &KEYS, vec![row(2)]).await;
    assert_eq!(same, ImportCounts { unchanged: 1, ..ImportCounts::default() });
}

async fn a_file_touches_only_what_its_columns_speak_about(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let delivered = CustomerRow {
        external_id: "c0".to_owned(),
        name: row(0).name,
        numbers: row(0).numbers,
        dates: [("delivered".to_owned(), day("2026-11-09"))].into(),
        ..CustomerRow::default()
    };
    let counts = import(&*scene.bench, &with(&["delivered_on"]), vec![delivered.clone()]).await;
    assert_eq!(counts.updated, 1);
    let kept = scene.store().customer(scene.task().await.customer).await.unwrap().row;
    let mut expected = row(0);
    expected.dates.insert("delivered".to_owned(), day("2026-11-09"));
    assert_eq!(kept, expected, "class, manager and the other date are as they were");
    let again = import(&*scene.bench, &with(&["delivered_on"]), vec![delivered.clone()]).await;
    assert_eq!(again.unchanged, 1);
    // A date that the column leaves empty is taken back.
    let empty = CustomerRow { dates: std::collections::BTreeMap::new(), ..delivered };
    import(&*scene.bench, &with(&["delivered_on"]), vec![empty]).await;
    assert_eq!(scene.store().customer(scene.task().await.customer).await.unwrap().row, row(0));
}

fn rich() -> CustomerRow {
    let of = |role: &str, n: u32| Contact {
        role: ContactRole(role.to_owned()),
        name: Some(format!("联系人{n}")),
        numbers: vec![number(n), number(n + 1)],
        extensions: vec![Extension { number: number(n + 1), extension: "801".to_owned() }],
    };
    CustomerRow {
        numbers: vec![number(0), number(1)],
        extensions: vec![Extension { number: number(0), extension: "12".to_owned() }],
        contacts: vec![of("equipment_manager", 50), of("technician", 60)],
        products: vec![
            Product { name: "变压器, \"干式\"\\".to_owned(), hesitation_days: None },
            Product { name: "年金险".to_owned(), hesitation_days: Some(15) },
        ],
        contract_fen: Some(300_000_000),
        channel: records::Channel::Sms,
        ..row(0)
    }
}

async fn everything_known_of_a_customer_comes_back(bench: Arc<dyn Bench>) {
    let report = bench.store().import_customers(&[rich()]).await.unwrap();
    assert_eq!(report.created, 1);
    assert_eq!(bench.store().import_customers(&[rich()]).await.unwrap().unchanged, 1);
    let scene = Scene::with(Arc::clone(&bench), 0).await;
    let customer = id_of(&scene, "c0").await;
    assert_eq!(bench.store().customer(customer).await.unwrap().row, rich());
    let mut fewer = rich();
    fewer.contacts.remove(0);
    fewer.contacts[0].numbers.remove(0);
    fewer.extensions.clear();
    assert_eq!(bench.store().import_customers(&[fewer.clone()]).await.unwrap().updated, 1);
    assert_eq!(bench.store().customer(customer).await.unwrap().row, fewer);
}

async fn faults_are_handed_back_in_order(bench: Arc<dyn Bench>) {
    let customers = bench.customers();
    let id = begun(&*bench).await;
    let fault = |line, column: &str| Fault {
        line,
        column: column.to_owned(),
        code: FaultCode::NumberImpossible,
        given: "=1+1\t\"x\\".to_owned(),
    };
    let original = vec!["C1".to_owned(), "a,\"b\"\\\n{c}".to_owned(), String::new()];
    for line in [3_u64, 2] {
        let faults = vec![fault(line, "number"), fault(line, "电话2")];
        customers
            .stage(id, Vec::new(), vec![FaultyRow { line, faults, original: original.clone() }])
            .await
            .unwrap();
    }
    let first = customers.faults(id, None, 3).await.unwrap();
    let places: Vec<_> = first.iter().map(|fault| (fault.fault.line, fault.place)).collect();
    assert_eq!(places, [(2, 0), (2, 1), (3, 0)]);
    assert_eq!((&first[1].fault, &first[1].original), (&fault(2, "电话2"), &original));
    let rest = customers.faults(id, Some((3, 0)), 3).await.unwrap();
    assert_eq!(rest.len(), 1);
}

async fn an_import_ends_once(bench: Arc<dyn Bench>) {
    let customers = bench.customers();
    let unread = begun(&*bench).await;
    assert!(matches!(customers.carry_out(unread).await, Err(StoreError::Conflict(_))));
    customers.drop_import(unread, Some("the file is no workbook")).await.unwrap();
    let failed = customers.import(unread).await.unwrap();
    assert_eq!((failed.state, failed.why.as_deref()), (ImportState::Failed, Some("the file is no workbook")));
    assert!(matches!(customers.stage(unread, Vec::new(), Vec::new()).await, Err(StoreError::Conflict(_))));

    let import = read(&*bench, &KEYS, vec![row(0)]).await;
    customers.drop_import(import.id, None).await.unwrap();
    assert!(matches!(customers.carry_out(import.id).await, Err(StoreError::Conflict(_))));
    let done = read(&*bench, &KEYS, vec![row(0)]).await;
    customers.carry_out(done.id).await.unwrap();
    assert!(matches!(customers.carry_out(done.id).await, Err(StoreError::Conflict(_))));
    customers.drop_import(done.id, None).await.unwrap();
    assert_eq!(customers.import(done.id).await.unwrap().state, ImportState::Done, "what is done stays done");
    let waiting = read(&*bench, &KEYS, vec![row(1)]).await;
    let later = bench.store().now().await.unwrap() + chrono::TimeDelta::minutes(1);
    assert_eq!(customers.forget_imports(later, later).await.unwrap(), 1);
    assert_eq!(customers.import(waiting.id).await.unwrap().state, ImportState::Dropped);
}

async fn what_people_changed_of_numbers_outlives_an_import(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let customer = scene.task().await.customer;
    let mut changed = row(0);
    changed.numbers = vec![number(0), number(9)];
    changed.class = Some("vip".to_owned());
    scene.bench.customers().change_customer(customer, &changed).await.unwrap();
    assert_eq!(scene.store().customer(customer).await.unwrap().row, changed);
    // The next list still has the number that was taken away, and not the one that was added.
    let fresh = CustomerRow { numbers: vec![number(0), number(2)], ..row(0) };
    import(&*scene.bench, &KEYS, vec![fresh]).await;
    let kept = scene.store().customer(customer).await.unwrap().row;
    let mut numbers = kept.numbers.clone();
    numbers.sort();
    assert_eq!(numbers, [number(0), number(2), number(9)]);
    assert_eq!(kept.class.as_deref(), Some("vip"));
}

async fn a_list_may_say_that_somebody_wants_no_calls(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let id = begun(&*scene.bench).await;
    let marked = IntakeRow { line: 2, row: row(0), opt_out: true };
    scene.bench.customers().stage(id, vec![marked], Vec::new()).await.unwrap();
    let read = FileRead {
        layout: file_of(&with(&["opt_out"])),
        sha256: "0".repeat(64),
        rows: 1,
        ..FileRead::default()
    };
    let waiting = scene.bench.customers().end_reading(id, &read).await.unwrap();
    assert_eq!(waiting.counts.updated, 1);
    scene.bench.customers().carry_out(id).await.unwrap();
    let task = scene.task().await;
    assert_eq!(task.state, TaskState::Refused);
    let opt_out = scene.store().customer(task.customer).await.unwrap().opt_out.unwrap();
    assert_eq!(opt_out.source, "import");
}
