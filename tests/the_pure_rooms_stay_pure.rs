//! The pure rooms know no runtime, database, socket, file, clock or randomness; shells do not import each other.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rooms(kind: &str) -> Vec<PathBuf> {
    let folder = root().join("crates").join(kind);
    let rooms = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    rooms.collect()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The names below `[dependencies]`; what tests use is free.
fn dependencies(room: &Path) -> Vec<String> {
    let manifest = fs::read_to_string(room.join("Cargo.toml")).unwrap();
    manifest
        .lines()
        .skip_while(|line| line.trim() != "[dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split(['.', ' ', '=']).next().map(str::to_owned))
        .filter(|name| !name.is_empty() && !name.starts_with('#'))
        .collect()
}

fn name(room: &Path) -> String {
    room.file_name().unwrap().to_string_lossy().into_owned()
}

#[test]
fn no_source_of_a_pure_room_touches_the_world() {
    const WORLD: [&str; 16] = [
        "async fn",
        "async move",
        ".await;",
        ".await?",
        ".await.",
        "tokio::",
        "sqlx::",
        "std::fs",
        "std::process",
        "std::thread",
        "UdpSocket",
        "TcpStream",
        "Instant::now",
        "SystemTime::now",
        "Utc::now",
        "rand::",
    ];
    let mut files = Vec::new();
    for room in rooms("core") {
        sources(&room.join("src"), &mut files);
    }
    assert!(files.len() > 50, "the pure rooms were not found");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        // Inline tests may read fixtures.
        let code = text.split("#[cfg(test)]").next().unwrap();
        for (number, line) in
            code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"))
        {
            for touch in WORLD {
                assert!(!line.contains(touch), "{}:{}: {touch}", file.display(), number + 1);
            }
        }
    }
}

#[test]
fn pure_rooms_depend_on_no_runtime_and_on_no_shell() {
    let shells: Vec<String> = rooms("shell").iter().map(|room| name(room)).collect();
    for room in rooms("core") {
        for dependency in dependencies(&room) {
            let world = ["tokio", "sqlx", "axum", "rsipstack", "rand", "ports", "socket2"];
            let allowed = !world.contains(&dependency.as_str()) && !shells.contains(&dependency);
            assert!(allowed, "the pure room {} depends on {dependency}", name(&room));
        }
    }
}

#[test]
fn shells_do_not_import_each_other() {
    let shells: Vec<String> = rooms("shell").iter().map(|room| name(room)).collect();
    for room in rooms("shell") {
        for dependency in dependencies(&room) {
            assert!(
                !shells.contains(&dependency),
                "the shell {} imports the shell {dependency}",
                name(&room)
            );
        }
    }
}

#[test]
fn each_library_stops_at_its_shell() {
    for (library, shell) in
        [("rsipstack", &["sip", "carrier"][..]), ("sqlx", &["postgres"]), ("axum", &["web"])]
    {
        for room in rooms("shell").iter().chain(&rooms("core")) {
            if dependencies(room).iter().any(|dependency| dependency == library) {
                assert!(shell.contains(&name(room).as_str()), "{library} is known in {}", name(room));
            }
        }
    }
}
