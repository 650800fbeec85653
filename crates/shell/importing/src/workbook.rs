//! Workbooks: the first sheet that has cells, read cell by cell.

use std::fs::File;
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom};

use calamine::{DataRef, Reader, Xlsx, XlsxCellReader, XlsxError, open_workbook_from_rs};
use intake::RowRead;
use ports::IntakeError;

use crate::portions::Rows;

/// Packed size at most.
const MOST: u64 = 64 * 1024 * 1024;
/// Unpacked size at most: the texts of a workbook are held in memory while it is read.
const MOST_UNPACKED: u64 = 512 * 1024 * 1024;

/// Opens a workbook and hands its rows to `take`.
pub(crate) fn open(
    mut file: File,
    bytes: u64,
    take: impl FnOnce(&mut dyn Rows) -> Result<(), IntakeError>,
) -> Result<(), IntakeError> {
    if bytes > MOST {
        let why = "the workbook is larger than 64 MiB: save the sheet as CSV UTF-8, which has no limit, and send that";
        return Err(IntakeError::NoList(why.to_owned()));
    }
    if unpacked(&mut file, MOST_UNPACKED)? > MOST_UNPACKED {
        let why = "the workbook unpacks to more than 512 MiB: save the sheet as CSV UTF-8, which has no limit, and send \
                   that";
        return Err(IntakeError::NoList(why.to_owned()));
    }
    let mut workbook: Xlsx<_> =
        open_workbook_from_rs(BufReader::new(file)).map_err(|error| broken(&error))?;
    for name in workbook.sheet_names() {
        let Ok(cells) = workbook.worksheet_cells_reader(&name) else { continue };
        let mut rows = SheetRows { cells, next: None, done: false, width: 0 };
        if rows.look()? {
            return take(&mut rows);
        }
    }
    Err(IntakeError::NoList(
        "the workbook has no sheet with cells: check that this is the right file".to_owned(),
    ))
}

/// How much is in the archive, counted as far as one more than `most`: what it says of itself may be wrong. What is no
/// archive has nothing in it, and is refused by who reads it.
fn unpacked(file: &mut File, most: u64) -> Result<u64, IntakeError> {
    let Ok(mut archive) = zip::ZipArchive::new(BufReader::new(&mut *file)) else { return rewound(file, 0) };
    let mut counted = 0;
    for place in 0..archive.len() {
        let Ok(entry) = archive.by_index(place) else { continue };
        // A part that breaks off is told of by who reads it.
        counted += io::copy(&mut entry.take(most + 1 - counted), &mut io::sink()).unwrap_or(0);
        if counted > most {
            break;
        }
    }
    drop(archive);
    rewound(file, counted)
}

fn rewound<T>(file: &mut File, then: T) -> Result<T, IntakeError> {
    let io = |error| IntakeError::Io { path: "the workbook".into(), error };
    file.seek(SeekFrom::Start(0)).map_err(io)?;
    Ok(then)
}

fn broken(error: &XlsxError) -> IntakeError {
    let password = matches!(error, XlsxError::Password);
    let remedy =
        if password { "take the password away" } else { "open it in a spreadsheet and save it again" };
    IntakeError::NoList(format!("the workbook cannot be read ({error}): {remedy}, or send CSV UTF-8"))
}

struct SheetRows<'a, RS: std::io::Read + std::io::Seek> {
    cells: XlsxCellReader<'a, RS>,
    /// The first cell of the next row: row and column from 0, text.
    next: Option<(u32, u32, String)>,
    done: bool,
    /// Of the first row. Sheets leave out the empty cells at a row's end.
    width: usize,
}

impl<RS: std::io::Read + std::io::Seek> SheetRows<'_, RS> {
    /// Whether a cell with a text follows.
    fn look(&mut self) -> Result<bool, IntakeError> {
        while self.next.is_none() && !self.done {
            match self.cells.next_cell().map_err(|error| broken(&error))? {
                None => self.done = true,
                Some(cell) => {
                    let text = text_of(cell.get_value());
                    if !text.trim().is_empty() {
                        let (row, column) = cell.get_position();
                        self.next = Some((row, column, text));
                    }
                }
            }
        }
        Ok(self.next.is_some())
    }
}

impl<RS: std::io::Read + std::io::Seek> Rows for SheetRows<'_, RS> {
    fn next_row(&mut self) -> Result<Option<RowRead>, IntakeError> {
        if !self.look()? {
            return Ok(None);
        }
        let mut cells = Vec::new();
        let mut here = None;
        while self.look()?
            && let Some((row, _, _)) = &self.next
            && here.is_none_or(|here| here == *row)
        {
            here = Some(*row);
            let Some((_, column, text)) = self.next.take() else { break };
            let place = column as usize;
            if cells.len() <= place {
                // A sheet has 16,384 columns at most.
                cells.resize(place + 1, String::new());
            }
            cells[place] = text;
        }
        if cells.len() < self.width {
            cells.resize(self.width, String::new());
        }
        if self.width == 0 {
            self.width = cells.len();
        }
        Ok(here.map(|row| Ok((u64::from(row) + 1, cells))))
    }
}

/// A cell as people see it: whole numbers without a fraction, dates as dates.
fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty | DataRef::Error(_) => String::new(),
        DataRef::Int(number) => number.to_string(),
        // Up to fifteen digits are exact, and telephone numbers have no more.
        DataRef::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(truth) => truth.to_string(),
        DataRef::DateTime(at) => {
            at.as_datetime().map_or_else(String::new, |at| at.format("%Y-%m-%d").to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// A workbook whose texts pack well.
    fn archive(unpacked: usize) -> File {
        let mut file = tempfile::tempfile().unwrap();
        let mut archive = zip::ZipWriter::new(&mut file);
        archive.start_file("xl/sharedStrings.xml", zip::write::SimpleFileOptions::default()).unwrap();
        for _ in 0..unpacked / 1024 {
            archive.write_all(&[b' '; 1024]).unwrap();
        }
        archive.finish().unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        file
    }

    #[test]
    fn what_unpacks_to_too_much_is_told_before_it_is_read() {
        let mut file = archive(1 << 20);
        assert!(file.metadata().unwrap().len() < 10_000, "it packs well");
        assert_eq!(unpacked(&mut file, 2 << 20).unwrap(), 1 << 20);
        assert_eq!(unpacked(&mut file, 1000).unwrap(), 1001, "no further than needed");
        let mut none = tempfile::tempfile().unwrap();
        assert_eq!(unpacked(&mut none, 1000).unwrap(), 0);
    }
}
