//! A list that comes again holds nobody up: it waits for, and locks, only those of whom it says something new.

mod server;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ports::{Customers, Intake};
use records::ImportId;
use server::Server;

const CUSTOMERS: u32 = 200;

/// Of so many customers; the first one has that name.
fn list(folder: &Path, file: &str, first: &str) -> PathBuf {
    let mut text = "external_id,name,number\n".to_owned();
    for n in 0..CUSTOMERS {
        let name = if n == 0 { first } else { "customer" };
        writeln!(text, "K{n:04},{name},+861380013{n:04}").unwrap();
    }
    let path = folder.join(file);
    std::fs::write(&path, text).unwrap();
    path
}

async fn read(server: &Server, file: &str, first: &str) -> ImportId {
    let new = server::new_import(file);
    let read = server.importer().read(&list(server.folder(), file, first), &new).await.unwrap();
    assert_eq!((read.rows, read.faulty), (u64::from(CUSTOMERS), 0));
    new.id
}

#[tokio::test]
async fn a_list_that_changes_nobody_waits_for_nobody() {
    let server = Server::start().await;
    let first = read(&server, "first.csv", "customer").await;
    assert_eq!(server.store.carry_out(first).await.unwrap().counts.created, u64::from(CUSTOMERS));

    let mut call = server.pool.begin().await.unwrap();
    sqlx::query("select from customers for no key update").execute(&mut *call).await.unwrap();
    let again = read(&server, "again.csv", "customer").await;
    let done = tokio::time::timeout(Duration::from_secs(30), server.store.carry_out(again)).await;
    assert_eq!(done.expect("it waits for somebody").unwrap().counts.unchanged, u64::from(CUSTOMERS));
    call.rollback().await.unwrap();
}

#[tokio::test]
async fn a_list_waits_for_whom_it_changes_and_for_nobody_else() {
    let server = Server::start().await;
    let first = read(&server, "first.csv", "customer").await;
    server.store.carry_out(first).await.unwrap();
    let changed = read(&server, "changed.csv", "somebody").await;

    let mut call = server.pool.begin().await.unwrap();
    let others = "select from customers where external_id <> 'K0000' for no key update";
    sqlx::query(others).execute(&mut *call).await.unwrap();
    let mut his = server.pool.begin().await.unwrap();
    let one = "select from customers where external_id = 'K0000' for no key update";
    sqlx::query(one).execute(&mut *his).await.unwrap();
    let store = server.store.clone();
    let waiting = tokio::spawn(async move { store.carry_out(changed).await });
    while server.count("select count(*) from pg_stat_activity where wait_event_type = 'Lock'").await == 0 {
        assert!(!waiting.is_finished(), "it did not wait for him");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    his.rollback().await.unwrap();
    let done = waiting.await.unwrap().unwrap();
    assert_eq!((done.counts.updated, done.counts.unchanged), (1, u64::from(CUSTOMERS) - 1));
    call.rollback().await.unwrap();
}
