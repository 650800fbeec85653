//! Debian's Chromium, driven over WebDriver.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::{Office, Person};

pub struct Browser {
    pub page: Client,
    session: String,
    port: u16,
    _driver: Child,
    _profile: TempDir,
}

/// Also when the test fails: a browser without its driver would stay for ever.
impl Drop for Browser {
    fn drop(&mut self) {
        let Ok(mut driver) = TcpStream::connect(("127.0.0.1", self.port)) else { return };
        let (session, port) = (&self.session, self.port);
        let _ = driver.set_read_timeout(Some(Duration::from_secs(5)));
        let _ = write!(
            driver,
            "DELETE /session/{session} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        let _ = driver.read_to_end(&mut Vec::new());
    }
}

impl Browser {
    /// A window of this size, in this language; below 500 pixels a phone.
    pub async fn open(language: &str, width: u32, height: u32) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let (driver, port) = start_driver().await;
        let phone = json!({"deviceMetrics": {"width": width, "height": height, "pixelRatio": 2.0}});
        let mut options = json!({"goog:chromeOptions": {"args": [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", "--hide-scrollbars",
            format!("--user-data-dir={}", profile.path().display()),
            format!("--window-size={width},{height}"),
            format!("--accept-lang={language}"),
        ]}});
        if width < 500 {
            options["goog:chromeOptions"]["mobileEmulation"] = phone;
        }
        let Value::Object(options) = options else { unreachable!() };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(options);
        let page =
            builder.connect(&format!("http://127.0.0.1:{port}")).await.expect("chromedriver makes a session");
        let session = page.session_id().await.unwrap().unwrap();
        Self { page, session, port, _driver: driver, _profile: profile }
    }

    pub async fn one(&self, css: &str) -> Element {
        let wait = self.page.wait().at_most(Duration::from_secs(20));
        wait.for_element(Locator::Css(css)).await.unwrap_or_else(|error| panic!("{css}: {error}"))
    }

    /// The page renews parts of itself; an element that went with one is looked up again, as a person would.
    pub async fn click(&self, css: &str) {
        while let Err(error) = self.one(css).await.click().await {
            assert!(error.is_stale_element_reference(), "{css}: {error}");
        }
    }

    pub async fn fill(&self, css: &str, text: &str) {
        self.one(css).await.send_keys(text).await.unwrap();
    }

    pub async fn text(&self, css: &str) -> String {
        loop {
            match self.one(css).await.text().await {
                Ok(text) => return text,
                Err(error) => assert!(error.is_stale_element_reference(), "{css}: {error}"),
            }
        }
    }

    /// Logs a person in at the console, whoever was logged in before.
    pub async fn log_in(&self, office: &Office, person: &Person) {
        self.page.delete_all_cookies().await.unwrap();
        self.page.goto(&format!("{}/login", office.base)).await.unwrap();
        self.fill("#login", &person.account.login).await;
        self.fill("#password", &person.password).await;
        self.click("#log-in").await;
        self.one("#log-out").await;
    }

    /// Runs a script that calls `done(value)` when what it waits for has happened.
    pub async fn when(&self, script: &str) -> Value {
        let script = format!("const done = arguments[arguments.length - 1];\n{script}");
        self.page.execute_async(&script, Vec::new()).await.unwrap()
    }

    /// Into the folder named by `SCREENSHOTS`, for people to look at.
    pub async fn picture(&self, name: &str) {
        let Ok(folder) = std::env::var("SCREENSHOTS") else { return };
        let png = self.page.screenshot().await.unwrap();
        std::fs::write(format!("{folder}/{name}.png"), png).unwrap();
    }
}

/// Starts chromedriver on a port of its own choice, which it prints.
async fn start_driver() -> (Child, u16) {
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        // Without it a file's name is taken for ASCII.
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("chromedriver starts: install Debian's chromium and chromium-driver");
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        let said =
            line.split_once("successfully on port ").map(|(_, rest)| rest.trim_end_matches('.').parse());
        if let Some(Ok(port)) = said {
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return (driver, port);
        }
    }
    panic!("chromedriver ended without naming its port");
}
