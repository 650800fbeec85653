//! What a list that comes again costs the server is proportional to its rows, also where the planner is misled: nothing is
//! read once for each row of the list.

mod server;

use std::fmt::Write as _;

use ports::{Customers, Import, Intake};
use server::Server;

const ROWS: u32 = 2_000;
/// Times a table may be read whole: several statements look at it, none of them for each row.
const PASSES: i64 = 20;

fn list() -> String {
    let mut text = "external_id,name,number,number2\n".to_owned();
    for n in 0..ROWS {
        writeln!(text, "K{n:05},customer {n},+86138001{n:05},+86139001{n:05}").unwrap();
    }
    text
}

/// Behind the import of a million customers the server has not counted their numbers yet, and its planner holds reading
/// all of them for cheaper than a look into the index, for each customer. Of a short list it thinks so at these costs.
const MISLED: &str = "alter role huifang set random_page_cost = 1000";

/// Reads and carries out the list over connections that are closed behind it: by then the server has written down what
/// they read.
async fn import(server: &Server, file: &str) -> Import {
    let path = server.folder().join(file);
    std::fs::write(&path, list()).unwrap();
    let store = server.another_store().await;
    let new = server::new_import(file);
    let read = server.importer_to(&store).read(&path, &new).await.unwrap();
    assert_eq!((read.rows, read.faulty), (u64::from(ROWS), 0));
    let done = store.carry_out(new.id).await.unwrap();
    store.close().await;
    let connected = "select count(*) from pg_stat_activity where application_name = 'huifang'";
    while server.count(connected).await > 0 {
        tokio::task::yield_now().await;
    }
    done
}

/// Rows of the tables of numbers that were read one after the other, by whoever has closed his connection.
async fn read_through(server: &Server) -> i64 {
    server
        .count(
            "select sum(seq_tup_read)::bigint from pg_stat_user_tables where relname in ('numbers', 'contacts')",
        )
        .await
}

#[tokio::test]
async fn the_same_list_again_reads_no_table_for_each_of_its_rows() {
    let server = Server::start().await;
    server.store.close().await;
    assert_eq!(import(&server, "first.csv").await.counts.created, u64::from(ROWS));
    sqlx::query(MISLED).execute(&server.pool).await.unwrap();
    let before = read_through(&server).await;
    assert_eq!(import(&server, "again.csv").await.counts.unchanged, u64::from(ROWS));
    let read = read_through(&server).await - before;
    let whole = server.count("select (select count(*) from numbers) + (select count(*) from contacts)").await;
    assert_eq!(whole, i64::from(ROWS) * 3);
    assert!(read < PASSES * whole, "{read} rows were read of tables that have {whole}");
}
