//! The operator's clips of announcements, decoded as prompts are and printed once at the start.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hearing::{Bench, Library, TooShort};
use prompts::{Pcm, PromptError, PromptStore, Source};
use records::Reason;

/// What a network or a mailbox may say instead of an answer.
const SAID: [Reason; 10] = [
    Reason::PoweredOff,
    Reason::OutOfCoverage,
    Reason::Vacant,
    Reason::Suspended,
    Reason::Barred,
    Reason::Rejected,
    Reason::Busy,
    Reason::NoAnswer,
    Reason::TrunkCongested,
    Reason::AnsweringMachine,
];
/// Files that are sound; others may lie beside them.
const SOUND: [&str; 4] = ["wav", "flac", "mp3", "ogg"];

/// Announcements that can be recognised, and what each means.
#[derive(Debug, Default)]
pub struct Announcements {
    library: Arc<Library>,
    reasons: Vec<Reason>,
}

/// The folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AnnouncementError {
    /// There is no such folder.
    #[error("hearing.announcements {0} cannot be read: {1}. Make the folder, or leave the key out")]
    Folder(PathBuf, std::io::Error),
    /// The name says nothing.
    #[error(
        "the announcement {0} is not named by what it says: name it {1}.wav, {1}-2.wav or so, with one of {list}",
        list = SAID.map(Reason::slug).join(", ")
    )]
    Name(PathBuf, Reason),
    /// It is no sound that can be read.
    #[error("the announcement {0}: {1}")]
    Sound(PathBuf, PromptError),
    /// It could not be told from others.
    #[error(
        "the announcement {0} has {1} ms of sound and needs {2}: record more of it, without cutting its end"
    )]
    Short(PathBuf, u64, u64),
}

impl Announcements {
    /// Reads and prints every clip of a folder; without one there are none.
    pub async fn load(folder: Option<&Path>, prompts: &PromptStore) -> Result<Self, AnnouncementError> {
        let Some(folder) = folder else { return Ok(Self::default()) };
        let (mut library, mut bench) = (Library::default(), Bench::default());
        let mut reasons = Vec::new();
        for file in files(folder)? {
            let reason = reason_of(&file)?;
            let source = Source { text: None, audio: Some(file.clone()), language: String::new() };
            let pcm = prompts.load(&source).await;
            let pcm = pcm.map_err(|error| AnnouncementError::Sound(file.clone(), error))?;
            add(&mut library, &mut bench, &file, reason, &pcm)?;
            reasons.push(reason);
        }
        tracing::info!(clips = reasons.len(), folder = %folder.display(), "announcements can be recognised");
        Ok(Self { library: Arc::new(library), reasons })
    }

    /// Every fault of a folder, and how many clips could be recognised; nothing is kept.
    pub async fn examine(folder: &Path, prompts: &PromptStore) -> (usize, Vec<AnnouncementError>) {
        let files = match files(folder) {
            Ok(files) => files,
            Err(error) => return (0, vec![error]),
        };
        let (mut library, mut bench) = (Library::default(), Bench::default());
        let (mut good, mut faults) = (0, Vec::new());
        for file in files {
            let heard = prompts.examine(&file).await;
            let heard = heard.map_err(|error| AnnouncementError::Sound(file.clone(), error));
            let added =
                reason_of(&file).and_then(|reason| add(&mut library, &mut bench, &file, reason, &heard?));
            match added {
                Ok(()) => good += 1,
                Err(fault) => faults.push(fault),
            }
        }
        (good, faults)
    }

    /// For the media path.
    pub fn library(&self) -> Arc<Library> {
        Arc::clone(&self.library)
    }

    /// What a clip says, and what it is called.
    pub fn said(&self, clip: u16) -> Option<(Reason, &str)> {
        Some((*self.reasons.get(usize::from(clip))?, self.library.name(clip)))
    }
}

/// Clips of one reason do not compete.
fn meaning(reason: Reason) -> u16 {
    Reason::ALL.iter().position(|one| *one == reason).unwrap_or_default() as u16
}

fn add(
    library: &mut Library,
    bench: &mut Bench,
    file: &Path,
    reason: Reason,
    pcm: &Pcm,
) -> Result<(), AnnouncementError> {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let added = library.add(&name, meaning(reason), pcm.samples(), bench);
    added.map(|_| ()).map_err(|TooShort { millis, least_millis }| {
        AnnouncementError::Short(file.to_owned(), millis, least_millis)
    })
}

/// The clips in the order of their names.
fn files(folder: &Path) -> Result<Vec<PathBuf>, AnnouncementError> {
    let unreadable = |error| AnnouncementError::Folder(folder.to_owned(), error);
    let entries = std::fs::read_dir(folder).map_err(unreadable)?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(unreadable)?.path();
        let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        if SOUND.contains(&ending.as_str()) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// `vacant-2.wav` says `vacant`.
fn reason_of(path: &Path) -> Result<Reason, AnnouncementError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let slug = name.split(['-', '.']).next().unwrap_or_default();
    let reason = slug.parse().ok().filter(|reason| SAID.contains(reason));
    reason.ok_or_else(|| AnnouncementError::Name(path.to_owned(), Reason::PoweredOff))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_what_it_says() {
        for (name, reason) in [
            ("powered_off.wav", Reason::PoweredOff),
            ("vacant-2.wav", Reason::Vacant),
            ("busy-cmcc-beijing.2026.mp3", Reason::Busy),
        ] {
            assert_eq!(reason_of(&Path::new("clips").join(name)).unwrap(), reason);
        }
        for name in ["switched_off.wav", "completed.wav", "-vacant.wav", "Vacant.wav"] {
            let error = reason_of(Path::new(name)).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains("powered_off-2.wav or so"), "{error}");
            assert!(error.contains("out_of_coverage, vacant, suspended"), "{error}");
        }
    }
}
