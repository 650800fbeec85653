//! `huifang serve`: start-up in order, run until told to stop, shut down in reverse.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use web::{Desk, WebSettings};

use super::archive::VaultArchive;
use super::database::Database;
use super::floor::CallingFloor;
use super::metrics::Meters;
use super::publishing::Publications;
use super::service::{Service, StartError};
use super::{dialer, evaluating, imports, ladder, line, open_files, proving, recovery, trace, trunks};
use crate::config::Config;

/// Serves until `told_to_stop` is ready.
pub async fn serve(config: Config, told_to_stop: impl Future<Output = ()>) -> Result<(), StartError> {
    let meters = Meters::start();
    open_files::allow(&config)?;
    // The port first: a second service on this machine must not get as far as the recordings of the first.
    let address = config.http.listen;
    let listener = TcpListener::bind(address).await.map_err(|error| StartError::Http { address, error })?;
    let database = Database::open(&config).await?;
    let served = run(config, &database, listener, meters, told_to_stop).await;
    database.close().await;
    served
}

async fn run(
    config: Config,
    database: &Database,
    listener: TcpListener,
    meters: Meters,
    told_to_stop: impl Future<Output = ()>,
) -> Result<(), StartError> {
    let service = Service::start(config, database).await?;
    let _seat = recovery::seat(&service).await?;
    recovery::recordings(&service).await?;
    // What the journal kept says which attempts were answered, and so should have a recording.
    service.journal.replay().await;
    recovery::sealed(&service).await?;
    if let Some(first) = web::first_admin(database.store.as_ref()).await? {
        announce(&first);
    }
    let publications = Arc::new(Publications::new(Arc::clone(&service.calendar)));
    if let Err(error) = std::fs::read_dir(service.library.dir()) {
        let dir = service.library.dir().display();
        tracing::error!(
            "questionnaires.dir {dir} cannot be read: {error}. Until it can, no plan can be written: make the folder, \
             or name another"
        );
    }
    publications.look(&service).await;

    let stop = CancellationToken::new();
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(Arc::clone(&service.journal).run());
    tasks.spawn(recovery::sweep(Arc::clone(&service)));
    tasks.spawn(Arc::clone(&service.calendar).follow());
    tasks.spawn(evaluating::run(Arc::clone(&service), database.store.clone()));
    tasks.spawn(ladder::sweep(Arc::clone(&service)));
    tasks.spawn(proving::count(Arc::clone(&service), database.store.clone()));
    tasks.spawn(trunks::watch(Arc::clone(&service), database.store.clone()));
    tasks.spawn(trace::forget_old(database.store.clone(), service.config.trace.keep()));
    tasks.spawn(line::take_calls(Arc::clone(&service), service.sip.incoming()));
    tasks.spawn(Arc::clone(&publications).run(Arc::clone(&service)));
    let customers: Arc<dyn ports::Customers> = database.store.clone();
    let intake = imports::importer(&service.config, Arc::clone(&customers))?;
    tasks.spawn(imports::forget(service.config.clone(), Arc::clone(&customers)));
    if let Some(watch) = imports::watch(&service.config, &intake, &customers)? {
        tasks.spawn(watch.run());
    }
    let dialer =
        service.config.dialer.enabled.then(|| tokio::spawn(dialer::run(Arc::clone(&service), stop.clone())));
    let router = web::router(desk(&service, database, intake, publications, meters));
    tracing::info!(console = %format!("http://{}/", service.config.http.listen), "huifang is up");
    let web = tokio::spawn(web::serve(listener, router, stop.clone().cancelled_owned()));

    told_to_stop.await;
    tracing::info!(calls = service.board.up(), "stopping");
    stop.cancel();
    service.board.events().close();
    if let Some(dialer) = dialer {
        let _ = dialer.await;
    }
    service.stop(Duration::from_secs(service.config.dialer.drain_seconds)).await;
    service.journal.replay().await;
    tasks.shutdown().await;
    let _ = tokio::time::timeout(Duration::from_secs(5), web).await;
    Ok(())
}

fn desk(
    service: &Arc<Service>,
    database: &Database,
    intake: Arc<dyn ports::Intake>,
    shelf: Arc<Publications>,
    meters: Meters,
) -> Desk {
    let http = &service.config.http;
    Desk {
        store: database.store.clone(),
        overview: database.store.clone(),
        customers: database.store.clone(),
        intake,
        accounts: database.store.clone(),
        traces: database.store.clone(),
        planning: database.store.clone(),
        proofs: database.store.clone(),
        events: service.board.events().clone(),
        floor: Arc::new(CallingFloor { service: Arc::clone(service), meters }),
        archive: Arc::new(VaultArchive(service.vaults.clone())),
        shelf,
        calendar: {
            let calendar = Arc::clone(&service.calendar);
            Arc::new(move || calendar.current())
        },
        settings: WebSettings {
            secure_cookies: http.secure_cookies,
            session_hours: http.session_hours,
            self_approval: http.self_approval,
            metrics_open: http.metrics_open,
            ..WebSettings::default()
        },
    }
}

/// Shown once, on the terminal and never in the log.
fn announce(first: &web::FirstPassword) {
    eprintln!("\n  First start: log in to the console as  {}  with the password", first.login);
    eprintln!("      {}\n  It is shown this once. Change it after logging in.\n", first.password);
}
