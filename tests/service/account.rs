//! Accounts as an operator with a shell makes them.

use super::api::Api;
use super::site::Site;

impl Site {
    /// A new account of a role, with a token.
    pub(crate) async fn account(&self, role: &str) -> Api {
        self.huifang(&["account", "add", role, "--role", role]).await.printed();
        let token = self.huifang(&["account", "token", role, "--label", "test"]).await;
        Api::new(self.http, token.printed())
    }

    /// A token of the first admin, who may do everything here.
    pub(crate) async fn admin(&self) -> Api {
        let token = self.huifang(&["account", "token", "admin", "--label", "test"]).await;
        Api::new(self.http, token.printed())
    }
}
