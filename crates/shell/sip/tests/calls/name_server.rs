//! A name server of the tests' own: hickory's, for one zone, on a free port of 127.0.0.1.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use hickory_server::Server;
use hickory_server::proto::rr::rdata::{A, AAAA, SOA, SRV};
use hickory_server::proto::rr::{LowerName, Name, RData, Record};
use hickory_server::store::in_memory::InMemoryZoneHandler;
use hickory_server::zone_handler::{AxfrPolicy, Catalog, ZoneHandler, ZoneType};
use tokio::net::UdpSocket;

/// The zone it answers for.
pub(crate) const ZONE: &str = "carrier.test";

/// A running name server.
pub(crate) struct NameServer {
    pub(crate) address: SocketAddr,
    zone: Arc<InMemoryZoneHandler>,
    server: Option<Server<Catalog>>,
    serial: u32,
}

impl NameServer {
    /// Starts it with an empty zone.
    pub(crate) async fn start() -> Self {
        let origin = name(ZONE);
        let zone = InMemoryZoneHandler::empty(origin.clone(), ZoneType::Primary, AxfrPolicy::Deny);
        let zone = Arc::new(zone);
        let soa = SOA::new(name("ns.carrier.test"), name("admin.carrier.test"), 1, 60, 60, 60, 1);
        zone.upsert(Record::from_rdata(origin.clone(), 1, RData::SOA(soa)), 1).await;
        let mut catalog = Catalog::new();
        catalog.upsert(LowerName::from(origin), vec![zone.clone() as Arc<dyn ZoneHandler>]);
        let mut server = Server::new(catalog);
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = socket.local_addr().unwrap();
        server.register_socket(socket);
        Self { address, zone, server: Some(server), serial: 1 }
    }

    /// A host's address, for `ttl` seconds.
    pub(crate) async fn host(&mut self, host: &str, address: SocketAddr, ttl: u32) {
        let data = match address {
            SocketAddr::V4(v4) => RData::A(A(*v4.ip())),
            SocketAddr::V6(v6) => RData::AAAA(AAAA(*v6.ip())),
        };
        self.put(host, data, ttl).await;
    }

    /// A service of the zone: `_sip._udp` and the like.
    pub(crate) async fn service(
        &mut self,
        service: &str,
        (priority, weight): (u16, u16),
        host: &str,
        port: u16,
    ) {
        let data = RData::SRV(SRV::new(priority, weight, port, name(&format!("{host}.{ZONE}"))));
        self.put(service, data, 1).await;
    }

    async fn put(&mut self, label: &str, data: RData, ttl: u32) {
        self.serial += 1;
        let record = Record::from_rdata(name(&format!("{label}.{ZONE}")), ttl, data);
        assert!(self.zone.upsert(record, self.serial).await, "{label}");
    }

    /// Takes every record of a name out of the zone.
    pub(crate) async fn forget(&self, label: &str) {
        let gone = LowerName::from(name(&format!("{label}.{ZONE}")));
        self.zone.records_mut().await.retain(|key, _| key.name != gone);
    }

    /// Stops answering.
    pub(crate) async fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.shutdown_gracefully().await.unwrap();
        }
    }
}

fn name(text: &str) -> Name {
    Name::from_ascii(format!("{text}.")).unwrap()
}
