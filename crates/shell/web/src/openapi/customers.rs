//! Customers and how they come in.

use intake::RawRow;
use ports::{Alike, Import, Twin};
use records::{Customer, NewWaiver, Waiver};

use super::book::Book;
use crate::act::Imported;
use crate::api::customers::{ImportAsked, MergeAsked, Search};
use crate::api::imports::{InTongue, LISTS, Preview, Sent, Yes};

const TAG: &str = "customers";

pub(super) fn tell(book: &mut Book) {
    records(book);
    acts(book);
    waivers(book);
    imports(book);
}

fn records(book: &mut Book) {
    book.get(TAG, "/api/v1/customers", "Customers, those looked for where a search is given.")
        .asks::<Search>()
        .in_parts::<Customer>();
    book.get(TAG, "/api/v1/customers/{id}", "One customer.").gives::<Customer>("The customer.");
    book.tell(
        "PUT",
        TAG,
        "/api/v1/customers/{id}",
        "Writes a customer's record as a whole; the external id stays.",
    )
    .takes::<RawRow>()
    .gives::<Customer>("The record as it is kept.")
    .refuses("The customer has gone: merged into another one, or erased.");
    book.post(
        TAG,
        "/api/v1/customers",
        "Imports customers from a JSON array, new ones and changes, by external id.",
    )
    .asks::<ImportAsked>()
    .takes_many::<RawRow>()
    .gives::<Imported>("What was imported, and what is wrong with the rows left out.");
    book.post(
        TAG,
        "/api/v1/customers/import",
        "Imports customers from a file, at once and without a preview.",
    )
    .asks::<ImportAsked>()
    .takes_file(&LISTS)
    .gives::<Imported>("What was imported, and what is wrong with the rows left out.")
    .refuses("Another import is being carried out.");
}

fn acts(book: &mut Book) {
    book.get(
        TAG,
        "/api/v1/customers/alike",
        "Customers who may be one: they share a number, or name and branch, with an earlier one.",
    )
    .in_parts::<Alike>();
    book.post(
        TAG,
        "/api/v1/customers/{id}/opt-out",
        "Registers that the customer wants no calls by any plan.",
    )
    .gives::<Customer>("The customer.")
    .refuses("The customer has gone.");
    book.tell(
        "DELETE",
        TAG,
        "/api/v1/customers/{id}/opt-out",
        "Withdraws an opt-out: the customer wants calls again.",
    )
    .gives::<Customer>("The customer.")
    .refuses("There is no opt-out.");
    book.get(
        TAG,
        "/api/v1/customers/{id}/twins",
        "Customers who may be the same one: by number, or by name.",
    )
    .gives_many::<Twin>("The candidates.");
    book.post(
        TAG,
        "/api/v1/customers/{id}/merge",
        "Makes another customer part of this one; it cannot be undone.",
    )
    .takes::<MergeAsked>()
    .gives::<Customer>("The customer that stays.")
    .refuses("One of the two has gone, or is being called.");
    book.post(TAG, "/api/v1/customers/{id}/erase", "Erases who the customer is; it cannot be undone.")
        .gives_nothing("The personal data are gone.")
        .refuses("The customer has gone already, or is being called.");
}

fn waivers(book: &mut Book) {
    book.get(TAG, "/api/v1/customers/{id}/waivers", "The customer's written waivers.")
        .gives_many::<Waiver>("The waivers, revoked ones too.");
    book.post(
        TAG,
        "/api/v1/customers/{id}/waivers",
        "Registers a waiver with its contents and three signatures (L9.4).",
    )
    .takes::<NewWaiver>()
    .makes::<Waiver>("The waiver as registered.")
    .refuses("The customer has gone.");
    book.post(TAG, "/api/v1/waivers/{id}/revoke", "Revokes a waiver: its plans call again.")
        .gives_nothing("The waiver is revoked.")
        .refuses("It was revoked before.");
}

fn imports(book: &mut Book) {
    book.get(TAG, "/api/v1/imports", "Imports, by console, API and watched folder.").in_parts::<Import>();
    book.post(
        TAG,
        "/api/v1/imports",
        "Reads a file as far as its preview; nothing is imported before the yes.",
    )
    .asks::<Sent>()
    .takes_file(&LISTS)
    .makes::<Preview>("What the import would do, with its first faults.");
    book.get(TAG, "/api/v1/imports/{id}", "One import with its first faults.")
        .gives::<Preview>("The import.");
    book.get(
        TAG,
        "/api/v1/imports/{id}/errors.csv",
        "All faulty rows as they came, each with its fault and remedy.",
    )
    .asks::<InTongue>()
    .gives_file(200, "text/csv", "CSV with a byte order mark.");
    book.post(TAG, "/api/v1/imports/{id}/carry-out", "Says yes to an import that was read.")
        .asks::<Yes>()
        .gives::<Import>("The import with what it did.")
        .refuses("It is not one that waits for a yes.");
    book.post(TAG, "/api/v1/imports/{id}/drop", "Says no to an import that was read.")
        .gives::<Import>("The import, dropped.")
        .refuses("It is not one that waits for a yes.");
}
