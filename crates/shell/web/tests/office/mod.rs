//! A web at work: a real Postgres, a real vault, a real socket. Only the calling floor is a stand-in, for no phone
//! rings here.
#![allow(dead_code, unreachable_pub, reason = "for tests, each of which uses its part")]

pub mod browser;
mod described;
mod floor;
mod scene;

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use async_trait::async_trait;
use importing::Importer;
use ports::{Accounts, Archive, ArchiveError, Excerpt, NewAccount, Token};
use postgres::cluster::{self, Cluster};
use postgres::{NumberKey, Options, Postgres};
use recording::{RecordingError, Vault, VaultConfig};
use records::{Account, AccountId, Policy, Role};
use reqwest::{Method, RequestBuilder, Response};
use sqlx::PgPool;
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use uuid::Uuid;
use web::events::Events;
use web::{Desk, MadeUp, Shelf, ShelfItem, WebSettings, made_up_password, made_up_token};

pub use described::Described;
pub use floor::StandInFloor;
#[allow(unused_imports, reason = "each test binary uses its part")]
pub use scene::{Scene, publish, questionnaire_version};

pub struct Office {
    pub base: String,
    pub store: Postgres,
    /// A way past the store, to look at what is written.
    pub pool: PgPool,
    pub floor: Arc<StandInFloor>,
    pub vault: Vault,
    pub events: Events,
    http: reqwest::Client,
    described: tokio::sync::OnceCell<Described>,
    cluster: Option<Cluster>,
    folder: TempDir,
}

/// Somebody logged in to the console.
pub struct Person {
    pub account: Account,
    pub password: String,
    /// Value of the `Cookie` header.
    pub cookie: String,
}

struct VaultArchive(Vault);

#[async_trait]
impl Archive for VaultArchive {
    async fn read(
        &self,
        path: &str,
        start: u64,
        end: Option<u64>,
        most: usize,
    ) -> Result<Excerpt, ArchiveError> {
        let part = self.0.open_range(path, start, end.map(|last| last + 1)).await;
        let mut part = part.map_err(|error| match error {
            RecordingError::Range { total } => ArchiveError::OutOfRange { total },
            _ => ArchiveError::Missing(path.to_owned()),
        })?;
        let mut bytes = vec![0; most.min((part.end - part.start) as usize)];
        part.reader.read_exact(&mut bytes).await?;
        Ok(Excerpt { start: part.start, bytes, total: part.total })
    }
}

struct OneQuestionnaire;

impl Shelf for OneQuestionnaire {
    fn questionnaires(&self) -> Vec<ShelfItem> {
        vec![ShelfItem {
            name: "satisfaction".to_owned(),
            version: questionnaire_version(),
            title_zh: "产品与服务满意度".to_owned(),
            title_en: "Product and service satisfaction".to_owned(),
        }]
    }

    fn calendar(&self) -> Arc<plan::Calendar> {
        Arc::new(plan::Calendar::official())
    }

    fn check_policy(&self, policy: &Policy) -> Result<(), String> {
        let enough = policy.retry.attempts <= 10;
        if enough { Ok(()) } else { Err("retry.attempts: at most 10 here".to_owned()) }
    }
}

impl Office {
    pub async fn open() -> Self {
        Self::open_with(WebSettings::default()).await
    }

