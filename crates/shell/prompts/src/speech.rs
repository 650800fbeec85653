//! Runs the text-to-speech command.

use std::path::Path;
use std::process::{Output, Stdio};

use tokio::process::Command;

use crate::{PromptError, SpeechConfig};

/// Longest part of a command's complaint that goes into the error.
const COMPLAINT: usize = 300;

/// Has `text` spoken into `out`, an audio file of any format that can be decoded.
pub(crate) async fn speak(
    config: &SpeechConfig,
    text: &str,
    language: &str,
    out: &Path,
) -> Result<(), PromptError> {
    config.check()?;
    let voice = config.voice(language)?;
    let text_file = out.with_extension("txt");
    tokio::fs::write(&text_file, text)
        .await
        .map_err(|source| PromptError::Cache { path: text_file.clone(), source })?;
    let fill = |part: &String| {
        // The text goes last, so that nothing in it is taken for a placeholder.
        part.replace("{voice}", voice)
            .replace("{language}", language)
            .replace("{out}", &out.to_string_lossy())
            .replace("{text_file}", &text_file.to_string_lossy())
            .replace("{text}", text)
    };
    let words: Vec<String> = config.command.iter().map(fill).collect();
    let command = words.join(" ");
    let output = run(&words, config, &command).await?;
    if !output.status.success() {
        return Err(PromptError::CommandFailed {
            command,
            status: output.status.to_string(),
            stderr: beginning(&output.stderr),
        });
    }
    match tokio::fs::metadata(out).await {
        Ok(written) if written.len() > 0 => Ok(()),
        _ => Err(PromptError::CommandSilent { command }),
    }
}

async fn run(words: &[String], config: &SpeechConfig, command: &str) -> Result<Output, PromptError> {
    let (program, arguments) =
        words.split_first().ok_or_else(|| PromptError::Interrupted("the command is empty".into()))?;
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|source| PromptError::CommandMissing { program: program.clone(), source })?;
    match tokio::time::timeout(config.timeout, child.wait_with_output()).await {
        Ok(Ok(output)) => Ok(output),
        Ok(Err(e)) => Err(PromptError::Interrupted(e.to_string())),
        Err(_) => Err(PromptError::CommandTimeout { command: command.to_owned(), after: config.timeout }),
    }
}

fn beginning(complaint: &[u8]) -> String {
    String::from_utf8_lossy(complaint).trim().chars().take(COMPLAINT).collect()
}
