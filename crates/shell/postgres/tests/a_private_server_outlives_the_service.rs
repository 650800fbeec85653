//! The private server: made, adopted, shared, stopped, and clear about what it cannot do.

mod server;

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

use postgres::cluster::{self, ClusterError, Config};
use postgres::{Options, Postgres};
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

fn postmaster(folder: &TempDir) -> String {
    let file = std::fs::read_to_string(folder.path().join("postgres/data/postmaster.pid")).unwrap();
    file.lines().next().unwrap().to_owned()
}

#[tokio::test]
async fn a_server_left_behind_is_adopted_with_what_it_holds() {
    let folder = server::folder();
    let config = server::config(folder.path());
    let first = cluster::start(&config).await.unwrap();
    let store = Postgres::connect(&first.url, Options::default()).await.unwrap();
    store.migrate().await.unwrap();
    let pid = postmaster(&folder);
    // What kill -9 leaves: the lock is gone, the server is there.
    drop(first);

    let second = cluster::start(&config).await.unwrap();
    assert!(second.owned());
    assert_eq!(postmaster(&folder), pid);
    ports::Store::switch(&store).await.unwrap();
    second.stop().await.unwrap();

    let third = cluster::start(&config).await.unwrap();
    let store = Postgres::connect(&third.url, Options::default()).await.unwrap();
    assert!(ports::Store::switch(&store).await.unwrap().calling);
    third.stop().await.unwrap();
}

#[tokio::test]
async fn a_second_process_shares_the_server_and_leaves_it_running() {
    let folder = server::folder();
    let config = server::config(folder.path());
    let owner = cluster::start(&config).await.unwrap();
    let guest = cluster::start(&config).await.unwrap();
    assert!(owner.owned() && !guest.owned());
    guest.stop().await.unwrap();
    PgConnection::connect(&owner.url).await.unwrap();
    owner.stop().await.unwrap();
}

#[tokio::test]
async fn nobody_comes_in_without_the_password_or_over_the_network() {
    let folder = server::folder();
    let cluster = cluster::start(&server::config(folder.path())).await.unwrap();
    let password = std::fs::read_to_string(folder.path().join("postgres/password")).unwrap();
    let wrong = cluster.url.replace(&password, &"0".repeat(64));
    assert_ne!(wrong, cluster.url);
    assert!(PgConnection::connect(&wrong).await.is_err());
    assert!(!format!("{cluster:?}").contains(&password));

    let mut connection = PgConnection::connect(&cluster.url).await.unwrap();
    let (listens, is_super): (String, String) =
        sqlx::query_as("select current_setting('listen_addresses'), current_setting('is_superuser')")
            .fetch_one(&mut connection)
            .await
            .unwrap();
    assert_eq!((listens.as_str(), is_super.as_str()), ("", "off"));
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_pid_file_of_a_process_that_is_no_server_does_not_hinder() {
    let folder = server::folder();
    let config = server::config(folder.path());
    cluster::start(&config).await.unwrap().stop().await.unwrap();
    let stale = folder.path().join("postgres/data/postmaster.pid");
    std::fs::write(&stale, format!("{}\n", std::process::id())).unwrap();
    let again = cluster::start(&config).await.unwrap();
    again.stop().await.unwrap();
}

#[tokio::test]
async fn a_long_path_gets_a_short_socket() {
    let folder = server::folder();
    let config = server::config(&folder.path().join("a-folder-with-a-name-that-is-rather-long".repeat(3)));
    let first = cluster::start(&config).await.unwrap();
    drop(first);
    let again = cluster::start(&config).await.unwrap();
    PgConnection::connect(&again.url).await.unwrap();
    again.stop().await.unwrap();
}

#[tokio::test]
async fn what_stands_in_the_way_is_named_with_its_remedy() {
    let folder = server::folder();
    let nothing = Config { bin_dir: Some("/nonexistent".into()), ..server::config(folder.path()) };
    let error = cluster::start(&nothing).await.unwrap_err();
    assert!(matches!(error, ClusterError::NoBinaries { .. }), "{error}");
    assert!(error.to_string().contains("apt-get install postgresql"), "{error}");

    let data = folder.path().join("postgres/data");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("PG_VERSION"), "9\n").unwrap();
    let error = cluster::start(&server::config(folder.path())).await.unwrap_err();
    assert!(matches!(&error, ClusterError::OtherMajor { made, .. } if made == "9"), "{error}");

    let file = folder.path().join("a-file");
    std::fs::write(&file, "").unwrap();
    let error = cluster::start(&server::config(&file.join("below"))).await.unwrap_err();
    assert!(matches!(error, ClusterError::NotWritable { .. }), "{error}");
}

#[tokio::test]
async fn a_closed_folder_is_named_and_another_suggested() {
    if !nix::unistd::Uid::effective().is_root() {
        return;
    }
    let closed = server::folder();
    std::fs::set_permissions(closed.path(), Permissions::from_mode(0o700)).unwrap();
    let wanted = closed.path().join("data");
    let error = cluster::start(&server::config(&wanted)).await.unwrap_err();
    assert!(
        matches!(&error, ClusterError::NotEnterable { blocked, .. } if blocked == closed.path()),
        "{error}"
    );
    assert!(cluster::suggested_root(&wanted).starts_with("/var/lib"));
    let open = server::folder();
    assert_eq!(cluster::suggested_root(open.path()), open.path());
}
