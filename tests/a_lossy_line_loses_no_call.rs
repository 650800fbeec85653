//! A crowd of customers behind a line that loses signalling: every call ends, each with the reason its customer gave,
//! and nothing of them stays behind. SIPp plays the customers; `make soak` runs ten thousand of them.

mod service;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::json;
use service::{Api, Process, Relay, Server, Site, quick_plan, until};
use tokio::time::Instant;

/// Datagrams lost each way, in thousandths.
const LOSS: u64 = 50;
/// Which ones: the same in every run.
const SEED: u64 = 20_261_121;
/// 64·T1, for which an ended call waits for what is late.
const LINGER: Duration = Duration::from_secs(32);

/// What the customers whose number ends in that digit do to a call, see `crowd.xml`.
const REASONS: [(char, &str); 10] = [
    ('0', "hung_up_early"),
    ('1', "hung_up_early"),
    ('2', "hung_up_early"),
    ('3', "hung_up_early"),
    ('4', "no_answer"),
    ('5', "hung_up_early"),
    ('6', "busy"),
    ('7', "vacant"),
    ('8', "powered_off"),
    ('9', "busy"),
];

#[tokio::test]
async fn every_call_ends_with_its_reason_and_leaves_nothing() {
    let (calls, cps) = (setting("HUIFANG_SOAK_CALLS", 200), setting("HUIFANG_SOAK_CPS", 20));
    let mut site = Site::new();
    let server = Server::start(&site);
    site.database_url = Some(server.url());
    let crowd = site.peer;
    let relay = Relay::between(site.sip, crowd, LOSS, SEED);
    site.peer = relay.front;
    (site.lines, site.cps) = (400, cps);
    site.trunk = "user = \"u\"\npassword = \"p\"\nrealm = \"carrier\"\n".to_owned();
    site.environment.push(("HUIFANG_MEDIA__PORTS".to_owned(), "12000-13599".to_owned()));
    site.environment.push(("HUIFANG_LOG__FILTER".to_owned(), "warn".to_owned()));
    // Nobody is there to see to what the calls bring up, and they are not to slow down for it.
    let people = "HUIFANG_DIALER__PEOPLE__ITEMS_PER_AGENT".to_owned();
    site.environment.push((people, "0".to_owned()));
    let _sipp = sipp(&site, crowd.port(), relay.front.port());
    let serve = site.serve().await;
    let api = site.admin().await;
    site.ready(&api).await;

    let begun = Instant::now();
    start(&api, calls).await;
    let memory = all_ended(&serve, &server, calls).await;
    let took = begun.elapsed();
    let (passed, lost) = relay.counts();
    println!(
        "{calls} calls at {cps} a second in {} s; {lost} of {} datagrams lost",
        took.as_secs(),
        passed + lost
    );
    println!("placed: {} a second from the first to the last", placed_a_second(&server));
    println!("resident memory in KiB, in order: {memory:?}");

    reasons_are_right(&server);
    nothing_stays(&site, &api).await;
    memory_is_flat(&memory);
}

fn setting(name: &str, default: u32) -> u32 {
    std::env::var(name).map_or(default, |value| value.parse().unwrap_or_else(|_| panic!("{name}: {value}")))
}

/// SIPp as the crowd; it sends back whatever sound it gets, so that no call is without media.
fn sipp(site: &Site, port: u16, front: u16) -> Process {
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/calls/sipp/crowd.xml");
    let mut command = Command::new("sipp");
    command
        // Without "dead calls": all pings share one Call-ID.
        .args(["-nostdin", "-rtp_echo", "-deadcall_wait", "0", "-i", "127.0.0.1", "-p", &port.to_string()])
        .args(["-key", "here", &format!("127.0.0.1:{front}"), "-sf"])
        .arg(scenario)
        .current_dir(site.folder())
        .stdin(Stdio::null());
    Process::start("sipp", site.folder(), command)
}

