//! Two services on one database and one trunk.

use super::api::Api;
use super::database::Server;
use super::process::Process;
use super::site::Site;

/// Two sites with one database and one peer; the database stops first.
pub(crate) struct Pair {
    pub(crate) server: Server,
    pub(crate) one: Site,
    pub(crate) other: Site,
}

impl Pair {
    /// Both configured with all of the trunk.
    pub(crate) fn new(lines: u32, cps: u32) -> Self {
        let (mut one, mut other) = (Site::new(), Site::new());
        let server = Server::start(&one);
        other.peer = one.peer;
        for site in [&mut one, &mut other] {
            site.database_url = Some(server.url());
            (site.lines, site.cps) = (lines, cps);
        }
        Self { server, one, other }
    }

    /// Both at work, and what answers at the first.
    pub(crate) async fn serve(&self) -> (Process, Process, Api) {
        let first = self.one.serve().await;
        let api = self.one.admin().await;
        self.one.ready(&api).await;
        let second = self.other.serve().await;
        (first, second, api)
    }
}
