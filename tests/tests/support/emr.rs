//! A clinic with an approved claim and a connection to a simulated EMR.
#![allow(dead_code, reason = "each test file uses its part")]

use super::support::Clinic;
use iambilly_app::emr::NewConnection;
use iambilly_app::intake::{NewDictation, add_note};
use iambilly_app::paths::Paths;
use iambilly_app::review::Step;
use iambilly_app::session::{Config, Session, Unlock};
use iambilly_app::{Reader, Surroundings};
use iambilly_claim::Phi;
use iambilly_claim::ids::ClaimId;
use iambilly_tests::emr::Emr;
use serde_json::json;
use std::sync::Arc;
use uuid::Uuid;

const NOTE: &str = "Postoperative diagnosis: L4-5 lumbar spinal stenosis with neurogenic claudication, L4-5 degenerative \
spondylolisthesis, and left L4-5 lumbar disc herniation with radiculopathy.\nProcedure performed: left L4-5 \
microdiscectomy through a tubular retractor.\nThe disc fragment was removed and the left nerve root was free.";

pub async fn opened(clinic: &Clinic) -> Arc<Session> {
    opened_at(clinic, Surroundings::system()).await
}

/// With a clock of one's own.
pub async fn opened_at(clinic: &Clinic, surroundings: Surroundings) -> Arc<Session> {
    let mut paths = Paths::from_environment(&|_| None, std::path::Path::new("iambilly"));
    paths.data = clinic.data();
    paths.rules = clinic.folder.path().join("rules");
    paths.models = clinic.folder.path().join("models");
    let unlock = Unlock::passphrase(clinic.passphrase.clone());
    Session::open(Config::new(paths, 1), surroundings, unlock).await.unwrap()
}

/// An approved claim of the clinic's patient of this number.
pub async fn approved(session: &Arc<Session>, n: u32) -> ClaimId {
    let address = json!({"line1": "1 Test Way", "city": "Springfield", "state": "IL", "zip": "627011234"});
    let patient = json!({"id": format!("clinic-{n}"), "last": "Exampleby", "first": "Ada", "birth_date": "1960-05-04",
        "sex": "F", "member_id": "1EG4TE5MK73", "address": address});
    let providers = json!({
        "billing_provider": {"npi": "1234567893", "tax_id": "12-3456789", "taxonomy": "207T00000X",
            "name": "Spine Clinic", "address": address},
        "rendering_provider": {"npi": "1245319599", "taxonomy": "207T00000X", "role": "surgeon", "last": "Surgeon", "first": "Sam"},
        "facility": {"npi": "1245319599", "pos": "24", "name": "Test Surgery Center", "address": address}});
    let new = NewDictation {
        payer: "medicare".to_owned(),
        dos: "2026-02-02".parse().unwrap(),
        patient: serde_json::from_value(patient).unwrap(),
        providers: serde_json::from_value(providers).unwrap(),
        reader: Reader::Rules,
        ..NewDictation::default()
    };
    let dictation = add_note(session, Phi::new(NOTE.to_owned()), new).await.unwrap();
    session.work_on(dictation, &|_| {}).await.unwrap();
    let claim = session.dictation(dictation).await.unwrap().claim_id.unwrap();
    session.decide(claim, None, Step::Submit).await.unwrap();
    session.decide(claim, None, Step::Approve).await.unwrap();
    claim
}

pub fn connection(emr: &Emr, vendor: &str, sign_in: &str) -> NewConnection {
    serde_json::from_value(json!({"name": "The hospital", "config": {"vendor": vendor, "base_url": emr.base(),
        "sign_in": sign_in, "client_id": "iambilly", "timeout_seconds": 5, "department_id": "1", "provider_id": "71",
        "modifiers": "after_code"}, "clientSecret": "secret"}))
    .unwrap()
}

/// Says who a claim's patient is there.
pub async fn link(session: &Session, id: Uuid, claim: ClaimId, remote: &str) {
    session.link_emr(id, claim, Phi::new(remote.to_owned()), true).await.unwrap();
}
