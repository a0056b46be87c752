//! FHIR R4 as Epic, athenaPractice, CureMD and a plain server show it. Patients are `p1`, `p2` and so on, each with one
//! encounter of the same number.

use super::server::{Request, Response};
use super::{Kind, State, Written, number, outcome};
use serde_json::{Value, json};

pub(super) fn answer(kind: Kind, state: &mut State, request: &Request) -> Response {
    if request.path.ends_with("/token") {
        return token(state, request);
    }
    let Some(path) = request.path.strip_prefix("/fhir/") else { return Response::new(404, "") };
    let host = request.header("host");
    if path == ".well-known/smart-configuration" {
        return Response::json(
            200,
            &json!({"token_endpoint": format!("http://{host}/oauth2/token"),
            "authorization_endpoint": format!("http://{host}/oauth2/authorize"),
            "code_challenge_methods_supported": ["S256"]}),
        )
        .with(
            "Date",
            jiff::Zoned::now()
                .with_time_zone(jiff::tz::TimeZone::UTC)
                .strftime("%a, %d %b %Y %H:%M:%S GMT")
                .to_string(),
        );
    }
    if path == "metadata" {
        return Response::json(200, &statement(kind));
    }
    if kind != Kind::Fhir && request.header("authorization") != format!("Bearer token-{}", state.tokens) {
        return Response::new(401, "");
    }
    let mut parts = path.split('/');
    let (resource, id) = (parts.next().unwrap_or(""), parts.next());
    match (request.method.as_str(), resource, id) {
        ("POST", ..) if kind == Kind::CureMd || kind == Kind::Fhir => Response::new(405, ""),
        ("POST", "DocumentReference", None) => document(kind, state, &request.json()),
        ("POST", "Condition", None) if kind == Kind::Epic => condition(state, &request.json()),
        ("POST", ..) => Response::new(403, ""),
        (_, "Patient", Some(id)) => one(number(id).map(patient)),
        (_, "Patient", None) => patients(request),
        (_, "Encounter", Some("other")) => one(Some(encounter("other", "p999"))),
        (_, "Encounter", Some(id)) => one(number(id).map(|n| encounter(id, &format!("p{n}")))),
        (_, "Encounter", None) => {
            let patient = request.asked("patient").unwrap_or_default();
            let n = number(patient).unwrap_or(0);
            // One of another patient's slipped in: a server that joins carelessly.
            bundle(vec![encounter(&format!("e{n}"), patient), encounter("other", "p999")])
        }
        (_, "Coverage", None) => {
            bundle(vec![json!({"resourceType": "Coverage", "id": "c1", "status": "active",
            "order": "1", "subscriberId": 12345, "payor": [{"display": "Medicare Part B"}]})])
        }
        (_, "Appointment", None) => {
            bundle(vec![json!({"resourceType": "Appointment", "id": "a1", "status": "booked",
            "start": "2026-12-01T09:00:00Z"})])
        }
        (_, "Binary", Some(id)) => {
            let of = id.strip_prefix('b').unwrap_or_default();
            let data = state.written.iter().find(|w| w.id == of);
            one(data.map(
                |w| json!({"resourceType": "Binary", "data": w.body.pointer("/content/0/attachment/data")}),
            ))
        }
        (_, "DocumentReference" | "Condition", Some(id)) => {
            let found = state.written.iter().find(|w| w.kind == resource && w.id == id);
            one(found.map(shown))
        }
        (_, "DocumentReference" | "Condition", None) => {
            let subject = format!("Patient/{}", request.asked("patient").unwrap_or_default());
            let of = |w: &&Written| w.kind == resource && w.body["subject"]["reference"] == subject.as_str();
            bundle(state.written.iter().filter(of).map(shown).collect())
        }
        _ => Response::new(404, ""),
    }
}

/// Epic shows a document's text as a Binary of its own.
fn shown(written: &Written) -> Value {
    let mut body = written.body.clone();
    body["id"] = written.id.clone().into();
    if written.kind == "DocumentReference" {
        body["date"] = "2026-11-22T09:30:00Z".into();
        body["content"][0]["attachment"] =
            json!({"contentType": "text/plain", "url": format!("Binary/b{}", written.id)});
    }
    body
}

fn token(state: &mut State, request: &Request) -> Response {
    let form = request.form();
    let of = |name: &str| form.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str());
    let known = match of("grant_type") {
        "client_credentials" if !of("client_assertion").is_empty() => {
            state.assertions.push(of("client_assertion").to_owned());
            of("client_assertion_type").ends_with("jwt-bearer")
                && of("client_assertion").split('.').count() == 3
        }
        "client_credentials" => request.header("authorization").starts_with("Basic "),
        "authorization_code" => of("code") == "the-code" && of("code_verifier").len() >= 43,
        "refresh_token" => of("refresh_token").starts_with("refresh-"),
        _ => false,
    };
    if !known {
        return Response::json(400, &json!({"error": "invalid_client", "error_description": null}));
    }
    state.tokens += 1;
    let mut body = json!({"access_token": format!("token-{}", state.tokens), "token_type": "bearer", "expires_in": "3600",
        "scope": "system/Patient.read system/Encounter.read system/Coverage.read system/Appointment.read \
                  system/DocumentReference.write system/Condition.write"});
    if matches!(of("grant_type"), "authorization_code" | "refresh_token") {
        body["refresh_token"] = format!("refresh-{}", state.tokens).into();
    }
    Response::json(200, &body)
}

