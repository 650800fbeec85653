//! One operation of the document: the route's own facts, what is told about it, and the problems it can answer.

use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{
    ContentBuilder, KnownFormat, Ref, RefOr, Required, Response, ResponseBuilder, SecurityRequirement,
};

use super::PROBLEM;
use super::book::{Answer, Entry};
use crate::problem::KINDS;
use crate::routes::{Gate, Route};

pub(super) fn operation(route: &Route, entry: Entry) -> Operation {
    let roles: Vec<&str> = route.gate.roles().iter().map(|role| role.slug()).collect();
    let mut built = OperationBuilder::new()
        .tag(entry.tag)
        .summary(Some(entry.summary))
        .description(Some(whom(route.gate, &roles)))
        .operation_id(Some(operation_id(route)));
    for parameter in parameters(route, &entry) {
        built = built.parameter(parameter);
    }
    if !entry.takes.is_empty() {
        built = built.request_body(Some(body(&entry)));
    }
    for kind in problems(route, &entry) {
        let Some((_, status, _)) = KINDS.iter().find(|(name, ..)| *name == kind) else { continue };
        built = built.response(status.as_str(), RefOr::<Response>::Ref(Ref::from_response_name(kind)));
    }
    if let Some(when) = entry.conflict {
        built = built.response("409", problem(when));
    }
    for answer in entry.gives {
        built = built.response(answer.status.to_string(), response(answer));
    }
    if roles.is_empty() {
        return built.build();
    }
    let may = ExtensionsBuilder::new().add("x-roles", roles).build();
    built
        .security(SecurityRequirement::new("token", Vec::<String>::new()))
        .security(SecurityRequirement::new("session", Vec::<String>::new()))
        .extensions(Some(may))
        .build()
}

fn whom(gate: Gate, roles: &[&str]) -> String {
    match gate {
        Gate::Open => "For anybody.".to_owned(),
        Gate::Roles(_) => format!("For the roles {}.", roles.join(", ")),
        Gate::Metrics => format!(
            "For the roles {}; from loopback for anybody where the configuration says so.",
            roles.join(", ")
        ),
    }
}

/// Such as `get_customers_id_waivers`.
fn operation_id(route: &Route) -> String {
    let path = route.path.trim_start_matches("/api/v1").replace(['{', '}'], "").replace(['/', '-', '.'], "_");
    format!("{}{path}", route.method.as_str().to_lowercase())
}

fn parameters(route: &Route, entry: &Entry) -> Vec<Parameter> {
    let in_path = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut all: Vec<Parameter> = in_path.map(of_path).collect();
    for schema in &entry.query {
        let RefOr::T(Schema::Object(fields)) = schema else { continue };
        for (name, field) in &fields.properties {
            all.push(of_query(name, field, fields.required.contains(name)));
        }
    }
    all.extend(entry.headers.iter().map(|(name, about)| of_header(name, about)));
    all
}

fn of_header(name: &str, about: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(about))
        .schema(Some(ObjectBuilder::new().schema_type(SchemaType::Type(Type::String))))
        .build()
}

fn of_path(name: &str) -> Parameter {
    let id = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)));
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .schema(Some(id))
        .build()
}

/// A query has no null: what is absent is left out.
fn of_query(name: &str, field: &RefOr<Schema>, required: bool) -> Parameter {
    let (about, schema) = match field {
        RefOr::T(Schema::OneOf(one)) => {
            let given = one.items.iter().find(|item| !is_null(item)).unwrap_or(field);
            (one.description.clone(), given.clone())
        }
        RefOr::T(Schema::Object(object)) => {
            let mut given = object.clone();
            if let SchemaType::Array(types) = &object.schema_type {
                given.schema_type = types
                    .iter()
                    .find(|kind| **kind != Type::Null)
                    .map_or(SchemaType::AnyValue, |kind| SchemaType::Type(kind.clone()));
            }
            let about = given.description.take();
            (about, RefOr::T(Schema::Object(given)))
        }
        other => (None, other.clone()),
    };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(if required { Required::True } else { Required::False })
        .description(about)
        .schema(Some(schema))
        .build()
}

fn is_null(schema: &RefOr<Schema>) -> bool {
    matches!(schema, RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Null))
}

fn body(entry: &Entry) -> RequestBody {
    let mut body = RequestBodyBuilder::new().required(Some(Required::True));
    for (kind, schema) in &entry.takes {
        body = body.content(*kind, ContentBuilder::new().schema(schema.clone()).build());
    }
    body.build()
}

fn response(answer: Answer) -> Response {
    let built = ResponseBuilder::new().description(answer.about);
    match answer.content {
        Some((kind, schema)) => built.content(kind, ContentBuilder::new().schema(schema).build()).build(),
        None => built.build(),
    }
}

fn problem(when: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(when).content(PROBLEM, content).build()
}

/// Kinds of problems that follow from what a route is.
fn problems(route: &Route, entry: &Entry) -> Vec<&'static str> {
    let in_path = route.path.contains('{');
    let probe = !route.path.starts_with("/api/");
    let mut kinds = Vec::new();
    if in_path || !entry.query.is_empty() || !entry.takes.is_empty() {
        kinds.extend(["unreadable", "invalid"]);
    }
    if route.gate != Gate::Open {
        kinds.extend(["not_logged_in", "not_allowed"]);
    }
    // A body may name something that is not there, too.
    if in_path || !entry.takes.is_empty() {
        kinds.push("missing");
    }
    if !entry.takes.is_empty() {
        kinds.extend(["too_large", "wrong_media_type"]);
    }
    if !probe {
        kinds.extend(["internal", "unavailable"]);
    }
    kinds
}
