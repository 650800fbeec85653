//! Audio over HTTP: ranges as players ask for them, and an entry of the trail for each.

mod office;

use office::{Office, Scene};
use records::Role;
use reqwest::Response;
use serde_json::json;
use sqlx::query;

async fn fetch(office: &Office, token: &str, path: &str, method: &str, headers: &[(&str, &str)]) -> Response {
    let request = office.request(method, path).bearer_auth(token);
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send().await.unwrap()
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_recording_is_heard_by_ranges_and_never_unseen() {
    let office = Office::open().await;
    let scene = Scene::set(&office).await;
    let auditor = office.token(Role::Auditor).await;
    let path = format!("/api/v1/recordings/{}/audio", scene.recording.id);
    let (total, wav) = (scene.wav.len(), &scene.wav);
    let etag = format!("\"{}\"", scene.recording.sha256);

    let whole = fetch(&office, &auditor, &path, "GET", &[]).await;
    assert_eq!((whole.status().as_u16(), header(&whole, "content-type")), (200, "audio/wav"));
    assert_eq!((header(&whole, "accept-ranges"), header(&whole, "etag")), ("bytes", etag.as_str()));
    assert_eq!(header(&whole, "cache-control"), "no-store");
    assert_eq!(&whole.bytes().await.unwrap()[..], &wav[..]);

    for (range, first, last) in
        [("bytes=0-", 0, total - 1), ("bytes=100-199", 100, 199), ("bytes=-44", total - 44, total - 1)]
    {
        let part = fetch(&office, &auditor, &path, "GET", &[("range", range)]).await;
        assert_eq!(part.status(), 206, "{range}");
        assert_eq!(header(&part, "content-range"), format!("bytes {first}-{last}/{total}"));
        assert_eq!(header(&part, "content-length"), (last - first + 1).to_string());
        assert_eq!(&part.bytes().await.unwrap()[..], &wav[first..=last], "{range}");
    }

    let beyond = format!("bytes={total}-");
    let unsatisfiable = fetch(&office, &auditor, &path, "GET", &[("range", &beyond)]).await;
    assert_eq!(unsatisfiable.status(), 416);
    assert_eq!(header(&unsatisfiable, "content-range"), format!("bytes */{total}"));

    let same = fetch(&office, &auditor, &path, "GET", &[("range", "bytes=0-9"), ("if-range", &etag)]).await;
    assert_eq!(same.status(), 206);
    let changed =
        fetch(&office, &auditor, &path, "GET", &[("range", "bytes=0-9"), ("if-range", "\"old\"")]).await;
    assert_eq!((changed.status().as_u16(), changed.bytes().await.unwrap().len()), (200, total));

    let head = fetch(&office, &auditor, &path, "HEAD", &[("range", "bytes=0-9")]).await;
    assert_eq!((head.status().as_u16(), header(&head, "content-length")), (206, "10"));
    let known = fetch(&office, &auditor, &path, "GET", &[("if-none-match", &etag)]).await;
    assert_eq!(known.status(), 304);

    let trail = office.trail("recording.hear").await;
    let spans_heard: Vec<_> =
        trail.iter().map(|(_, _, detail)| (&detail["first"], &detail["length"])).collect();
    let spans = [(0, total), (0, total), (100, 100), (total - 44, 44), (0, 10), (0, total)]
        .map(|(a, b)| (json!(a), json!(b)));
    assert_eq!(
        spans_heard,
        spans.iter().map(|(a, b)| (a, b)).collect::<Vec<_>>(),
        "what gave no byte left no entry"
    );
    assert!(trail.iter().all(|(actor, subject, _)| {
        actor.starts_with("auditor-") && *subject == format!("recording:{}", scene.recording.id)
    }));
}

#[tokio::test]
async fn without_a_trail_and_without_the_sealed_file_nothing_is_heard() {
    let office = Office::open().await;
    let scene = Scene::set(&office).await;
    let auditor = office.token(Role::Auditor).await;
    let path = format!("/api/v1/recordings/{}/audio", scene.recording.id);

    query("alter table events rename to events_away").execute(&office.pool).await.unwrap();
    let unseen = fetch(&office, &auditor, &path, "GET", &[]).await;
    assert!(unseen.status().is_server_error(), "{}", unseen.status());
    assert_ne!(header(&unseen, "content-type"), "audio/wav");
    query("alter table events_away rename to events").execute(&office.pool).await.unwrap();

    query("update recordings set bytes = bytes + 1").execute(&office.pool).await.unwrap();
    let altered = fetch(&office, &auditor, &path, "GET", &[]).await;
    assert_eq!(altered.status(), 503);
    assert!(altered.text().await.unwrap().contains("restore it from the backup"));
}

#[tokio::test]
async fn an_agent_hears_only_the_case_in_work() {
    let office = Office::open().await;
    let scene = Scene::set(&office).await;
    let agent = office.token(Role::Agent).await;
    let audio = format!("/api/v1/recordings/{}/audio", scene.recording.id);
    let attempt = format!("/api/v1/attempts/{}", scene.attempt);
    assert_eq!(fetch(&office, &agent, &audio, "GET", &[]).await.status(), 403);
    assert_eq!(fetch(&office, &agent, &attempt, "GET", &[]).await.status(), 403);

    let (_, queue) = office.ask(&agent, "GET", "/api/v1/callbacks", None).await;
    let item = queue["items"][0]["id"].as_str().unwrap().to_owned();
    let (status, _) = office.ask(&agent, "POST", &format!("/api/v1/callbacks/{item}/take"), None).await;
    assert_eq!(status, 200);
    assert_eq!(fetch(&office, &agent, &audio, "GET", &[]).await.status(), 200);
    let (status, seen) = office.ask(&agent, "GET", &attempt, None).await;
    assert_eq!((status, &seen["number"]), (200, &json!("+86138****8000")));

    let done = json!({"outcome": "succeeded", "note": "已道歉并约定上门"});
    let (status, _) =
        office.ask(&agent, "POST", &format!("/api/v1/callbacks/{item}/finish"), Some(done)).await;
    assert_eq!(status, 200);
    assert_eq!(fetch(&office, &agent, &audio, "GET", &[]).await.status(), 403, "the case is closed");
}