    pub async fn open_with(settings: WebSettings) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("huifang")
            .permissions(std::fs::Permissions::from_mode(0o755))
            .tempdir_in("/tmp")
            .unwrap();
        let fast =
            ["fsync", "full_page_writes", "synchronous_commit"].map(|name| (name.into(), "off".into()));
        let config =
            cluster::Config { root: folder.path().join("database"), bin_dir: None, settings: fast.into() };
        let cluster = cluster::start(&config).await.unwrap();
        let store = Postgres::connect(
            &cluster.url,
            Options { number_key: Some(NumberKey::new([7; 32])), ..Options::default() },
        )
        .await
        .unwrap();
        store.migrate().await.unwrap();
        let vault = Vault::open(VaultConfig {
            staging: folder.path().join("staging"),
            vault: folder.path().join("vault"),
            minimum_free: 0,
        })
        .unwrap();
        let floor = Arc::new(StandInFloor::default());
        let events = Events::default();
        let base = serve(&store, &vault, &floor, &events, &folder.path().join("spool"), settings).await;
        let pool = PgPool::connect(&cluster.url).await.unwrap();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        let described = tokio::sync::OnceCell::new();
        Self { base, store, pool, floor, vault, events, http, described, cluster: Some(cluster), folder }
    }

    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.http.request(method.parse::<Method>().unwrap(), format!("{}{path}", self.base))
    }

    pub async fn account(&self, role: Role) -> (Account, String) {
        let MadeUp { secret, kept } = made_up_password().await.unwrap();
        let id = AccountId(Uuid::now_v7());
        let tail = &id.0.simple().to_string()[24..];
        let new = NewAccount {
            id,
            login: format!("{role}-{tail}"),
            name: format!("测试{role}"),
            role,
            password_hash: kept,
        };
        (self.store.create_account(&new).await.unwrap(), secret)
    }

    /// An API token of a new account.
    pub async fn token(&self, role: Role) -> String {
        let (account, _) = self.account(role).await;
        let MadeUp { secret, kept } = made_up_token();
        let token =
            Token { secret_hash: kept, account: account.id, label: "test".to_owned(), expires_at: None };
        self.store.create_token(&token).await.unwrap();
        secret
    }

    /// Somebody new who logs in by the form.
    pub async fn person(&self, role: Role) -> Person {
        let (account, password) = self.account(role).await;
        let answer = self.log_in(&account.login, &password).await;
        assert_eq!(answer.status(), 303);
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        Person { account, password, cookie }
    }

    pub async fn log_in(&self, login: &str, password: &str) -> Response {
        form(self.request("POST", "/login"), &format!("login={login}&password={password}"))
            .send()
            .await
            .unwrap()
    }

    /// A page as this person sees it.
    pub async fn see(&self, person: &Person, path: &str) -> Response {
        self.request("GET", path).header("cookie", &person.cookie).send().await.unwrap()
    }

    /// Sends a form as the console's own page would; `fields` without the token.
    pub async fn submit(&self, person: &Person, path: &str, fields: &str) -> Response {
        let page = self.see(person, "/password").await.text().await.unwrap();
        let token = form_token(&page);
        let request = self.request("POST", path).header("cookie", &person.cookie);
        let request = request.header("sec-fetch-site", "same-origin");
        form(request, &format!("form_token={token}&{fields}")).send().await.unwrap()
    }

    /// The API's own description, as this role is given it.
    pub async fn described(&self) -> &Described {
        let fetched = async {
            let token = self.token(Role::Integration).await;
            let answer = self.request("GET", "/api/v1/openapi.json").bearer_auth(token).send().await.unwrap();
            Described::new(serde_json::from_str(&answer.text().await.unwrap()).unwrap())
        };
        self.described.get_or_init(|| fetched).await
    }

    /// Asks the API with a token; the status and the JSON, which must be as described.
    pub async fn ask(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Option<serde_json::Value>,
    ) -> (u16, serde_json::Value) {
        let mut request = self.request(method, path).bearer_auth(token);
        if let Some(body) = &body {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        let told = serde_json::from_str(&text).unwrap_or_default();
        self.described().await.check(method, path, body.as_ref(), status, &told);
        (status, told)
    }

    /// Entries of the trail with this action: actor, subject, detail.
    pub async fn trail(&self, action: &str) -> Vec<(String, String, serde_json::Value)> {
        sqlx::query_as("select actor, subject, detail from events where action = $1 order by id")
            .bind(action)
            .fetch_all(&self.pool)
            .await
            .unwrap()
    }
}

pub fn form(request: RequestBuilder, body: &str) -> RequestBuilder {
    request.header("content-type", "application/x-www-form-urlencoded").body(body.to_owned())
}

pub fn form_token(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"form_token\" value=\"").expect("the page has a form");
    rest.split('"').next().unwrap().to_owned()
}

async fn serve(
    store: &Postgres,
    vault: &Vault,
    floor: &Arc<StandInFloor>,
    events: &Events,
    spool: &std::path::Path,
    settings: WebSettings,
) -> String {
    let store = Arc::new(store.clone());
    let desk = Desk {
        store: store.clone(),
        overview: store.clone(),
        customers: store.clone(),
        intake: Arc::new(Importer::new(store.clone(), spool.to_owned()).unwrap()),
        accounts: store.clone(),
        traces: store.clone(),
        proofs: store.clone(),
        planning: store,
        floor: floor.clone(),
        events: events.clone(),
        archive: Arc::new(VaultArchive(vault.clone())),
        shelf: Arc::new(OneQuestionnaire),
        calendar: Arc::new(|| Arc::new(plan::Calendar::official())),
        settings,
    };
    let listener = web::listen(([127, 0, 0, 1], 0).into()).await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(web::serve(listener, web::router(desk), std::future::pending()));
    base
}

impl Drop for Office {
    fn drop(&mut self) {
        let Some(cluster) = self.cluster.take() else { return };
        // A test that panics is inside a runtime; the server is stopped on another one.
        let stopping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(cluster.stop())
        });
        let _ = stopping.join();
    }
}
