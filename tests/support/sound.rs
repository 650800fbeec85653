//! Sound files as sox and ffprobe see them.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A channel.
#[derive(Clone, Copy)]
pub(crate) enum Side {
    /// The only channel of a mono file.
    Only,
    /// Left.
    Customer,
    /// Right.
    Ours,
}

/// A sound file.
pub(crate) struct Sound(PathBuf);

/// Nothing that is no louder than this peak is sound, in dB: A-law has no zero, and the steps beside it are −72.25.
pub(crate) const SILENCE: f64 = -72.2;

/// Half the width of the band a tone is sought in, in Hz.
const HALF_BAND: u32 = 40;
/// Every prompt is brought to this RMS level, in dB of full scale: −16 dBm0.
pub(super) const LEVEL: f64 = -22.15;

impl Sound {
    pub(crate) fn of(file: impl AsRef<Path>) -> Self {
        let file = file.as_ref().to_owned();
        assert!(file.is_file(), "{} is missing", file.display());
        Self(file)
    }

    /// `sox --i` with an option, such as `-D`.
    pub(crate) fn info(&self, option: &str) -> String {
        let output =
            Command::new("sox").args(["--i", option]).arg(&self.0).output().expect("sox is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Seconds.
    pub(crate) fn seconds(&self) -> f64 {
        self.info("-D").parse().unwrap()
    }

    /// What ffprobe says of the only stream.
    pub(crate) fn probed(&self) -> Value {
        let output = Command::new("ffprobe")
            .args(["-v", "error", "-show_streams", "-of", "json"])
            .arg(&self.0)
            .output()
            .expect("ffprobe is installed");
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let probed: Value = serde_json::from_slice(&output.stdout).unwrap();
        probed["streams"].as_array().filter(|streams| streams.len() == 1).expect("one stream")[0].clone()
    }

    /// The file's hash by coreutils, hex.
    pub(crate) fn sha256(&self) -> String {
        let output = Command::new("sha256sum").arg(&self.0).output().unwrap();
        String::from_utf8(output.stdout).unwrap()[..64].to_owned()
    }

    /// The loudest sample of one side, in dB of full scale; minus infinity is digital silence.
    pub(crate) fn peak(&self, side: Side) -> f64 {
        self.stat("Pk lev dB", &["remix", side.number()])
    }

    /// The same between two moments, in seconds.
    pub(crate) fn peak_between(&self, side: Side, from: f64, to: f64) -> f64 {
        let (from, to) = (from.to_string(), format!("={to}"));
        self.stat("Pk lev dB", &["remix", side.number(), "trim", &from, &to])
    }

    /// For how many seconds one side holds a tone of a pitch as loud as a prompt, told by its energy.
    pub(crate) fn tone(&self, side: Side, hertz: u32) -> f64 {
        let band = format!("{}-{}", hertz - HALF_BAND, hertz + HALF_BAND);
        let level = self.stat("RMS lev dB", &["remix", side.number(), "sinc", "-n", "801", &band]);
        self.seconds() * 10_f64.powf((level - LEVEL) / 10.0)
    }

    /// One line of sox's `stats` behind some effects.
    fn stat(&self, line: &str, effects: &[&str]) -> f64 {
        let output = Command::new("sox").arg(&self.0).arg("-n").args(effects).arg("stats").output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "sox {effects:?}: {said}");
        let found = said.lines().find_map(|said| said.strip_prefix(line));
        let figure =
            found.unwrap_or_else(|| panic!("no {line} in {said}")).split_whitespace().next().unwrap();
        figure.parse().unwrap()
    }
}

impl Side {
    fn number(self) -> &'static str {
        match self {
            Self::Only | Self::Customer => "1",
            Self::Ours => "2",
        }
    }
}
