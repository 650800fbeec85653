//! The running service: every room started in order, shared by dialer, calls and web.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use media::{MediaConfig, MediaEngine, MediaError};
use parking_lot::Mutex;
use ports::{Lines, Store, StoreError};
use prompts::{PromptStore, SpeechConfig};
use recording::{RecordingError, Vault, VaultConfig, Vaults};
use sip::{SipConfig, SipError, SipStack, Tap, TlsListener, TrunkConfig};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::announcements::{AnnouncementError, Announcements};
use super::board::Board;
use super::calendar::{CalendarFileError, Calendars};
use super::database::{Database, DatabaseError};
use super::journal::{Journal, JournalError};
use super::library::Library;
use super::open_files::TooFewFiles;
use super::trace::Tracer;
use super::trunks::{self, Trunks};
use crate::config::{self, Config, Data};

/// The service could not be started; nothing is left half-done.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The signalling does not start.
    #[error("in [sip] or [trunk]: {0}")]
    Sip(#[from] SipError),
    #[error(transparent)]
    Media(#[from] MediaError),
    #[error(transparent)]
    Announcements(#[from] AnnouncementError),
    #[error(transparent)]
    Calendar(#[from] CalendarFileError),
    #[error(transparent)]
    Recording(#[from] RecordingError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The folders of imports cannot be used.
    #[error("in [import] or [data]: {0}")]
    Intake(#[from] ports::IntakeError),
    /// The console's port cannot be used.
    #[error(
        "http.listen {address} cannot be used: {error}. Stop the program that uses it, or choose another port"
    )]
    Http { address: SocketAddr, error: std::io::Error },
    #[error(transparent)]
    Files(#[from] TooFewFiles),
}

/// How long a renewal of our lines may take when the service stops.
const LAST_RENEWAL: Duration = Duration::from_secs(5);

/// Everything a call needs.
pub struct Service {
    pub config: Config,
    pub store: Arc<dyn Store>,
    /// Divides the trunks among the processes on this database.
    pub lines: Arc<dyn Lines>,
    pub journal: Arc<Journal>,
    pub sip: SipStack,
    pub tracer: Tracer,
    pub trunks: Trunks,
    pub media: MediaEngine,
    pub vaults: Vaults,
    pub library: Library,
    pub announcements: Announcements,
    pub calendar: Arc<Calendars>,
    pub board: Board,
    /// Every claimed task that is being worked on, from its claim to its filed record.
    pub at_work: TaskTracker,
    /// What keeps the dialer from calling just now, and what to do about it.
    pub blocked: Mutex<Option<String>>,
    /// How many calls the dialer began at its last look, and what set that.
    pub pace: Mutex<Option<plan::Pace>>,
    /// What a person must look at now.
    pub alarms: Mutex<records::Alarms>,
    /// How far the plans are, as counted last.
    pub figures: Mutex<Vec<plan::PlanFigures>>,
    /// Our RTP address as the carrier reaches it.
    pub rtp_address: IpAddr,
    /// The task that renews our part of the trunks, and what stops it.
    lending: Mutex<Option<(CancellationToken, JoinHandle<()>)>>,
    /// Names this process in leases.
    pub node: String,
}

impl Service {
    /// Starts vault, media and signalling over a connected database.
    pub async fn start(config: Config, database: &Database) -> Result<Arc<Self>, StartError> {
        for warning in config.warnings() {
            tracing::warn!("{warning}");
        }
        let store: Arc<dyn Store> = database.store.clone();
        let calendar = Arc::new(Calendars::load(config.calendar.file.as_deref())?);
        let vaults = vaults(&config.data)?;
        let board = Board::default();
        let journal =
            Arc::new(Journal::open(config.data.journal(), Arc::clone(&store), board.events().clone())?);
        let prompts = PromptStore::new(speech_config(&config));
        let announcements = Announcements::load(config.hearing.announcements.as_deref(), &prompts).await?;
        let media = MediaEngine::start(MediaConfig {
            bind: config.media.bind,
            ports: config.media.ports.first..=config.media.ports.last,
            threads: config.media.threads,
            realtime: config.media.realtime,
            staging: Data::staging(&config.data.dir),
            keys: config.media.keys.policy(),
            announcements: announcements.library(),
            listening: listening(&config.hearing),
            source: config.media.source.policy(),
            ..MediaConfig::default()
        })?;
        let (tracer, tap) = Tracer::start(&config.trace, database.store.clone());
        let sip = SipStack::start(sip_config(&config, tap), trunk_configs(&config)).await?;
        // The last bits of a UUIDv7 are random.
        let seed = uuid::Uuid::now_v7().as_u128() as u64;
        let trunks = Trunks::new(&config.trunk, config.dialer.fallback, &sip, seed);
        trunks.share();
        let library =
            Library::new(config.questionnaires.dir.clone(), config.questionnaires.variables.clone(), prompts);
        let service = Arc::new(Self {
            store,
            lines: database.store.clone(),
            journal,
            sip,
            tracer,
            trunks,
            media,
            vaults,
            library,
            announcements,
            calendar,
            board,
            at_work: TaskTracker::new(),
            blocked: Mutex::default(),
            pace: Mutex::default(),
            alarms: Mutex::default(),
            figures: Mutex::default(),
            rtp_address: own_address(&config, config.media.advertise, config.media.bind),
            node: format!("{}-{}", hostname(), uuid::Uuid::now_v7().simple()),
            lending: Mutex::default(),
            config,
        });
        trunks::renew(&service).await?;
        let stop = CancellationToken::new();
        let renewing = tokio::spawn(trunks::lend(Arc::clone(&service), stop.clone()));
        *service.lending.lock() = Some((stop, renewing));
        Ok(service)
    }

    /// Ends what is up: waits for calls to end by themselves, then ends them, then the signalling.
    pub async fn stop(&self, drain: Duration) {
        self.board.drain();
        self.at_work.close();
        if tokio::time::timeout(drain, self.at_work.wait()).await.is_err() {
            let ended = self.board.end_all();
            tracing::warn!(ended, "calls did not end in time and were ended");
            // A BYE that nobody answers is given up after 64 × T1.
            let _ = tokio::time::timeout(Duration::from_secs(45), self.at_work.wait()).await;
        }
        self.sip.shutdown(Duration::from_secs(5)).await;
        let lending = self.lending.lock().take();
        if let Some((stop, renewing)) = lending {
            stop.cancel();
            // One that is on its way would take back what is given back before it.
            let _ = tokio::time::timeout(LAST_RENEWAL, renewing).await;
        }
        if let Err(error) = self.lines.give_back(&self.node).await {
            tracing::warn!(%error, "our lines were not given back; they fall to others by themselves");
        }
        self.tracer.close().await;
    }
}

fn sip_config(config: &Config, tap: Tap) -> SipConfig {
    let sip = &config.sip;
    SipConfig {
        bind: sip.first(),
        more_udp: sip.listen.0.iter().skip(1).copied().collect(),
        tcp: sip.listen_tcp.0.clone(),
        tls: sip.listen_tls.0.clone(),
        tls_identity: sip.tls.as_ref().map(|tls| TlsListener {
            certificate: tls.certificate.clone(),
            key: tls.key.clone(),
            client_ca: tls.client_ca.clone(),
        }),
        // Without one, each carrier sees the address that our route to it starts from.
        advertised: sip.advertise.0.clone(),
        name_servers: sip.name_servers.0.clone(),
        keep_alive: Duration::from_secs(sip.keep_alive_seconds),
        connections: sip.connections,
        connections_per_source: sip.connections_per_source,
        t1: Duration::from_millis(sip.t1_ms),
        tap,
        guard: sip.guard.policy(),
        ..SipConfig::default()
    }
}

/// Opens the vault of each data folder.
fn vaults(data: &Data) -> Result<Vaults, RecordingError> {
    let open = |dir: &Path| {
        let minimum_free = data.minimum_free_mib * 1024 * 1024;
        Vault::open(VaultConfig { staging: Data::staging(dir), vault: Data::vault(dir), minimum_free })
    };
    Ok(Vaults::new(open(&data.dir)?, data.standby.as_deref().map(open).transpose()?))
}

/// The address the carrier reaches us at: as configured, else as bound, else the one our route to the first trunk
/// starts from. Connecting a UDP socket sends nothing.
fn own_address(config: &Config, advertised: Option<IpAddr>, bound: IpAddr) -> IpAddr {
    let routed = || {
        let peer = config.trunk.values().min_by_key(|trunk| trunk.priority)?.address()?;
        let socket = UdpSocket::bind(SocketAddr::new(bound, 0)).ok()?;
        socket.connect(peer).ok()?;
        Some(socket.local_addr().ok()?.ip())
    };
    match advertised {
        Some(address) => address,
        None if bound.is_unspecified() => routed().unwrap_or(bound),
        None => bound,
    }
}

/// 0 stands for none.
fn seconds(number: u64) -> Option<Duration> {
    (number > 0).then(|| Duration::from_secs(number))
}

fn trunk_configs(config: &Config) -> Vec<TrunkConfig> {
    config
        .trunk
        .iter()
        .map(|(name, trunk)| TrunkConfig {
            name: name.clone(),
            peer: trunk.first_peer().to_owned(),
            more_peers: trunk.peers.iter().skip(1).cloned().collect(),
            transport: trunk.transport,
            tls: (&trunk.tls).into(),
            large_requests: trunk.large_requests.into(),
            user: trunk.user.clone(),
            auth_user: trunk.auth_user.clone(),
            register: trunk.registration(&format!("{} {}", hostname(), config.data.dir.display())),
            password: trunk.password.as_ref().map(|password| sip::Secret::new(password.expose())),
            realms: trunk.realm.clone(),
            allow_md5: trunk.allow_md5,
            caller: trunk.caller.clone(),
            domain: trunk.domain.clone(),
            // Checked with the rest of the configuration.
            identity: trunk.shown().ok(),
            options_interval: Duration::from_secs(trunk.options_seconds),
            lines: trunk.lines,
            policy: sip::Policy {
                session_expires: seconds(u64::from(trunk.session_seconds)),
                redirects: trunk.redirects,
                ..sip::Policy::default()
            },
            silence: seconds(trunk.silence_seconds),
            sources: trunk.sources.clone(),
            proxy: None,
        })
        .collect()
}

fn listening(hearing: &config::Hearing) -> hearing::Limits {
    let samples = |seconds: u64| audio::samples_in(Duration::from_secs(seconds));
    hearing::Limits {
        after_answer: samples(hearing.after_answer_seconds),
        for_beep: samples(hearing.for_beep_seconds),
        ..hearing::Limits::default()
    }
}

/// The speech settings as the prompts want them.
pub(super) fn speech_config(config: &Config) -> SpeechConfig {
    SpeechConfig {
        command: config.speech.command.clone(),
        voices: config.speech.voices.clone(),
        cache: config.data.prompts(),
        timeout: Duration::from_secs(config.speech.timeout_seconds),
        level: audio::Dbm0(config.speech.level_dbm0),
    }
}

fn hostname() -> String {
    nix::unistd::gethostname().map_or_else(|_| "node".to_owned(), |name| name.to_string_lossy().into_owned())
}
