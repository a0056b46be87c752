//! The test of a connection to athenaOne: the way, the clock, a token, and each list that can be asked for of nobody.

use super::athena_one::AthenaOne;
use super::fhir_probe::clock;
use crate::adapter::Adapter;
use crate::capability::{Capability, Support};
use crate::config::Modifiers;
use crate::probe::Probe;
use crate::transport::{Call, read_json};
use jiff::Timestamp;

impl AthenaOne {
    /// The way and the clock.
    pub(super) async fn reached(&self) -> Vec<Probe> {
        let transport = &self.signed_in.transport;
        // Whatever it says to nobody: that it says something, with a certificate that holds.
        match transport.read(|| Call::get("reach", self.base.clone())).await {
            Ok(answer) => vec![
                Probe::good("discovery", "athenahealth answers."),
                clock(answer.date.as_deref(), (transport.surroundings.now)()),
            ],
            Err(error) => vec![Probe::bad("discovery", &error), clock(None, Timestamp::UNIX_EPOCH)],
        }
    }

    /// Everything that can be checked without a patient and without a write.
    pub(super) async fn checks(&self) -> Vec<Probe> {
        let mut probes = vec![];
        match self.signed_in.token().await {
            Ok(token) => {
                probes.push(Probe::good("token", "athenahealth gave a token."));
                let said = token.is_some_and(|t| !t.scope.trim().is_empty());
                probes.push(Probe::note(
                    "scopes",
                    if said {
                        "One scope covers what the app was granted; each interface shows below."
                    } else {
                        "athenahealth does not say what it granted; each interface shows below."
                    },
                ));
            }
            Err(error) => {
                probes.push(Probe::bad("token", &error));
                let rest = Capability::ALL.into_iter().filter(|c| self.support(*c) == Support::Yes);
                probes.extend(rest.map(|c| Probe::skipped(c.name(), "Not checked: there is no token.")));
                return probes;
            }
        }
        let nobody = [("lastname", "Zzznobody"), ("firstname", "Zzznobody"), ("dob", "01/01/1900")];
        let asked = match self.url("patients", &nobody) {
            Ok(url) => self.signed_in.read(|| Call::get("search patients", url.clone())).await,
            Err(error) => Err(error),
        };
        probes.push(clock(
            asked.as_ref().ok().and_then(|a| a.date.as_deref()),
            (self.signed_in.transport.surroundings.now)(),
        ));
        probes.push(match asked.and_then(|answer| read_json(&answer)) {
            Ok(_) => Probe::good(Capability::PatientSearch.name(), "A search was answered."),
            Err(error) => Probe::bad(Capability::PatientSearch.name(), &error),
        });
        for capability in [Capability::Patient, Capability::Encounters, Capability::Coverage] {
            probes.push(Probe::note(capability.name(), "Shows at the first patient who is looked up."));
        }
        probes
            .push(self.lists(Capability::Appointments, "appointments/booked", "startdate", "enddate").await);
        probes.push(self.lists(Capability::ClaimRead, "claims", "servicestartdate", "serviceenddate").await);
        for capability in [Capability::NoteWrite, Capability::DocumentUpload] {
            probes.push(Probe::note(capability.name(), "Whether it is granted shows at the first note."));
        }
        probes.push(Probe::note(
            Capability::ProblemWrite.name(),
            "Not sent to athenaOne: the diagnoses stand on the claim.",
        ));
        let surgeons = self.config.provider_id.is_some() || !self.config.providers.is_empty();
        let set = self.config.department_id.is_some() && surgeons;
        probes.push(if set {
            Probe::note(
                Capability::ClaimCreate.name(),
                "Department and provider are set; whether claims are granted shows at the first one.",
            )
        } else {
            Probe::bad_words(
                Capability::ClaimCreate.name(),
                "Department and provider are not set.",
                "Please tell us the department id and the surgeon's provider id in athenaOne.",
            )
        });
        if self.config.modifiers == Modifiers::Refuse {
            probes.push(Probe::note(
                "modifiers",
                "Claims with modifiers go by 837P until athenahealth has confirmed how they are given.",
            ));
        }
        probes
    }

    /// Whether a day's list is shown, of nobody in particular.
    async fn lists(&self, capability: Capability, path: &str, from: &str, to: &str) -> Probe {
        let now = (self.signed_in.transport.surroundings.now)().to_zoned(jiff::tz::TimeZone::UTC);
        let today = now.strftime("%m/%d/%Y").to_string();
        let Some(department) = &self.config.department_id else {
            return Probe::skipped(capability.name(), "Not checked: the department is not set.");
        };
        let asked = [("departmentid", department.as_str()), (from, &today), (to, &today), ("limit", "1")];
        let answer = match self.url(path, &asked) {
            Ok(url) => self.get("check a list", url).await,
            Err(error) => Err(error),
        };
        match answer {
            Ok(_) => Probe::good(capability.name(), "A list was answered."),
            Err(error) => Probe::bad(capability.name(), &error),
        }
    }
}