fn statement(kind: Kind) -> Value {
    let reads = ["Patient", "Encounter", "Coverage", "Appointment"];
    let mut resources: Vec<Value> = reads
        .iter()
        .map(|r| json!({"type": r, "interaction": [{"code": "read"}, {"code": "search-type"}]}))
        .collect();
    if matches!(kind, Kind::Epic | Kind::AthenaPractice) {
        resources.push(json!({"type": "DocumentReference", "interaction": [{"code": "create"}]}));
    }
    if kind == Kind::Epic {
        resources.push(json!({"type": "Condition", "interaction": [{"code": "create"}]}));
    }
    json!({"resourceType": "CapabilityStatement", "rest": [{"mode": "server", "resource": resources}]})
}

fn one(found: Option<Value>) -> Response {
    found.map_or_else(|| Response::json(404, &outcome("4101")), |f| Response::json(200, &f))
}

fn bundle(found: Vec<Value>) -> Response {
    let entries: Vec<Value> = found.into_iter().map(|resource| json!({"resource": resource})).collect();
    Response::json(200, &json!({"resourceType": "Bundle", "type": "searchset", "entry": entries}))
}

fn patient(n: u32) -> Value {
    // The same field now a number and now text; a name that is an attack.
    let id: Value = format!("p{n}").into();
    let family =
        if n == 666 { "<img src=x onerror=alert(1)>'; DROP TABLE patients;--\u{202e}" } else { "Exampleby" };
    json!({"resourceType": "Patient", "id": id, "active": true,
        "identifier": [{"type": {"coding": [{"code": "MR"}]}, "value": n}],
        "name": [{"use": "official", "family": family, "given": [format!("Ada{n}")]}],
        "gender": "female", "birthDate": "1960-05-04", "telecom": [{"system": "phone", "value": "217-555-0100"}]})
}

fn encounter(id: &str, patient: &str) -> Value {
    json!({"resourceType": "Encounter", "id": id, "status": "finished", "class": {"code": "IMP", "display": "inpatient"},
        "subject": {"reference": format!("Patient/{patient}")},
        "period": {"start": "2026-02-02T07:00:00Z", "end": "2026-02-04T10:00:00Z"}})
}

fn patients(request: &Request) -> Response {
    match (request.asked("family"), request.asked("identifier"), request.asked("page")) {
        (Some("Many"), ..) => Response::json(400, &outcome("4127")),
        (Some("Glass"), ..) => Response::json(403, &outcome("4130")),
        (Some("Paged"), _, page) => {
            let page: u32 = page.and_then(|p| p.parse().ok()).unwrap_or(1);
            let mut found = patient(page);
            found["name"][0]["family"] = "Paged".into();
            let mut body = json!({"resourceType": "Bundle", "entry": [{"resource": found}]});
            if page < 3 {
                body["link"] =
                    json!([{"relation": "next", "url": format!("Patient?family=Paged&page={}", page + 1)}]);
            }
            Response::json(200, &body)
        }
        (Some("Hostile"), ..) => {
            let mut found = patient(666);
            found["name"][0]["family"] =
                format!("Hostile{}", found["name"][0]["family"].as_str().unwrap()).into();
            bundle(vec![found])
        }
        // A server that ignores what it does not know answers with anybody.
        (Some("Ignored"), ..) => bundle(vec![patient(1), patient(2)]),
        (_, Some(id), _) => bundle(id.parse().ok().map(patient).into_iter().collect()),
        (Some(family), ..) if "exampleby".starts_with(&family.to_lowercase()) => {
            bundle(vec![patient(1), patient(2)])
        }
        _ => bundle(vec![]),
    }
}

fn stored(state: &mut State, kind: &str, prefix: &str, body: &Value) -> String {
    let id = format!("{prefix}{}", state.written.len() + 1);
    state.written.push(Written { id: id.clone(), kind: kind.to_owned(), body: body.clone() });
    id
}

fn document(kind: Kind, state: &mut State, body: &Value) -> Response {
    let patient =
        body["subject"]["reference"].as_str().and_then(|r| r.strip_prefix("Patient/")).unwrap_or_default();
    let encounter = body.pointer("/context/encounter/0/reference").and_then(Value::as_str);
    let content = body["content"][0]["attachment"]["contentType"].as_str().unwrap_or_default();
    let right = match kind {
        Kind::Epic => {
            // The encounter must be the same patient's: `p17` has `e17`.
            let fits =
                encounter.and_then(|e| e.strip_prefix("Encounter/")).and_then(number) == number(patient);
            encounter.is_some() && fits && content == "text/plain"
        }
        _ => content == "text/rtf" && body["authenticator"]["reference"].is_string(),
    };
    if !right || body["resourceType"] != "DocumentReference" {
        return Response::json(422, &outcome("59108"));
    }
    let id = stored(state, "DocumentReference", "d", body);
    // Epic: no ETag, no body, a relative Location. The other answers with what it stored.
    if kind == Kind::Epic {
        return Response::new(201, "").with("Location", format!("DocumentReference/{id}"));
    }
    let mut shown = body.clone();
    shown["id"] = id.into();
    Response::json(201, &shown)
}

fn condition(state: &mut State, body: &Value) -> Response {
    if body.pointer("/verificationStatus/coding/0/code").is_none_or(|c| c != "provisional") {
        return Response::json(422, &outcome("59012"));
    }
    let id = stored(state, "Condition", "c", body);
    Response::new(201, "").with("Location", format!("Condition/{id}"))
}
