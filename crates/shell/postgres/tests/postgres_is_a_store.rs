//! Postgres makes every sentence of the conformance suite true.

mod server;

use ports::conformance::prove_all;
use server::Server;

#[tokio::test]
async fn postgres_is_a_store() {
    let server = Server::start().await;
    let mut count = 0;
    prove_all(async |_| {
        count += 1;
        server.database(&format!("sentence_{count}")).await
    })
    .await;
}