async fn start(api: &Api, calls: u32) {
    let mut rows = String::from("external_id,name,number\n");
    for n in 0..calls {
        writeln!(rows, "C{n},客户{n},138{n:08}").unwrap();
    }
    api.import(&rows).await.good();
    // So long that a lost 200 comes again four times before we give up.
    let mut plan =
        quick_plan(&json!({"ring_time": 12, "setup_limit": 20, "longest_call": 6, "hang_up_grace": 2}));
    plan["policy"]["retry"]["attempts"] = json!(1);
    let plan = api.post("/api/v1/plans", &plan).await.good();
    let id = plan["id"].as_str().unwrap();
    api.post(&format!("/api/v1/plans/{id}/approve"), &json!({})).await.good();
    let started = api.post(&format!("/api/v1/plans/{id}/start"), &json!({})).await.good();
    assert_eq!(started["tasks_created"], json!(calls));
}

/// Waits for the last attempt's end; answers the service's resident memory at every tenth of the calls.
async fn all_ended(serve: &Process, server: &Server, calls: u32) -> Vec<u64> {
    let mut memory = Vec::new();
    let within = Duration::from_secs(120 + u64::from(calls) / 20);
    until(within, "the end of the last attempt", || {
        let called = "select count(distinct number) from attempts where reason is not null";
        let ended: u32 = one(server, called).parse().unwrap();
        if ended * 10 / calls > memory.len() as u32 {
            memory.push(resident(serve));
        }
        std::future::ready((ended >= calls).then_some(()))
    })
    .await;
    memory
}

fn resident(serve: &Process) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", serve.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// The rate at which calls were placed, import and the last calls' ringing left out.
fn placed_a_second(server: &Server) -> String {
    one(
        server,
        "select round(count(*) / extract(epoch from max(started_at) - min(started_at)), 1) from attempts",
    )
}

/// Each customer was called once, and the reason is the one that its digit gives.
fn reasons_are_right(server: &Server) {
    let rows = server.ask(
        "select right(number, 1), coalesce(reason::text, 'none'), count(*) from attempts group by 1, 2 order by 1, 2",
    );
    eprintln!("digit|reason|calls\n{}", rows.join("\n"));
    let mut wrong = BTreeMap::new();
    for row in &rows {
        let mut columns = row.split('|');
        let (digit, reason, count) =
            (columns.next().unwrap(), columns.next().unwrap(), columns.next().unwrap());
        let expected = REASONS.iter().find(|(ending, _)| digit.starts_with(*ending)).unwrap().1;
        if reason != expected {
            wrong.insert(
                format!("…{digit} should end as {expected}, and ended as {reason}"),
                count.to_owned(),
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let twice =
        one(server, "select count(*) from (select number from attempts group by 1 having count(*) > 1) n");
    assert_eq!(twice, "0", "some were called more than once");
}

/// No line is taken, no dialog remembered.
async fn nothing_stays(site: &Site, api: &Api) {
    until(LINGER + Duration::from_secs(20), "the last dialog is forgotten", || async {
        let metrics = String::from_utf8(api.bytes("/metrics").await).unwrap();
        let empty = |name: &str| metrics.lines().any(|line| line == format!("{name} 0"));
        (empty("huifang_sip_legs") && empty("huifang_sip_dialogs") && empty("huifang_sip_transactions"))
            .then_some(())
    })
    .await;
    assert_eq!(site.staged().len(), 0, "a recording is still in staging");
}

/// Memory grows while the first calls fill their places, and no more.
fn memory_is_flat(memory: &[u64]) {
    let (Some(settled), Some(last)) = (memory.get(memory.len() / 3), memory.last()) else { return };
    assert!(*last <= settled + settled / 4 + 16 * 1024, "memory grows: {memory:?} KiB");
}

fn one(server: &Server, query: &str) -> String {
    server.ask(query).pop().unwrap()
}
