//! Lists that other systems put into a folder.

mod server;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use importing::{Watch, WatchSettings};
use intake::Tongue;
use server::Server;

fn watch(server: &Server, skip_faulty: bool) -> (Watch, PathBuf) {
    let folder = server.folder().join("lists");
    let settings = WatchSettings {
        folder: folder.clone(),
        every: Duration::from_secs(1),
        skip_faulty,
        tongue: Tongue::Zh,
    };
    let store = Arc::new(server.store.clone());
    (Watch::new(settings, Arc::new(server.importer()), store).unwrap(), folder)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_list_is_taken_once_it_is_complete_and_ends_in_its_place() {
    let server = Server::start().await;
    let (mut watch, folder) = watch(&server, false);
    fs::write(folder.join("a.csv"), "编号,姓名,电话\nK1,甲,13800138000\n").unwrap();
    fs::write(folder.join(".hidden.csv"), "x").unwrap();
    fs::write(folder.join("b.csv.part"), "x").unwrap();
    watch.look().await.unwrap();
    // It still grows: not yet.
    let growing = "编号,姓名,电话\nK1,甲,13800138000\nK2,乙,13900139000\n";
    fs::write(folder.join("a.csv"), growing).unwrap();
    watch.look().await.unwrap();
    assert_eq!(names(&folder), [".hidden.csv", "a.csv", "b.csv.part"]);
    watch.look().await.unwrap();
    assert_eq!(names(&folder), [".hidden.csv", "b.csv.part"]);
    let done = names(&folder.join("done"));
    assert!(done.len() == 1 && done[0].ends_with("-a.csv"), "{done:?}");
    assert_eq!(server.count("select count(*) from customers").await, 2);
    assert_eq!(
        server.count("select count(*) from imports where source = 'folder' and state = 'done'").await,
        1
    );
    // The same list the next day: nothing changes.
    fs::write(folder.join("a.csv"), growing).unwrap();
    watch.look().await.unwrap();
    watch.look().await.unwrap();
    assert_eq!(names(&folder.join("done")).len(), 2);
    assert_eq!(server.count("select count(*) from imports where unchanged = 2").await, 1);
}

#[tokio::test]
async fn a_broken_list_fails_as_a_whole_with_its_faults_beside_it() {
    let server = Server::start().await;
    let (mut watch, folder) = watch(&server, false);
    fs::write(folder.join("a.csv"), "编号,姓名,电话\nK1,甲,13800138000\nK2,乙,12\n").unwrap();
    fs::write(folder.join("b.xlsx"), "PK\x03\x04 no workbook").unwrap();
    watch.look().await.unwrap();
    watch.look().await.unwrap();
    let failed = names(&folder.join("failed"));
    let ending = |end: &str| {
        failed.iter().find(|name| name.ends_with(end)).unwrap_or_else(|| panic!("{end}: {failed:?}"))
    };
    let faults = fs::read_to_string(folder.join("failed").join(ending("-a.csv.errors.csv"))).unwrap();
    assert!(faults.starts_with("\u{feff}行,") && faults.contains("3,电话,"), "{faults}");
    let why = fs::read_to_string(folder.join("failed").join(ending("-a.csv.why.txt"))).unwrap();
    assert!(why.starts_with("1 of 2 rows are broken"), "{why}");
    let why = fs::read_to_string(folder.join("failed").join(ending("-b.xlsx.why.txt"))).unwrap();
    assert!(why.contains("save it again"), "{why}");
    assert_eq!(failed.len(), 5, "{failed:?}");
    assert_eq!(server.count("select count(*) from customers").await, 0);
    assert_eq!(server.count("select count(*) from imports where state = 'failed' and why <> ''").await, 2);
}

#[tokio::test]
async fn where_the_operator_wants_it_the_good_rows_are_taken() {
    let server = Server::start().await;
    let (mut watch, folder) = watch(&server, true);
    fs::write(folder.join("a.csv"), "编号,姓名,电话\nK1,甲,13800138000\nK2,乙,12\n").unwrap();
    watch.look().await.unwrap();
    watch.look().await.unwrap();
    let done = names(&folder.join("done"));
    assert_eq!(done.len(), 2, "the list and its faults: {done:?}");
    assert_eq!(server.count("select count(*) from customers").await, 1);
    assert_eq!(server.count("select count(*) from import_rows").await, 0, "nothing stays behind");
}
