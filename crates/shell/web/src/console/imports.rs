//! Imports: a file is sent, its preview shown, and a yes or a no said.

use askama::Template;
use axum::body::Bytes;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, State};
use intake::Tongue;
use ports::{Import, ImportSource, ImportState, Page, PageOf};
use records::{ImportId, Number};
use serde::Deserialize;

use super::signed::{Signed, check_token};
use super::ui::{Ui, go, page as show};
use crate::act::{self, Broken};
use crate::api::imports::faults;
use crate::auth::Caller;
use crate::extract::{Asked, At};
use crate::front::Front;
use crate::import::RowError;
use crate::problem::{Problem, Reply};

const ROWS: u32 = 50;

/// The language of the page, for faults.
pub(super) fn tongue(ui: &Ui) -> Tongue {
    if ui.lang == crate::text::Lang::Zh { Tongue::Zh } else { Tongue::En }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Older {
    before: Option<uuid::Uuid>,
}

#[derive(Template)]
#[template(path = "imports.html")]
struct ImportsPage {
    ui: Ui,
    part: PageOf<Import>,
}

#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage {
    ui: Ui,
    import: Import,
    errors: Vec<RowError>,
}

impl ImportPage {
    fn waits(&self) -> bool {
        self.import.state == ImportState::Read
    }

    fn good(&self) -> u64 {
        self.import.rows - self.import.faulty
    }

    /// The file of errors holds whole numbers.
    fn may_fetch_errors(&self) -> bool {
        let own = self.ui.account.as_ref().is_some_and(|account| account.login == self.import.by);
        own || self.ui.sees_numbers()
    }

    /// A cell of the sample, masked where it is a number that this role does not see.
    fn cell(&self, text: &str) -> String {
        match Number::of_person(text) {
            Ok((number, _)) => self.ui.number(&number),
            Err(_) => text.to_owned(),
        }
    }
}

pub(crate) async fn list(State(front): State<Front>, ui: Ui, Asked(older): Asked<Older>) -> Reply {
    let part = front.desk.customers.imports(Page { before: older.before, limit: ROWS }).await?;
    show(&ImportsPage { ui, part })
}

pub(crate) async fn one(State(front): State<Front>, ui: Ui, At(id): At<ImportId>) -> Reply {
    let import = front.desk.customers.import(id).await?;
    let errors = act::errors(&front, &import, tongue(&ui)).await?;
    show(&ImportPage { ui, import, errors })
}

/// Takes the file of the form, once its token is found to fit; the token comes first.
pub(crate) async fn send(
    State(front): State<Front>,
    caller: Caller,
    form: Result<Multipart, MultipartRejection>,
) -> Reply {
    let mut form = form.map_err(|rejection| Problem::unreadable(rejection.body_text()))?;
    let mut signed = false;
    while let Some(field) = form.next_field().await? {
        match field.name() {
            Some("form_token") => {
                check_token(Some(&caller), &field.text().await?)?;
                signed = true;
            }
            Some("file") if signed => {
                let name = field.file_name().unwrap_or_default().to_owned();
                let octets = futures::stream::unfold(Some(field), |field| async {
                    let mut field = field?;
                    match field.chunk().await {
                        Ok(None) => None,
                        Ok(Some(part)) => Some((Ok::<Bytes, String>(part), Some(field))),
                        Err(error) => Some((Err(error.body_text()), None)),
                    }
                });
                let octets = Box::pin(octets);
                let import = act::read_file(&front, &caller, ImportSource::Console, &name, octets).await?;
                return go(&format!("/customers/imports/{}", import.id));
            }
            _ => {}
        }
    }
    check_token(Some(&caller), "")?;
    Err(Problem::unreadable("there is no file in the form: choose one"))
}

#[derive(Deserialize)]
pub(crate) struct Yes {
    #[serde(default)]
    broken: Broken,
}

pub(crate) async fn carry_out(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<ImportId>,
    Signed(yes): Signed<Yes>,
) -> Reply {
    act::carry_out(&front, &caller, id, yes.broken).await?;
    go(&format!("/customers/imports/{id}"))
}

#[derive(Deserialize)]
pub(crate) struct No {}

pub(crate) async fn drop_one(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<ImportId>,
    Signed(No {}): Signed<No>,
) -> Reply {
    act::drop_import(&front, &caller, id).await?;
    go(&format!("/customers/imports/{id}"))
}

pub(crate) async fn errors_file(
    State(front): State<Front>,
    caller: Caller,
    ui: Ui,
    At(id): At<ImportId>,
) -> Reply {
    faults(&front, &caller, id, tongue(&ui)).await
}
