//! The media threads have a real-time priority where the system gives one, and serve without it where not.

mod common;

use audio::{Clip, FRAME};
use common::{call, config};
use media::{Heard, MediaConfig, MediaEngine};
use std::{fs, process::Command, sync::Arc};

/// `SCHED_RR` in field 41 of proc(5)'s stat.
const ROUND_ROBIN: &str = "2";
const ORDINARY: &str = "0";

#[test]
fn the_media_threads_have_a_real_time_priority_where_they_may() {
    assert_eq!(policies(true), if chrt_may() { ROUND_ROBIN } else { ORDINARY });
    assert_eq!(policies(false), ORDINARY);
}

/// The policy of the media thread of an engine that carries a call.
fn policies(realtime: bool) -> String {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(MediaConfig { realtime, ..config(staging.path()) }).unwrap();
    let (leg, mut facts, _peer) = call(&engine, "urgent", true);
    leg.answered();
    leg.play(1, "short", Arc::new(Clip::from_pcm(&[1000; FRAME])));
    // The thread has done something, so it has done first what it begins with.
    facts.until(|heard| matches!(heard, Heard::PromptDone { .. }).then_some(()));
    let policy = policy_of_thread("media-0");
    leg.close();
    assert!(matches!(facts.rest().last(), Some(Heard::Closed(_))));
    policy
}

fn policy_of_thread(name: &str) -> String {
    let threads = fs::read_dir("/proc/self/task").unwrap().map(|thread| thread.unwrap().path());
    let stats = threads.filter_map(|thread| fs::read_to_string(thread.join("stat")).ok());
    let (_, fields) = stats
        .filter_map(|stat| stat.split_once(") ").map(|(head, tail)| (head.to_owned(), tail.to_owned())))
        .find(|(head, _)| head.ends_with(&format!("({name}")))
        .expect("the thread runs");
    // The first field behind the name is the third.
    fields.split(' ').nth(41 - 3).unwrap().to_owned()
}

/// What another program finds allowed.
fn chrt_may() -> bool {
    Command::new("chrt").args(["--rr", "10", "true"]).status().is_ok_and(|status| status.success())
}
