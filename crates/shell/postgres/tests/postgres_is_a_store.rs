//! Postgres makes every sentence of the conformance suite true.

mod server;

use ports::conformance::prove_all;
use server::Server;

#[tokio::test]
async fn postgres_is_a_store() {
    let server = Server::start().await;
    // Migrating once for each sentence would take most of the time.
    let database = server.database("sentences").await;
    prove_all(async |_| database.emptied().await).await;
}
