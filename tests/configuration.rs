//! The configuration is read whole, and a wrong key is named with its remedy.

use std::path::Path;

use huifang::config::{self, Config};

fn refused(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("huifang.toml");
    std::fs::write(&file, text).unwrap();
    config::load(Some(&file)).unwrap_err().to_string()
}

fn rewrite(pattern: &str, to: &str) -> String {
    format!(
        "[trunk.a]\npeer = \"c:5060\"\ncaller = \"400\"\n[[trunk.a.rewrite]]\nmatch = '{pattern}'\nto = '{to}'"
    )
}

#[test]
fn the_example_file_is_read_and_shows_the_defaults() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("huifang.example.toml");
    let config = config::load(Some(&example)).unwrap();
    let defaults = Config { trunk: config.trunk.clone(), data: config.data.clone(), ..Config::default() };
    assert_eq!(config, defaults);
    assert_eq!(config.trunk["main"].caller, "4008001234");
}

#[test]
fn no_file_at_all_runs_on_the_defaults() {
    assert_eq!(config::load(None).unwrap(), Config::default());
}

#[test]
fn a_wrong_key_is_named_with_its_file_and_the_remedy() {
    for (text, named) in [
        ("[http]\nlissten = \"127.0.0.1:1\"", &["http.lissten", "huifang.toml"][..]),
        ("[http]\nlisten = 5", &["http.listen"][..]),
        ("[media]\nports = \"30-20\"", &["media.ports", "20000-20999"][..]),
        ("[speech]\nlevel_dbm0 = 3.0", &["speech.level_dbm0", "-30 to -6"][..]),
        ("[media.keys]\ntogether_ms = 9000", &["media.keys.together_ms", "100 to 5000"][..]),
        ("[media.keys]\nin_band = \"sometimes\"", &["media.keys.in_band", "without_events"][..]),
        ("[dialer.people]\nleast_percent = 101", &["dialer.people.least_percent", "0 to 100"][..]),
        ("[dialer.fairness]\nage_hours = 0", &["dialer.fairness.age_hours", "1 to 1000000"][..]),
        ("[trunk.a]\npeer = \"carrier:x\"\ncaller = \"4008001234\"", &["trunk.a.peer", "5060"][..]),
        ("[trunk.a]\ncaller = \"400\"", &["trunk.a.peer", "missing"][..]),
        (
            "[trunk.a]\npeer = \"c\"\npeers = [\"d\"]\ncaller = \"400\"",
            &["trunk.a.peers", "one of the two"][..],
        ),
        (
            "[trunk.a]\npeer = \"c\"\ntransport = \"sctp\"\ncaller = \"400\"",
            &["trunk.a.transport", "tls"][..],
        ),
        (
            "[trunk.a]\npeer = \"c\"\ncaller = \"400\"\ntls = {ca = \"x.pem\"}",
            &["trunk.a.tls", "transport = \"tls\""][..],
        ),
        ("[sip]\nlisten = [\"0.0.0.0:5060\", 5]", &["sip.listen", "an address, or a list"][..]),
        ("[sip]\nlisten_tls = \"0.0.0.0:5061\"", &["sip.tls", "certificate"][..]),
        ("[sip]\nadvertise = [\"192.0.2.1\", \"192.0.2.2\"]", &["sip.advertise", "one family"][..]),
        ("[trunk.a]\npeer = \"c:5060\"\ncaller = \"400\"\nuser = \"u\"", &["trunk.a.password", "both"][..]),
        ("[trunk.a]\npeer = \"c:5060\"", &["trunk.a", "caller"][..]),
        (
            "[trunk.a]\npeer = \"c:5060\"\ncaller = \"400\"\nregister = true",
            &["trunk.a.register", "user"][..],
        ),
        (
            "[trunk.a]\npeer = \"c:5060\"\ncaller = \"400\"\nregister_expires = 0",
            &["register_expires", "86400"][..],
        ),
        (&rewrite("0(1", "$1"), &["trunk.a.rewrite", "no regular expression"][..]),
        (&rewrite("0(1.*)", "$2"), &["trunk.a.rewrite", "the group 2", "brackets"][..]),
        ("[sip.guard]\ntrusted = [\"carrier\"]", &["sip.guard.trusted", "203.0.113.0/28"][..]),
        ("[sip.guard]\nstrangers = \"greet\"", &["sip.guard.strangers", "refuse"][..]),
        ("[sip.guard]\ntrunk_rate = 1", &["sip.guard.trunk_rate", "at least 10"][..]),
        ("[alarm]\nbarred_share = 5", &["alarm.barred_share", "0 to 1"][..]),
        (
            "[dialer.fallback]\non_no_answer = \"always\"",
            &["dialer.fallback.on_no_answer", "next_attempt"][..],
        ),
        ("[speech]\ncommand = [\"espeak-ng\"]", &["speech.command", "{out}"][..]),
        (
            "[trunk.a]\npeer = \"c:5060\"\ncaller = \"400\"\nsrtp = \"required\"",
            &["trunk.a.srtp", "keys", "srtp_over_clear_signalling"][..],
        ),
        (
            "[trunk.a]\npeer = \"c:5060\"\ncaller = \"400\"\nsrtp_suites = [\"AES_CM_128_HMAC_SHA1_80\", \"AES_CM_128_HMAC_SHA1_80\"]",
            &["trunk.a.srtp_suites", "once"][..],
        ),
        (
            "[trunk.a]\npeer = \"c:5060\"\ncaller = \"400\"\nsrtp_suites = [\"F8\"]",
            &["F8", "AEAD_AES_128_GCM"][..],
        ),
        ("http = [", &["huifang.toml"][..]),
    ] {
        let error = refused(text);
        for part in named {
            assert!(error.contains(part), "{part} is not in: {error}");
        }
        assert!(error.contains("huifang.example.toml"), "{error}");
    }
}

#[test]
fn a_missing_file_is_named() {
    let error = config::load(Some(Path::new("/nowhere/huifang.toml"))).unwrap_err().to_string();
    assert!(error.contains("/nowhere/huifang.toml") && error.contains("Check the path"), "{error}");
}

#[test]
fn a_password_never_shows_in_debug_output() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("huifang.example.toml");
    let config = config::load(Some(&example)).unwrap();
    assert_eq!(config.trunk["main"].password.as_ref().unwrap().expose(), "secret");
    assert!(!format!("{config:?}").contains("\"secret\""));
}

#[test]
fn keys_of_srtp_need_signalling_that_nobody_reads_or_a_word_that_it_is_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("huifang.toml");
    let warned = |more: &str| {
        let trunk = "[trunk.a]\npeer = \"c:5061\"\ncaller = \"4008001234\"\nsrtp = \"required\"\n";
        std::fs::write(&file, format!("{trunk}{more}")).unwrap();
        config::load(Some(&file)).unwrap().warnings()
    };
    assert_eq!(warned("transport = \"tls\""), Vec::<String>::new());
    let warnings = warned("srtp_over_clear_signalling = true");
    assert!(warnings[0].contains("trunk.a.srtp") && warnings[0].contains("tls"), "{warnings:?}");
}
