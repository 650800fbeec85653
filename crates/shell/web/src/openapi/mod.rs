//! The description of the API (OpenAPI 3.1). Methods, paths and roles come from the table of routes, schemas from the
//! structs that serde reads and writes; what is told here is what a route is for, and which of them it takes and gives.

mod book;
mod calls;
mod customers;
mod house;
mod operation;
mod plans;
mod proof;
mod work;

use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, PathsBuilder, Ref,
    ResponseBuilder,
};
use utoipa::{PartialSchema, ToSchema};

use self::book::Book;
use self::operation::operation;
use crate::auth::SESSION_COOKIE;
use crate::problem::{KINDS, Problem};
use crate::routes::{Route, Side, routes};

const ABOUT: &str = "Calls a company's customers back: customers, plans, tasks, calls, what people do, and the proof. \
    Times are RFC 3339, ids UUIDv7, lists come newest first and in parts. Machines send a token as `Authorization: \
    Bearer hf_…`; the console's own pages use their cookie. Each operation names the roles it serves. Errors are \
    problem details (RFC 9457) whose `detail` says what to do. Telephone numbers are masked for roles that need no \
    whole ones.";

const TAGS: [(&str, &str); 6] = [
    ("customers", "Customers, their waivers and opt-outs, and the lists they come in by."),
    ("plans", "Questionnaires, presets and plans: written, approved, foretold, started and stopped."),
    ("calls", "Attempts, their recordings and their signalling."),
    ("work", "Tasks and their moves, the call-back queue and the ladder's steps."),
    ("proof", "Certificates, coverage, and what goes on as it happens."),
    ("house", "The one switch, trunks, alarms, accounts, and probes for machines that watch."),
];

/// Whether a route belongs into the description.
fn described(route: &Route) -> bool {
    route.side == Side::Api && !route.path.starts_with("/assets/")
}

/// The whole document.
pub(crate) fn document() -> OpenApi {
    let mut book = book();
    let table: Vec<Route> = routes().into_iter().filter(described).collect();
    let mut paths = PathsBuilder::new();
    for route in &table {
        if let Some(entry) = book.take(&route.method, route.path) {
            let method = book::method_of(&route.method);
            let item = utoipa::openapi::PathItem::new(method, operation(route, entry));
            paths = paths.path(route.path, item);
        }
    }
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("huifang 回访")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(ABOUT)),
        )
        .tags(Some(TAGS.map(|(name, about)| TagBuilder::new().name(name).description(Some(about)).build())))
        .paths(paths)
        .components(Some(components(book)))
        .build()
}

fn book() -> Book {
    let mut book = Book::default();
    customers::tell(&mut book);
    plans::tell(&mut book);
    calls::tell(&mut book);
    work::tell(&mut book);
    proof::tell(&mut book);
    house::tell(&mut book);
    book
}

fn components(book: Book) -> utoipa::openapi::Components {
    let mut built = ComponentsBuilder::new().schema(Problem::name(), Problem::schema());
    let mut of_problem = Vec::new();
    Problem::schemas(&mut of_problem);
    for (name, schema) in book.schemas.into_iter().chain(of_problem) {
        built = built.schema(name, schema);
    }
    for (kind, _, title) in KINDS {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(Problem::name()))).build();
        let response = ResponseBuilder::new().description(*title).content(PROBLEM, content);
        built = built.response(*kind, response);
    }
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("A token of an account."));
    let session =
        ApiKeyValue::with_description(SESSION_COOKIE, "A person's login; writes from our own pages only.");
    built
        .security_scheme("token", SecurityScheme::Http(token.build()))
        .security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(session)))
        .build()
}

/// Media type of errors.
const PROBLEM: &str = "application/problem+json";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_told_and_nothing_else() {
        let told = book();
        let told: Vec<_> = told.keys().collect();
        let table: Vec<_> =
            routes().into_iter().filter(described).map(|r| (r.method.to_string(), r.path)).collect();
        for route in &table {
            assert!(
                told.contains(route),
                "{route:?} is not described: tell it in crates/shell/web/src/openapi"
            );
        }
        for route in &told {
            assert!(table.contains(route), "{route:?} is described and not served");
        }
    }

    #[test]
    fn a_name_means_one_schema() {
        let mut seen = std::collections::BTreeMap::new();
        for (name, schema) in book().schemas {
            let written = serde_json::to_value(&schema).unwrap();
            let before = seen.entry(name.clone()).or_insert_with(|| written.clone());
            assert_eq!(
                *before, written,
                "{name} names two schemas: give one another name by #[schema(as = …)]"
            );
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = serde_json::to_value(document()).unwrap();
        let mut left = vec![&document];
        let mut seen = 0;
        while let Some(value) = left.pop() {
            if let Some(to) = value.get("$ref").and_then(|to| to.as_str()) {
                seen += 1;
                assert!(document.pointer(to.trim_start_matches('#')).is_some(), "{to}");
            }
            match value {
                serde_json::Value::Object(fields) => left.extend(fields.values()),
                serde_json::Value::Array(items) => left.extend(items),
                _ => {}
            }
        }
        assert!(seen > 300, "{seen} references only");
    }
}
