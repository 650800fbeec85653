//! Holds what the running server answers against its own description, more strictly than clients need: a field that the
//! description does not name is a fault.

use std::collections::BTreeSet;

use serde_json::{Value, json};

pub struct Described(Value);

impl Described {
    /// As served at `/api/v1/openapi.json`.
    pub fn new(mut document: Value) -> Self {
        let flattened = flattened(&document);
        let schemas = document["components"]["schemas"].as_object_mut().unwrap();
        for (name, schema) in schemas {
            close(schema, flattened.contains(name));
        }
        close_answers(&mut document["paths"]);
        Self(document)
    }

    /// Paths with their operations, as they stand in the document.
    pub fn paths(&self) -> &serde_json::Map<String, Value> {
        self.0["paths"].as_object().unwrap()
    }

    /// The path of the document that an address belongs to.
    fn path(&self, address: &str) -> Option<&str> {
        let address = address.split('?').next().unwrap();
        let fits = |path: &str| {
            path.split('/').count() == address.split('/').count()
                && path.split('/').zip(address.split('/')).all(|(p, a)| p == a || p.starts_with('{'))
        };
        let paths = self.paths().keys().map(String::as_str).filter(|path| fits(path));
        // A word goes before a parameter.
        paths.min_by_key(|path| path.matches('{').count())
    }

    /// Panics where an answer, or a body that was taken, is not as described.
    pub fn check(&self, method: &str, address: &str, body: Option<&Value>, status: u16, answer: &Value) {
        let name = format!("{method} {address} → {status}");
        let Some(path) = self.path(address) else {
            assert_eq!(status, 404, "{name} is not described");
            return;
        };
        let pointer = format!("/paths/{}/{}", path.replace('/', "~1"), method.to_lowercase());
        let Some(operation) = self.0.pointer(&pointer) else {
            assert_eq!(status, 405, "{name} is not described");
            return;
        };
        let told = &operation["responses"][status.to_string()];
        assert!(told.is_object(), "{name} is not described: {answer}");
        let told =
            told["$ref"].as_str().map_or(told, |to| self.0.pointer(to.trim_start_matches('#')).unwrap());
        if let Some(body) = body.filter(|_| status < 300) {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            self.fits(&format!("the body of {name}"), schema, body);
        }
        for (kind, content) in told["content"].as_object().into_iter().flatten() {
            if kind.ends_with("json") && content["schema"].is_object() {
                self.fits(&name, &content["schema"], answer);
            }
        }
    }

    /// What is wrong with an event of the stream, given as its lines: `event`, `id` where it has one, `data`.
    pub fn faults_of_event(&self, told: &Value) -> Vec<String> {
        self.faults(self.event(), told)
    }

    /// The names that events may have.
    pub fn event_names(&self) -> BTreeSet<String> {
        let (mut names, mut left) = (BTreeSet::new(), vec![self.event()]);
        while let Some(schema) = left.pop() {
            let to = schema["$ref"].as_str().and_then(|to| self.0.pointer(to.trim_start_matches('#')));
            left.extend(to);
            for word in ["oneOf", "allOf"] {
                left.extend(schema[word].as_array().into_iter().flatten());
            }
            let told = schema["properties"]["event"]["enum"].as_array().into_iter().flatten();
            names.extend(told.map(|name| name.as_str().unwrap().to_owned()));
        }
        names
    }

    fn event(&self) -> &Value {
        &self.0["paths"]["/api/v1/events"]["get"]["responses"]["200"]["content"]["text/event-stream"]["schema"]
    }

    fn fits(&self, name: &str, schema: &Value, value: &Value) {
        let faults = self.faults(schema, value);
        assert!(faults.is_empty(), "{name}: {faults:#?}\n{value:#}");
    }

    fn faults(&self, schema: &Value, value: &Value) -> Vec<String> {
        let mut schema = schema.clone();
        schema["components"] = self.0["components"].clone();
        let validator =
            jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap();
        validator.iter_errors(value).map(|fault| format!("{}: {fault}", fault.instance_path())).collect()
    }
}

/// Schemas that are part of others by `allOf`: alone they may not refuse the others' fields.
fn flattened(document: &Value) -> BTreeSet<String> {
    let (mut found, mut left) = (BTreeSet::new(), vec![document]);
    while let Some(value) = left.pop() {
        for part in value.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            parts(document, part, &mut found);
        }
        match value {
            Value::Object(fields) => left.extend(fields.values()),
            Value::Array(items) => left.extend(items),
            _ => {}
        }
    }
    found
}

fn parts(document: &Value, part: &Value, found: &mut BTreeSet<String>) {
    if let Some(name) = part.get("$ref").and_then(Value::as_str).and_then(|to| to.rsplit('/').next()) {
        let fresh = found.insert(name.to_owned());
        if fresh {
            parts(document, &document["components"]["schemas"][name], found);
        }
    }
    for word in ["allOf", "oneOf", "anyOf"] {
        for inner in part.get(word).and_then(Value::as_array).into_iter().flatten() {
            parts(document, inner, found);
        }
    }
}

fn close(schema: &mut Value, part: bool) {
    let Value::Object(fields) = schema else { return };
    let made_of_fields = fields.contains_key("properties") || fields.contains_key("allOf");
    if made_of_fields && !part && !fields.contains_key("additionalProperties") {
        fields.insert("unevaluatedProperties".to_owned(), json!(false));
    }
    for (word, inner) in fields {
        match (word.as_str(), inner) {
            ("properties", Value::Object(inner)) => inner.values_mut().for_each(|field| close(field, false)),
            ("items" | "additionalProperties", inner) => close(inner, false),
            ("allOf", Value::Array(inner)) => inner.iter_mut().for_each(|one| close(one, true)),
            ("oneOf" | "anyOf", Value::Array(inner)) => inner.iter_mut().for_each(|one| close(one, part)),
            _ => {}
        }
    }
}

/// The lists that stand in answers themselves.
fn close_answers(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (word, inner) in fields {
                if word == "schema" { close(inner, false) } else { close_answers(inner) }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close_answers),
        _ => {}
    }
}
