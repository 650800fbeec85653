//! How the API describes the types that are written as text, or as a map: their serde form is not their fields.

use std::borrow::Cow;

use utoipa::openapi::schema::{Object, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::{HourSpan, Number, Offset, Reason, ReasonRule, ReasonTable, Within};

macro_rules! texts {
    ($($name:ident $pattern:literal $example:literal $description:literal),* $(,)?) => {$(
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                text($pattern, $example, $description).into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }
    )*};
}

texts! {
    Number r"^(\+[0-9]{1,4}[0-9*]*|\*{4})$" "+8613800138000"
        "A telephone number in E.164. Its middle is masked for roles that need no whole numbers: +86138****8000.",
    HourSpan r"^[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}(\+1)?$" "10:00-11:00"
        "A span of the day, its end excluded. One that ends on the next day says so: 22:00-02:00+1.",
    Offset r"^-?[0-9]+(d|wd|w|m|y)$" "5wd"
        "A length on the calendar: days (d), working days (wd), weeks (w), months (m) or years (y).",
    Within r"^(-?[0-9]+(d|wd|w|m|y)|hesitation|period|event)$" "5wd"
        "A time limit: a length counted from the occasion's day, or the end of the hesitation period, of the calendar \
         period, or the day before the event.",
}

fn text(pattern: &str, example: &str, description: &str) -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .pattern(Some(pattern))
        .examples([example])
        .description(Some(description))
        .build()
}

impl PartialSchema for ReasonTable {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .description(Some("What follows each reason; those left out follow the vocabulary."))
            .property_names(Some(reasons()))
            .additional_properties(Some(Ref::from_schema_name(ReasonRule::name())))
            .into()
    }
}

impl ToSchema for ReasonTable {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("ReasonTable")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((ReasonRule::name().into_owned(), ReasonRule::schema()));
        ReasonRule::schemas(schemas);
    }
}

fn reasons() -> Schema {
    let slugs = Reason::ALL.iter().map(|reason| reason.slug());
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).enum_values(Some(slugs)).into()
}
