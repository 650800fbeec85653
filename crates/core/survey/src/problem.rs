//! What is wrong with a questionnaire file, where, and what to do about it.

use crate::Place;
use std::fmt;

/// One problem of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it is, when it is at one place.
    pub place: Option<Place>,
    /// What is wrong, without a full stop.
    pub message: String,
    /// What to do about it, without a full stop, or asked as a question.
    pub remedy: String,
}

/// Every problem found in one file, in the order of their places. Displayed one to a line:
/// `file:line:column: message. remedy.`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems {
    /// The file's name as given to [`crate::parse`].
    pub file: String,
    /// Never empty in an error.
    pub list: Vec<Problem>,
}

impl std::error::Error for Problems {}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.list.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{}:", self.file)?;
            if let Some(Place { line, column }) = problem.place {
                write!(f, "{line}:{column}:")?;
            }
            let stop = if problem.remedy.ends_with('?') { "" } else { "." };
            write!(f, " {}. {}{stop}", problem.message, problem.remedy)?;
        }
        Ok(())
    }
}
