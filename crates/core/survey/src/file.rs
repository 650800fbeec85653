//! From a questionnaire's file to its graph: YAML to nodes, nodes to typed sections, sections to a checked graph.

mod closings;
mod fields;
mod gates;
mod graph;
mod node;
mod questions;
mod reader;
mod report;
mod ring_back;
mod words;

use crate::{Problem, Problems, Questionnaire, QuestionnaireHash};
use sha2::{Digest, Sha256};

/// Reads and checks a questionnaire. `file_name` only names it in the problems, of which all found are listed.
///
/// YAML that cannot be read at all is one problem; everything else is looked at to its end.
pub fn parse(file_name: &str, source: &str) -> Result<Questionnaire, Problems> {
    let hash = QuestionnaireHash(Sha256::digest(source.as_bytes()).into());
    let read = node::read(source).map_err(|problem| vec![problem]).and_then(|root| reader::read(&root, hash));
    read.map_err(|mut list: Vec<Problem>| {
        list.sort_by_key(|problem| problem.place);
        Problems { file: file_name.to_owned(), list }
    })
}
