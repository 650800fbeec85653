//! A file's rows in portions, with what is known of the file at its end. Runs on a thread that may block.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use intake::{Fault, FaultCode, Field, Form, IntakeRow, Layout, RawRow, RowRead, Seen, TextRows, read_row};
use ports::{FaultyRow, FileLayout, FileRead, IntakeError};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use crate::form::{head_of, name_of};
use crate::workbook;

/// Rows of a portion.
const ROWS: usize = 5_000;
/// Rows shown before a yes.
const SAMPLE: usize = 10;
/// Columns at most; real lists have some dozens.
const COLUMNS: usize = 200;

/// Rows on their way into the store.
#[derive(Default)]
pub(crate) struct Portion {
    pub(crate) rows: Vec<IntakeRow>,
    pub(crate) faulty: Vec<FaultyRow>,
}

/// Where rows come from: a header line first.
pub(crate) trait Rows {
    /// The next row with its line; the inner error is a row that cannot be read.
    fn next_row(&mut self) -> Result<Option<RowRead>, IntakeError>;
}

/// Reads a file to its end. Stops early when nobody takes the portions any more.
pub(crate) fn read_file(path: &Path, to: &mpsc::Sender<Portion>) -> Result<FileRead, IntakeError> {
    let io = |error: io::Error| IntakeError::Io { path: path.to_owned(), error };
    let mut file = File::open(path).map_err(io)?;
    let (head, whole) = head_of(&mut file).map_err(io)?;
    let (sha256, bytes) = hash(&mut file).map_err(io)?;
    file.seek(SeekFrom::Start(0)).map_err(io)?;
    let mut read = FileRead { sha256, bytes, ..FileRead::default() };
    match intake::form(&head, whole) {
        Form::Xls => {
            let why = "this is a workbook of Excel 97–2003: save it as .xlsx or as CSV UTF-8, and send that";
            return Err(IntakeError::NoList(why.to_owned()));
        }
        Form::Xlsx => {
            "xlsx".clone_into(&mut read.layout.form);
            workbook::open(file, bytes, |rows| take(rows, &mut read, to))?;
        }
        Form::Text(encoding) => {
            let (text, _) = encoding.decode_with_bom_removal(&head);
            let delimiter = intake::delimiter(&text);
            read.layout = FileLayout {
                form: "csv".to_owned(),
                encoding: encoding.name().to_owned(),
                delimiter: name_of(delimiter),
                columns: Vec::new(),
            };
            let mut rows = OfText { rows: TextRows::new(BufReader::new(file), encoding, delimiter), path };
            take(&mut rows, &mut read, to)?;
        }
    }
    Ok(read)
}

struct OfText<'p, R> {
    rows: TextRows<R>,
    path: &'p Path,
}

impl<R: Read> Rows for OfText<'_, R> {
    fn next_row(&mut self) -> Result<Option<RowRead>, IntakeError> {
        self.rows.next_row().map_err(|error| IntakeError::Io { path: self.path.to_owned(), error })
    }
}

fn hash(file: &mut File) -> io::Result<(String, u64)> {
    file.seek(SeekFrom::Start(0))?;
    let (mut hash, mut bytes, mut part) = (Sha256::new(), 0_u64, vec![0; 256 * 1024]);
    loop {
        match file.read(&mut part)? {
            0 => return Ok((hex::encode(hash.finalize()), bytes)),
            count => {
                hash.update(&part[..count]);
                bytes += count as u64;
            }
        }
    }
}

fn take(rows: &mut dyn Rows, read: &mut FileRead, to: &mpsc::Sender<Portion>) -> Result<(), IntakeError> {
    let mut portion = Portion::default();
    let header = match rows.next_row()? {
        Some(Ok((_, header))) => header,
        Some(Err(fault)) => {
            read.faulty = 1;
            portion.faulty.push(FaultyRow { line: fault.line, faults: vec![fault], original: Vec::new() });
            return send(to, portion).map(drop);
        }
        None => Vec::new(),
    };
    if header.len() > COLUMNS {
        let why = format!("the header has {} columns: this is no list of customers", header.len());
        return Err(IntakeError::NoList(why));
    }
    let layout = match Layout::of(&header) {
        Ok(layout) => layout,
        Err(faults) => {
            // The header itself is the row to be mended.
            read.layout.columns = header
                .iter()
                .map(|header| intake::Column {
                    header: header.clone(),
                    field: Field::of_header(header).map(|field| field.name()),
                })
                .collect();
            (read.rows, read.faulty) = (1, 1);
            portion.faulty.push(FaultyRow { line: 1, faults, original: header });
            return send(to, portion).map(drop);
        }
    };
    read.layout.columns = layout.columns();
    let id_column = layout.columns().into_iter().find(|c| c.field.as_deref() == Some("external_id"));
    let mut reader = RowReader {
        layout,
        id_column: id_column.map_or_else(String::new, |c| c.header),
        seen: Seen::default(),
    };
    while let Some(row) = rows.next_row()? {
        read.rows += 1;
        match row {
            Ok((line, cells)) => {
                if read.sample.len() < SAMPLE {
                    read.sample.push(cells.clone());
                }
                match reader.row(line, &cells) {
                    Ok(row) => portion.rows.push(row),
                    Err(faults) => portion.faulty.push(FaultyRow { line, faults, original: cells }),
                }
            }
            Err(fault) => {
                portion.faulty.push(FaultyRow {
                    line: fault.line,
                    faults: vec![fault],
                    original: Vec::new(),
                });
            }
        }
        if portion.rows.len() + portion.faulty.len() >= ROWS {
            read.faulty += portion.faulty.len() as u64;
            if !send(to, std::mem::take(&mut portion))? {
                return Ok(());
            }
        }
    }
    if read.rows == 0 {
        let fault = Fault { line: 1, column: String::new(), code: FaultCode::NoRows, given: String::new() };
        read.rows = 1;
        portion.faulty.push(FaultyRow { line: 1, faults: vec![fault], original: header });
    }
    read.faulty += portion.faulty.len() as u64;
    send(to, portion).map(drop)
}

/// False when nobody listens any more: whoever took the portions knows why.
#[expect(clippy::unnecessary_wraps, reason = "callers answer its result")]
fn send(to: &mpsc::Sender<Portion>, portion: Portion) -> Result<bool, IntakeError> {
    Ok(to.blocking_send(portion).is_ok())
}

/// Rows by the layout of their file, each external id once.
struct RowReader {
    layout: Layout,
    id_column: String,
    seen: Seen,
}

impl RowReader {
    fn row(&mut self, line: u64, cells: &[String]) -> Result<IntakeRow, Vec<Fault>> {
        let whole = |code, given: String| vec![Fault { line, column: String::new(), code, given }];
        if cells.iter().any(|cell| cell.contains('\u{fffd}')) {
            return Err(whole(FaultCode::Garbled, String::new()));
        }
        // Spreadsheets leave out empty cells at a row's end, and add some.
        let width = self.layout.width();
        let longer = cells.iter().skip(width).any(|cell| !cell.trim().is_empty());
        if longer || cells.len() < width {
            return Err(whole(FaultCode::Cells, cells.len().to_string()));
        }
        let raw = RawRow::of_cells(&self.layout, cells.iter().map(String::as_str));
        let row = read_row(&raw, line, &self.layout)?;
        match self.seen.again(&row, &self.id_column) {
            Some(fault) => Err(vec![fault]),
            None => Ok(row),
        }
    }
}
