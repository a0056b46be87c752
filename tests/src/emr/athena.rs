//! athenaOne's REST interface: forms in; ids now numbers and now text; a list of one where one belongs.

use super::server::{Request, Response};
use super::{State, Written, number};
use serde_json::{Value, json};

pub(super) fn answer(state: &mut State, request: &Request) -> Response {
    if request.path == "/oauth2/v1/token" {
        if !request.header("authorization").starts_with("Basic ") {
            return Response::json(401, &json!({"error": "invalid_client"}));
        }
        state.tokens += 1;
        let body =
            json!({"access_token": format!("token-{}", state.tokens), "expires_in": "3600", "scope": ""});
        return Response::json(200, &body);
    }
    if request.header("authorization") != format!("Bearer token-{}", state.tokens) {
        return Response::new(401, "");
    }
    let Some(path) = request.path.strip_prefix("/v1/195900/") else { return Response::new(404, "") };
    let parts: Vec<&str> = path.split('/').collect();
    match (request.method.as_str(), parts.as_slice()) {
        ("GET", ["patients"]) => {
            let found = request.asked("lastname").is_some_and(|n| "exampleby".starts_with(&n.to_lowercase()));
            let patients = if found { vec![patient("101"), patient("102")] } else { vec![] };
            Response::json(200, &json!({"totalcount": patients.len(), "patients": patients}))
        }
        ("GET", ["patients", id, "insurances"]) => Response::json(
            200,
            &json!({"insurances": [{"insuranceid": 7, "sequencenumber": "1", "insuranceidnumber": format!("M{id}"),
                "insuranceplanname": "Medicare Part B", "eligibilitystatus": "Eligible"}]}),
        ),
        ("GET", ["patients", id, "documents", "clinicaldocument"]) => {
            let of: Vec<Value> = state
                .written
                .iter()
                .filter(|w| w.kind == "note" && w.body["patientid"] == **id)
                .map(|w| json!({"clinicaldocumentid": w.id, "observationdate": w.body["observationdate"]}))
                .collect();
            Response::json(200, &json!({"clinicaldocuments": of}))
        }
        ("GET", ["patients", id]) => match id.parse::<u32>() {
            Ok(_) => Response::json(200, &json!([patient(id)])),
            Err(_) => Response::json(404, &json!({"error": "The patient does not exist."})),
        },
        ("GET", ["appointments", "booked"]) => {
            let id = request.asked("patientid").unwrap_or_default();
            Response::json(
                200,
                &json!({"appointments": [{"appointmentid": 9, "patientid": id, "encounterid": 31,
                "date": "02/02/2026", "starttime": "07:30", "appointmenttype": "Surgery"}]}),
            )
        }
        ("GET", ["claims"]) => claims(state, request),
        ("GET", ["claims", id]) => {
            let found = state.written.iter().find(|w| w.kind == "claim" && w.id == *id);
            found.map_or_else(
                || Response::json(404, &json!({"error": "none"})),
                |w| Response::json(200, &json!([shown(w)])),
            )
        }
        ("POST", ["claims"]) => create(state, request),
        ("POST", ["patients", id, "documents", "clinicaldocument"]) => {
            let mut body = form(request);
            if body["departmentid"].is_null() || body["attachmentcontents"].is_null() {
                return Response::json(400, &json!({"error": "missing"}));
            }
            body["patientid"] = (*id).into();
            let made = store(state, "note", body);
            Response::json(200, &json!({"success": true, "clinicaldocumentid": made.parse::<u32>().unwrap()}))
        }
        _ => Response::new(404, ""),
    }
}

fn patient(id: &str) -> Value {
    // A number for one, text for another.
    let shown: Value = match id.parse::<u32>() {
        Ok(n) if n % 2 == 1 => n.into(),
        _ => id.into(),
    };
    json!({"patientid": shown, "lastname": "Exampleby", "firstname": format!("Ada{}", number(id).unwrap_or(0)),
        "dob": "05/04/1960", "sex": "F", "status": "active", "homephone": "2175550100"})
}

fn form(request: &Request) -> Value {
    Value::Object(request.form().into_iter().map(|(name, value)| (name, value.into())).collect())
}

fn store(state: &mut State, kind: &str, body: Value) -> String {
    let id = (5569 + state.written.len()).to_string();
    state.written.push(Written { id: id.clone(), kind: kind.to_owned(), body });
    id
}

fn create(state: &mut State, request: &Request) -> Response {
    let mut body = form(request);
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let charges: Value = serde_json::from_str(&text("claimcharges")).unwrap_or(Value::Null);
    let complete = ["patientid", "departmentid", "supervisingproviderid"].iter().all(|n| !text(n).is_empty());
    let american = text("servicedate").split('/').count() == 3;
    if !complete || !american || !charges.is_array() {
        return Response::json(200, &json!({"success": false, "errormessage": "incomplete", "claimids": []}));
    }
    body["claimcharges"] = charges;
    let id = store(state, "claim", body);
    Response::json(200, &json!({"claimids": [id], "errormessage": "", "success": true}))
}

fn shown(written: &Written) -> Value {
    let lines = written.body["claimcharges"].as_array().cloned().unwrap_or_default();
    let procedures: Vec<Value> = lines
        .iter()
        .map(|l| json!({"procedurecode": l["procedurecode"], "chargeamount": l["unitamount"]}))
        .collect();
    json!({"claimid": written.id.parse::<u32>().unwrap(), "patientid": written.body["patientid"],
        "billedservicedate": written.body["servicedate"], "claimcreateddate": "02/03/2026", "procedures": procedures})
}

fn claims(state: &State, request: &Request) -> Response {
    let of = |w: &&Written| {
        w.kind == "claim"
            && w.body["patientid"] == request.asked("patientid").unwrap_or_default()
            && w.body["servicedate"] == request.asked("servicestartdate").unwrap_or_default()
    };
    // Two pages, so that paging is walked.
    let found: Vec<Value> = state.written.iter().filter(of).map(shown).collect();
    let offset: usize = request.asked("offset").and_then(|o| o.parse().ok()).unwrap_or(0);
    let page: Vec<Value> = found.iter().skip(offset).take(1).cloned().collect();
    let mut body = json!({"totalcount": found.len(), "claims": page});
    if offset + 1 < found.len() {
        let asked: Vec<String> =
            request.query.iter().filter(|(n, _)| n != "offset").map(|(n, v)| format!("{n}={v}")).collect();
        body["next"] = format!("/v1/195900/claims?{}&offset={}", asked.join("&"), offset + 1).into();
    }
    Response::json(200, &body)
}
