//! From a questionnaire's file to its graph.

use crate::{Problem, Problems, Questionnaire};

/// Reads and checks a questionnaire. `file_name` only names it in the problems, of which all found are listed.
pub fn parse(file_name: &str, source: &str) -> Result<Questionnaire, Problems> {
    let _ = source;
    Err(Problems {
        file: file_name.to_owned(),
        list: vec![Problem { place: None, message: String::new(), remedy: String::new() }],
    })
}
