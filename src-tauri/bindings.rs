//! What crosses between the window and the page, as one JSON Schema; `ui/scripts/bindings.mjs` makes the page's types of it.
//!
//! Answers and events are described as they are written, arguments as they are read. A shape that is not the same in
//! both directions (something may be left out on the way in) stands there twice, the second time as `…Input`.

use crate::events::Told;
use iambilly_claim::Fault;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/ui/bindings.json");
const REFERENCE: &str = "#/definitions/";

/// Every command and event with its shapes.
pub(crate) struct Table {
    answers: SchemaGenerator,
    arguments: SchemaGenerator,
    /// Kept apart until the end: references of arguments may have to be renamed.
    taken: Map<String, Value>,
    answered: Map<String, Value>,
    about: Map<String, Value>,
    events: Map<String, Value>,
}

/// What a command returns, and the shape in it that the page gets; a fault is a rejection.
pub(crate) trait Answered {
    type Shape: JsonSchema;
}

impl<T: JsonSchema> Answered for Result<T, Fault> {
    type Shape = T;
}

impl Answered for () {
    type Shape = ();
}

impl Table {
    pub(crate) fn new() -> Self {
        let settings = SchemaSettings::draft07();
        Self {
            answers: settings.clone().for_serialize().into_generator(),
            arguments: settings.for_deserialize().into_generator(),
            taken: Map::new(),
            answered: Map::new(),
            about: Map::new(),
            events: Map::new(),
        }
    }

    pub(crate) fn taken<T: JsonSchema>(&mut self) -> Schema {
        self.arguments.subschema_for::<T>()
    }

    pub(crate) fn answered<R: Answered>(&mut self) -> Schema {
        self.answers.subschema_for::<R::Shape>()
    }

    pub(crate) fn command(&mut self, name: &str, about: &str, taken: Vec<(&str, Schema)>, answered: Schema) {
        let members = taken.into_iter().map(|(key, shape)| (key.to_owned(), shape.to_value()));
        // Tauri takes a missing argument for none; the page says none, so that nothing is forgotten.
        let twice = self.taken.insert(name.to_owned(), whole(members.collect()));
        assert!(twice.is_none(), "two commands are named {name}");
        self.answered.insert(name.to_owned(), answered.to_value());
        self.about.insert(name.to_owned(), about.into());
    }

    pub(crate) fn event<T: Told + JsonSchema>(&mut self) {
        let shape = self.answers.subschema_for::<T>().to_value();
        let twice = self.events.insert(T::NAME.to_owned(), shape);
        assert!(twice.is_none(), "two events are named {}", T::NAME);
    }

    /// All of it as one schema with the members `Commands` and `Events`.
    fn document(mut self) -> Value {
        let mut definitions = self.answers.take_definitions(false);
        definitions.values_mut().for_each(never_null_where_missing);
        let given = self.arguments.take_definitions(false);
        for name in definitions.keys().chain(given.keys()) {
            let plain = name.trim_end_matches(|c: char| c.is_ascii_digit());
            assert!(
                plain == name || !(definitions.contains_key(plain) || given.contains_key(plain)),
                "two types are named {plain}: give one another name with #[schemars(rename)]"
            );
        }
        let differing = differing(&definitions, &given);
        let rename = |name: &str| {
            if differing.contains(name) { format!("{name}Input") } else { name.to_owned() }
        };
        for (name, mut shape) in given {
            each_reference(&mut shape, &mut |name| *name = rename(name));
            definitions.insert(rename(&name), shape);
        }
        let mut commands = Map::new();
        for (name, mut args) in self.taken {
            each_reference(&mut args, &mut |name| *name = rename(name));
            let answer = self.answered.remove(&name).unwrap_or_default();
            let members = [("args".to_owned(), args), ("answer".to_owned(), answer)];
            let mut command = whole(members.into_iter().collect());
            command["description"] = self.about.remove(&name).unwrap_or_default();
            commands.insert(name, command);
        }
        definitions.insert("Commands".to_owned(), whole(commands));
        definitions.insert("Events".to_owned(), whole(self.events));
        let document = json!({
            "title": "Bindings",
            "type": "object",
            "properties": {
                "commands": {"$ref": "#/definitions/Commands"},
                "events": {"$ref": "#/definitions/Events"},
            },
            "required": ["commands", "events"],
            "definitions": definitions,
        });
        let mut document = Schema::try_from(document).unwrap();
        for transform in &mut SchemaSettings::draft07().transforms {
            transform.transform(&mut document);
        }
        document.to_value()
    }
}

/// An object of which every member is there.
fn whole(members: Map<String, Value>) -> Value {
    let required: BTreeSet<&String> = members.keys().collect();
    json!({"type": "object", "required": required, "properties": members, "additionalProperties": false})
}

