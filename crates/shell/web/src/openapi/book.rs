//! What is told about each route, by method and path.

use std::collections::BTreeMap;

use axum::http::Method;
use utoipa::ToSchema;
use utoipa::openapi::path::HttpMethod;
use utoipa::openapi::schema::{Array, Schema};
use utoipa::openapi::{Ref, RefOr};

use crate::api::Items;
use crate::extract::PageAsked;

/// See the file's head.
#[derive(Default)]
pub(super) struct Book {
    entries: BTreeMap<(String, &'static str), Entry>,
    /// Schemas the entries refer to; the same one more than once.
    pub(super) schemas: Vec<(String, RefOr<Schema>)>,
}

/// One route.
#[derive(Default)]
pub(super) struct Entry {
    /// What it is for, in a sentence.
    pub(super) summary: &'static str,
    pub(super) tag: &'static str,
    /// Structs whose fields are parameters of the query.
    pub(super) query: Vec<RefOr<Schema>>,
    /// Headers that change what is answered, and how.
    pub(super) headers: Vec<(&'static str, &'static str)>,
    pub(super) takes: Vec<(&'static str, Option<RefOr<Schema>>)>,
    pub(super) gives: Vec<Answer>,
    /// When it answers 409.
    pub(super) conflict: Option<&'static str>,
}

/// One answer that is no problem document.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) about: &'static str,
    /// Media type; the schema of what is no file.
    pub(super) content: Option<(&'static str, Option<RefOr<Schema>>)>,
}

/// One entry while it is told.
pub(super) struct Telling<'a> {
    entry: &'a mut Entry,
    schemas: &'a mut Vec<(String, RefOr<Schema>)>,
}

const JSON: &str = "application/json";

impl Book {
    pub(super) fn get(
        &mut self,
        tag: &'static str,
        path: &'static str,
        summary: &'static str,
    ) -> Telling<'_> {
        self.tell("GET", tag, path, summary)
    }

    pub(super) fn post(
        &mut self,
        tag: &'static str,
        path: &'static str,
        summary: &'static str,
    ) -> Telling<'_> {
        self.tell("POST", tag, path, summary)
    }

    pub(super) fn tell(
        &mut self,
        method: &str,
        tag: &'static str,
        path: &'static str,
        summary: &'static str,
    ) -> Telling<'_> {
        let entry = self.entries.entry((method.to_owned(), path)).or_default();
        *entry = Entry { summary, tag, ..Entry::default() };
        Telling { entry, schemas: &mut self.schemas }
    }

    /// What is told about a route.
    pub(super) fn take(&mut self, method: &Method, path: &'static str) -> Option<Entry> {
        self.entries.remove(&(method.to_string(), path))
    }

    #[cfg(test)]
    pub(super) fn keys(&self) -> impl Iterator<Item = (String, &'static str)> {
        self.entries.keys().cloned()
    }
}

impl Telling<'_> {
    fn named<T: ToSchema>(&mut self) -> RefOr<Schema> {
        T::schemas(self.schemas);
        self.schemas.push((T::name().into_owned(), T::schema()));
        Ref::from_schema_name(T::name()).into()
    }

    fn inline<T: ToSchema>(&mut self) -> RefOr<Schema> {
        T::schemas(self.schemas);
        T::schema()
    }

    /// The fields of `T` in the query.
    pub(super) fn asks<T: ToSchema>(mut self) -> Self {
        let schema = self.inline::<T>();
        self.entry.query.push(schema);
        self
    }

    /// A header that may be sent.
    pub(super) fn heeds(self, header: &'static str, about: &'static str) -> Self {
        self.entry.headers.push((header, about));
        self
    }

    /// A part of a longer list.
    pub(super) fn in_parts<T: ToSchema>(self) -> Self {
        let mut told = self.asks::<PageAsked>();
        let list = told.inline::<ports::PageOf<T>>();
        let _ = told.named::<T>();
        told.answers(200, "The part asked for, newest first.", Some((JSON, Some(list))))
    }

    /// A list that has no further parts.
    pub(super) fn lists<T: ToSchema>(mut self) -> Self {
        let list = self.inline::<Items<T>>();
        let _ = self.named::<T>();
        self.answers(200, "The list.", Some((JSON, Some(list))))
    }

    /// A JSON body.
    pub(super) fn takes<T: ToSchema>(mut self) -> Self {
        let schema = self.named::<T>();
        self.entry.takes.push((JSON, Some(schema)));
        self
    }

    /// A JSON array as the body.
    pub(super) fn takes_many<T: ToSchema>(mut self) -> Self {
        let many = Array::new(self.named::<T>());
        self.entry.takes.push((JSON, Some(many.into())));
        self
    }

    /// A file as the body, in one of these media types.
    pub(super) fn takes_file(self, kinds: &[&'static str]) -> Self {
        self.entry.takes.extend(kinds.iter().map(|kind| (*kind, None)));
        self
    }

    /// 200 with JSON.
    pub(super) fn gives<T: ToSchema>(mut self, about: &'static str) -> Self {
        let schema = self.named::<T>();
        self.answers(200, about, Some((JSON, Some(schema))))
    }

    /// 200 with a JSON array.
    pub(super) fn gives_many<T: ToSchema>(mut self, about: &'static str) -> Self {
        let many = Array::new(self.named::<T>());
        self.answers(200, about, Some((JSON, Some(many.into()))))
    }

    /// 201 with JSON.
    pub(super) fn makes<T: ToSchema>(mut self, about: &'static str) -> Self {
        let schema = self.named::<T>();
        self.answers(201, about, Some((JSON, Some(schema))))
    }

    /// 204.
    pub(super) fn gives_nothing(self, about: &'static str) -> Self {
        self.answers(204, about, None)
    }

    /// 200 with a stream; `T` is one event of it.
    pub(super) fn streams<T: ToSchema>(mut self, about: &'static str) -> Self {
        let schema = self.named::<T>();
        self.answers(200, about, Some(("text/event-stream", Some(schema))))
    }

    /// A file.
    pub(super) fn gives_file(self, status: u16, kind: &'static str, about: &'static str) -> Self {
        self.answers(status, about, Some((kind, None)))
    }

    /// JSON with a status of its own.
    pub(super) fn says<T: ToSchema>(mut self, status: u16, about: &'static str) -> Self {
        let schema = self.named::<T>();
        self.answers(status, about, Some((JSON, Some(schema))))
    }

    /// A status without content, or with a file.
    pub(super) fn answers(
        self,
        status: u16,
        about: &'static str,
        content: Option<(&'static str, Option<RefOr<Schema>>)>,
    ) -> Self {
        self.entry.gives.push(Answer { status, about, content });
        self
    }

    /// When it answers 409.
    pub(super) fn refuses(self, when: &'static str) -> Self {
        self.entry.conflict = Some(when);
        self
    }
}

/// The table's method in the document's words.
pub(super) fn method_of(method: &Method) -> HttpMethod {
    match method.as_str() {
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "PATCH" => HttpMethod::Patch,
        "DELETE" => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}
