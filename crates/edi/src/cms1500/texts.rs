//! What a claim says in each place of the form, by the place's key.

use iambilly_claim::claim::{Address, Claim, Provider, ServiceLine};
use iambilly_claim::form::{DateSpan, QualifiedDate, Signature};
use iambilly_claim::money::Cents;
use jiff::civil::Date;
use std::collections::HashMap;

/// Texts by the key of their place.
#[derive(Default)]
pub(super) struct Texts(HashMap<&'static str, String>);

impl Texts {
    pub(super) fn get(&self, key: &str) -> &str {
        self.0.get(key).map_or("", String::as_str)
    }
    fn put(&mut self, key: &'static str, text: impl Into<String>) {
        let text = text.into();
        if !text.trim().is_empty() {
            self.0.insert(key, text);
        }
    }
    fn some(&mut self, key: &'static str, text: Option<&String>) {
        if let Some(text) = text {
            self.put(key, text.as_str());
        }
    }
    fn mark(&mut self, key: &'static str, marked: bool) {
        if marked {
            self.put(key, "X");
        }
    }
    fn yes_no(&mut self, yes: &'static str, no: &'static str, said: Option<bool>) {
        self.mark(yes, said == Some(true));
        self.mark(no, said == Some(false));
    }
    /// Month, day, and the year in four digits or two.
    fn date(&mut self, [mm, dd, yy]: [&'static str; 3], written: Option<&str>, long: bool) {
        if let Some(date) = written.and_then(|w| w.trim().parse::<Date>().ok()) {
            self.put(mm, format!("{:02}", date.month()));
            self.put(dd, format!("{:02}", date.day()));
            self.put(
                yy,
                if long { format!("{:04}", date.year()) } else { format!("{:02}", date.year() % 100) },
            );
        }
    }
    fn address(&mut self, [street, city, state, zip]: [&'static str; 4], of: Option<&Address>) {
        if let Some(of) = of {
            self.put(street, street_of(of));
            self.some(city, of.city.as_ref());
            self.some(state, of.state.as_ref());
            self.some(zip, of.zip.as_ref());
        }
    }
    fn phone(&mut self, area: &'static str, rest: &'static str, written: Option<&String>) {
        let digits: Vec<char> =
            written.map(|w| w.chars().filter(char::is_ascii_digit).collect()).unwrap_or_default();
        let code = if digits.len() == 10 { 3 } else { 0 };
        self.put(area, digits.iter().take(code).collect::<String>());
        self.put(rest, digits.iter().skip(code).collect::<String>());
    }
    fn sex(&mut self, [male, female]: [&'static str; 2], written: Option<&str>) {
        let first = written.and_then(|w| w.trim().chars().next()).map(|c| c.to_ascii_uppercase());
        self.mark(male, first == Some('M'));
        self.mark(female, first == Some('F'));
    }
    fn qualified(&mut self, date: [&'static str; 3], qualifier: &'static str, of: Option<&QualifiedDate>) {
        if let Some(of) = of {
            self.date(date, Some(&of.date), true);
            self.put(qualifier, of.qualifier.as_str());
        }
    }
    fn span(&mut self, from: [&'static str; 3], to: [&'static str; 3], of: Option<&DateSpan>) {
        if let Some(of) = of {
            self.date(from, of.from.as_deref(), true);
            self.date(to, of.to.as_deref(), true);
        }
    }
    fn signature(&mut self, key: &'static str, date: Option<&'static str>, of: Option<&Signature>) {
        if of.is_some_and(|s| s.on_file == Some(true)) {
            self.put(key, "SIGNATURE ON FILE");
        }
        let written = of.and_then(|s| s.date.as_deref()).and_then(|d| d.trim().parse::<Date>().ok());
        if let (Some(key), Some(on)) = (date, written) {
            self.put(key, format!("{:02}/{:02}/{:04}", on.month(), on.day(), on.year()));
        }
    }
}

fn street_of(of: &Address) -> String {
    let parts = [of.line.as_deref(), of.line2.as_deref()];
    parts.into_iter().flatten().map(str::trim).filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" ")
}

fn city_line(of: &Address) -> String {
    let said = |part: &Option<String>| part.as_deref().unwrap_or_default().trim().to_owned();
    format!("{} {} {}", said(&of.city), said(&of.state), said(&of.zip))
}

/// `LAST, FIRST, MIDDLE` as the form wants it.
fn name(parts: [Option<&String>; 3]) -> String {
    let said = parts.into_iter().flatten().map(|t| t.trim()).filter(|t| !t.is_empty());
    said.collect::<Vec<_>>().join(", ")
}

/// An amount as the form has it: a space for the line that divides dollars and cents.
fn amount(cents: Cents) -> String {
    format!("{} {:02}", cents.0 / 100, cents.0 % 100)
}

fn cents(written: Option<&String>) -> Option<Cents> {
    written.and_then(|w| w.trim().parse().ok())
}

/// What stands on every sheet.
pub(super) fn claim_texts(claim: &Claim, account: &str) -> Texts {
    let mut t = Texts::default();
    coverage(&mut t, claim);
    insured(&mut t, claim);
    condition(&mut t, claim);
    providers(&mut t, claim);
    t.put("21.ind", "0");
    let letters =
        ["21.A", "21.B", "21.C", "21.D", "21.E", "21.F", "21.G", "21.H", "21.I", "21.J", "21.K", "21.L"];
    for (key, code) in letters.into_iter().zip(&claim.diagnoses) {
        t.put(key, code.replace('.', ""));
    }
    if let Some(frequency) = claim.frequency.as_ref().filter(|f| f.trim() != "1") {
        t.put("22", frequency.as_str());
        t.some("22.original", claim.original_reference.as_ref());
    }
    t.some("23", claim.prior_auth_number.as_ref());
    t.put("26", claim.patient.account.expose().clone().unwrap_or_else(|| account.to_owned()));
    t.yes_no("27.yes", "27.no", claim.accept_assignment.or(Some(true)));
    t.put("28", amount(claim.lines.iter().filter_map(|l| cents(l.charge.as_ref())).sum()));
    if let Some(paid) = cents(claim.amount_paid.as_ref()) {
        t.put("29", amount(paid));
    }
    t
}

fn coverage(t: &mut Texts, claim: &Claim) {
    let (patient, payer) = (&claim.patient, &claim.payer);
    let kind = match payer.kind.trim() {
        "medicare" => "1.medicare",
        "medicaid" => "1.medicaid",
        "commercial" => "1.group",
        _ => "1.other",
    };
    t.mark(kind, true);
    t.some("carrier.1", payer.name.as_ref());
    if let Some(address) = &payer.address {
        t.some("carrier.2", address.line.as_ref());
        t.some("carrier.3", address.line2.as_ref());
        t.put("carrier.4", city_line(address));
    }
    t.some("1a", patient.member_id.expose().as_ref());
    t.put("2", patient_name(claim));
    t.date(["3.mm", "3.dd", "3.yy"], patient.birth_date.expose().as_deref(), true);
    t.sex(["3.m", "3.f"], patient.sex.expose().as_deref());
    t.address(["5.street", "5.city", "5.state", "5.zip"], patient.address.expose().as_ref());
    t.phone("5.area", "5.phone", patient.phone.expose().as_ref());
}

fn patient_name(claim: &Claim) -> String {
    let patient = &claim.patient;
    name([patient.last.expose().as_ref(), patient.first.expose().as_ref(), patient.middle.expose().as_ref()])
}

fn insured(t: &mut Texts, claim: &Claim) {
    let insured = claim.insured.clone().unwrap_or_default();
    let own = insured.is_patient();
    let relation = insured.relationship.as_deref().unwrap_or_default().trim().to_lowercase();
    let key = match relation.as_str() {
        "spouse" => "6.spouse",
        "child" => "6.child",
        _ if own => "6.self",
        _ => "6.other",
    };
    t.mark(key, true);
    if !own {
        t.put(
            "4",
            name([
                insured.last.expose().as_ref(),
                insured.first.expose().as_ref(),
                insured.middle.expose().as_ref(),
            ]),
        );
        t.address(["7.street", "7.city", "7.state", "7.zip"], insured.address.expose().as_ref());
        t.phone("7.area", "7.phone", insured.phone.expose().as_ref());
    }
    t.some("11", insured.group.expose().as_ref());
    t.date(["11a.mm", "11a.dd", "11a.yy"], insured.birth_date.expose().as_deref(), true);
    t.sex(["11a.m", "11a.f"], insured.sex.expose().as_deref());
    if let Some(number) = insured.other_claim_id.expose() {
        t.put("11b.qualifier", "Y4");
        t.put("11b", number.as_str());
    }
    t.some("11c", insured.plan_name.as_ref());
    t.yes_no("11d.yes", "11d.no", Some(claim.other_insured.is_some()));
    let Some(other) = &claim.other_insured else { return };
    t.put(
        "9",
        if other.is_patient() {
            patient_name(claim)
        } else {
            name([
                other.last.expose().as_ref(),
                other.first.expose().as_ref(),
                other.middle.expose().as_ref(),
            ])
        },
    );
    t.some("9a", other.group.expose().as_ref().or(other.member_id.expose().as_ref()));
    t.some("9d", other.plan_name.as_ref().or(other.payer.as_ref().and_then(|p| p.name.as_ref())));
}

fn condition(t: &mut Texts, claim: &Claim) {
    if let Some(of) = &claim.condition {
        t.yes_no("10a.yes", "10a.no", of.employment);
        t.yes_no("10b.yes", "10b.no", of.auto_accident);
        t.some("10b.state", of.state.as_ref());
        t.yes_no("10c.yes", "10c.no", of.other_accident);
        t.some("10d", of.claim_codes.as_ref());
    }
    let signatures = claim.signatures.clone().unwrap_or_default();
    t.signature("12", Some("12.date"), signatures.patient.as_ref());
    t.signature("13", None, signatures.insured.as_ref());
    t.signature("31", Some("31.date"), signatures.physician.as_ref());
    t.qualified(["14.mm", "14.dd", "14.yy"], "14.qualifier", claim.illness.as_ref());
    t.qualified(["15.mm", "15.dd", "15.yy"], "15.qualifier", claim.other_date.as_ref());
    let work = claim.unable_to_work.as_ref();
    t.span(["16.from.mm", "16.from.dd", "16.from.yy"], ["16.to.mm", "16.to.dd", "16.to.yy"], work);
    let stay = claim.hospitalization.as_ref();
    t.span(["18.from.mm", "18.from.dd", "18.from.yy"], ["18.to.mm", "18.to.dd", "18.to.yy"], stay);
    t.some("19", claim.additional_information.expose().as_ref());
    let lab = claim.outside_lab.as_ref();
    t.yes_no("20.yes", "20.no", lab.map_or(Some(false), |l| l.used));
    if let Some(charge) = lab.and_then(|l| cents(l.charge.as_ref())) {
        t.put("20.charge", amount(charge));
    }
}

fn providers(t: &mut Texts, claim: &Claim) {
    let referring = claim.referring_provider.as_ref().map(|p| (p, "DN"));
    if let Some((provider, qualifier)) = referring.or(claim.supervising_provider.as_ref().map(|p| (p, "DQ")))
    {
        t.put(
            "17.qualifier",
            match provider.role.as_deref() {
                Some("ordering") => "DK",
                Some("supervising") => "DQ",
                _ => qualifier,
            },
        );
        t.put("17", provider.shown_name().unwrap_or_default());
        t.some("17b", provider.npi.as_ref());
        if let Some(other) = &provider.other_id {
            t.put("17a.qualifier", other.qualifier.as_str());
            t.put("17a", other.id.as_str());
        }
    }
    let facility = &claim.facility;
    t.some("32.name", facility.name.as_ref());
    if let Some(address) = &facility.address {
        t.put("32.street", street_of(address));
        t.put("32.city", city_line(address));
    }
    t.some("32a", facility.npi.as_ref());
    if let Some(other) = &facility.other_id {
        t.put("32b", format!("{}{}", other.qualifier, other.id));
    }
    billing(t, &claim.billing_provider);
}

fn billing(t: &mut Texts, of: &Provider) {
    t.some("25", of.tax_id.as_ref());
    let person = of.tax_id_type.as_deref().is_some_and(|k| k.trim().eq_ignore_ascii_case("ssn"));
    t.mark("25.ssn", person && of.tax_id.is_some());
    t.mark("25.ein", !person && of.tax_id.is_some());
    t.put("33.name", of.shown_name().unwrap_or_default());
    t.phone("33.area", "33.phone", of.phone.as_ref());
    if let Some(address) = of.pay_to.as_ref().or(of.address.as_ref()) {
        t.put("33.street", street_of(address));
        t.put("33.city", city_line(address));
    }
    t.some("33a", of.npi.as_ref());
    match (&of.other_id, &of.taxonomy) {
        (Some(other), _) => t.put("33b", format!("{}{}", other.qualifier, other.id)),
        (None, Some(taxonomy)) => t.put("33b", format!("ZZ{taxonomy}")),
        (None, None) => {}
    }
}

/// What stands on a row.
pub(super) fn line_texts(claim: &Claim, line: &ServiceLine) -> Texts {
    let mut t = Texts::default();
    t.some("24.shaded", line.supplement.as_ref());
    t.date(["24A.from.mm", "24A.from.dd", "24A.from.yy"], line.dos.as_deref(), false);
    let to = line.dos_to.as_deref().or(line.dos.as_deref());
    t.date(["24A.to.mm", "24A.to.dd", "24A.to.yy"], to, false);
    t.some("24B", line.pos.as_ref().or(claim.facility.pos.as_ref()));
    if line.emergency == Some(true) {
        t.put("24C", "Y");
    }
    t.put("24D", line.code.as_str());
    for (key, modifier) in ["24D.1", "24D.2", "24D.3", "24D.4"].into_iter().zip(&line.modifiers) {
        t.put(key, modifier.as_str());
    }
    t.put("24E", line.pointers.concat());
    if let Some(charge) = cents(line.charge.as_ref()) {
        t.put("24F", amount(charge));
    }
    if line.units > 0 {
        t.put("24G", line.units.to_string());
    }
    t.some("24H", line.epsdt.as_ref());
    let rendering = line.rendering_provider.as_ref().unwrap_or(&claim.rendering_provider);
    t.some("24J", rendering.npi.as_ref());
    if let Some(other) = &rendering.other_id {
        t.put("24I.shaded", other.qualifier.as_str());
        t.put("24J.shaded", other.id.as_str());
    }
    t
}