/// What is left out where there is none (`skip_serializing_if`) is never written as null.
fn never_null_where_missing(written: &mut Value) {
    let required = written["required"].clone();
    let always = |name: &str| required.as_array().is_some_and(|all| all.iter().any(|one| one == name));
    let Some(members) = written.get_mut("properties").and_then(Value::as_object_mut) else { return };
    for (_, member) in members.iter_mut().filter(|(name, _)| !always(name)) {
        if let Some(types) = member.get_mut("type").and_then(Value::as_array_mut) {
            types.retain(|of| of != "null");
        }
        if let Some(either) = member.get_mut("anyOf").and_then(Value::as_array_mut) {
            either.retain(|of| of["type"] != "null");
        }
    }
}

/// Names that mean one shape written and another read, themselves or by what they refer to.
fn differing(written: &Map<String, Value>, read: &Map<String, Value>) -> BTreeSet<String> {
    let both: Vec<_> =
        read.iter().filter_map(|(name, shape)| Some((name, shape, written.get(name)?))).collect();
    let mut differing: BTreeSet<String> =
        both.iter().filter(|(_, read, written)| read != written).map(|(name, ..)| (*name).clone()).collect();
    loop {
        let known = differing.len();
        for (name, shape, _) in &both {
            let mut refers = false;
            each_reference(&mut (*shape).clone(), &mut |to| refers |= differing.contains(to));
            if refers {
                differing.insert((*name).clone());
            }
        }
        if differing.len() == known {
            return differing;
        }
    }
}

fn each_reference(within: &mut Value, act: &mut dyn FnMut(&mut String)) {
    match within {
        Value::Object(members) => {
            for (key, member) in members {
                match member {
                    Value::String(to) if key == "$ref" => {
                        let mut name = to.strip_prefix(REFERENCE).unwrap().to_owned();
                        act(&mut name);
                        *to = format!("{REFERENCE}{name}");
                    }
                    member => each_reference(member, act),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each_reference(item, act)),
        _ => {}
    }
}

/// What of two descriptions is not the same, by name.
fn changed<'a>(kept: &'a Value, now: &'a Value) -> BTreeSet<&'a String> {
    let parts = |of: &'a Value| {
        let definitions = of["definitions"].as_object().into_iter().flatten();
        let members = |name: &str| of["definitions"][name]["properties"].as_object().into_iter().flatten();
        definitions
            .filter(|(name, _)| !["Commands", "Events"].contains(&name.as_str()))
            .chain(members("Commands"))
            .chain(members("Events"))
            .collect::<Vec<_>>()
    };
    let (kept, now) = (parts(kept), parts(now));
    let missing = |from: &Vec<(&'a String, &'a Value)>, other: &Vec<(&'a String, &'a Value)>| {
        from.iter().filter(|part| !other.contains(part)).map(|(name, _)| *name).collect::<Vec<_>>()
    };
    missing(&kept, &now).into_iter().chain(missing(&now, &kept)).collect()
}

#[test]
fn the_page_was_generated_from_what_commands_take_and_answer() {
    let mut table = Table::new();
    crate::describe(&mut table);
    crate::events::describe(&mut table);
    let now = table.document();
    assert!(now["definitions"]["Commands"]["properties"].as_object().unwrap().len() > 150);
    if std::env::var_os("IAMBILLY_WRITE_SNAPSHOTS").is_some() {
        std::fs::write(FILE, serde_json::to_string_pretty(&now).unwrap() + "\n").unwrap();
    }
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(FILE).unwrap()).unwrap();
    let changed = changed(&kept, &now);
    assert!(
        changed.is_empty() && kept == now,
        "{changed:?} cross otherwise than the page knows: write ui/bindings.json anew (scripts/bindings.sh)"
    );
}

#[test]
fn a_shape_read_otherwise_than_written_stands_twice() {
    #[derive(serde::Serialize, serde::Deserialize, JsonSchema)]
    struct Inner {
        word: Option<String>,
    }
    #[derive(serde::Serialize, serde::Deserialize, JsonSchema)]
    struct Outer {
        inner: Inner,
    }
    #[derive(serde::Serialize, serde::Deserialize, JsonSchema)]
    struct Same {
        word: String,
    }
    let mut table = Table::new();
    let taken = vec![("outer", table.taken::<Outer>()), ("same", table.taken::<Option<Same>>())];
    let answered = table.answered::<Result<(Outer, Same), Fault>>();
    table.command("try", "Tried.", taken, answered);
    let document = table.document();
    let shapes = document["definitions"].as_object().unwrap();
    let names: Vec<_> = shapes.keys().map(String::as_str).collect();
    assert_eq!(names, ["Commands", "Events", "Inner", "InnerInput", "Outer", "OuterInput", "Same"]);
    assert_eq!(shapes["Inner"]["required"], json!(["word"]));
    assert!(shapes["InnerInput"].get("required").is_none());
    let command = &shapes["Commands"]["properties"]["try"];
    let args = &command["properties"]["args"];
    assert_eq!(args["properties"]["outer"]["$ref"], "#/definitions/OuterInput");
    assert_eq!(args["required"], json!(["outer", "same"]), "none is said");
    assert_eq!(command["properties"]["answer"]["items"][0]["$ref"], "#/definitions/Outer");
    assert_eq!(command["description"], "Tried.");
}
