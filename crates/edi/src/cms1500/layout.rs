//! Where each item stands on the form: points from the lower left corner of a letter page (612 × 792), measured on the
//! 02/12 form. Names are our own short words.

/// A place for text on the form.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    /// Its key: the item and, where it has several, the part.
    pub key: &'static str,
    /// Item of the form.
    pub item: &'static str,
    /// What stands there.
    pub name: &'static str,
    /// Left edge.
    pub x: f32,
    /// Baseline.
    pub y: f32,
    /// Width.
    pub width: f32,
}

impl Spot {
    /// Where its text begins on the page; `row` is that of a service line, from 1.
    pub(super) fn at(&self, row: Option<usize>) -> (f32, f32) {
        let lines = if self.key.ends_with("shaded") { &SHADED_Y } else { &LINE_Y };
        (self.x, row.and_then(|r| lines.get(r.saturating_sub(1))).copied().unwrap_or(self.y))
    }
}

/// Service lines on a page.
pub const LINES_A_PAGE: usize = 6;

/// Baselines of the six lines, and of the shaded rows above them.
pub(super) const LINE_Y: [f32; LINES_A_PAGE] = [242.9, 218.5, 194.8, 170.5, 146.5, 122.7];
pub(super) const SHADED_Y: [f32; LINES_A_PAGE] = [254.3, 230.4, 206.0, 182.2, 158.5, 134.4];

/// Advance of a character: Courier of ten points, twelve characters an inch.
pub(super) const ADVANCE: f32 = 6.0;
pub(super) const SIZE: f32 = 10.0;

macro_rules! spots {
    ($($key:literal $item:literal $name:literal $x:literal $y:literal $w:literal;)+) => {
        &[$(Spot { key: $key, item: $item, name: $name, x: $x, y: $y, width: $w }),+]
    };
}

/// Claim level, in the form's order.
pub(super) const SPOTS: &[Spot] = spots! {
    "carrier.1" "carrier" "payer" 322.3 756.3 218.5;
    "carrier.2" "carrier" "street" 322.3 743.3 218.5;
    "carrier.3" "carrier" "second line" 322.3 730.3 218.5;
    "carrier.4" "carrier" "city, state, ZIP" 322.3 717.3 218.5;
    "1.medicare" "1" "Medicare" 22.9 675.8 8.0;
    "1.medicaid" "1" "Medicaid" 71.3 675.8 8.0;
    "1.tricare" "1" "Tricare" 121.9 675.8 8.0;
    "1.champva" "1" "Champva" 186.8 675.8 8.0;
    "1.group" "1" "group plan" 237.3 675.8 8.0;
    "1.feca" "1" "FECA" 294.7 675.8 8.0;
    "1.other" "1" "other" 338.0 675.8 8.0;
    "1a" "1a" "member number" 376.9 676.8 209.0;
    "2" "2" "patient" 24.9 653.8 198.4;
    "3.mm" "3" "birth: month" 236.8 651.8 16.3;
    "3.dd" "3" "birth: day" 257.5 651.8 17.4;
    "3.yy" "3" "birth: year" 278.9 651.8 27.0;
    "3.m" "3" "male" 316.4 652.1 8.0;
    "3.f" "3" "female" 352.3 652.1 8.0;
    "4" "4" "insured" 376.9 652.8 209.0;
    "5.street" "5" "patient's street" 24.9 630.8 198.4;
    "5.city" "5" "patient's city" 24.9 605.8 172.1;
    "5.state" "5" "patient's state" 203.8 605.8 19.3;
    "5.zip" "5" "patient's ZIP" 24.9 579.8 86.0;
    "5.area" "5" "area" 122.3 579.8 21.6;
    "5.phone" "5" "telephone" 149.6 579.8 73.7;
    "6.self" "6" "self" 251.9 627.4 8.0;
    "6.spouse" "6" "spouse" 288.0 627.4 8.0;
    "6.child" "6" "child" 316.5 627.4 8.0;
    "6.other" "6" "other" 352.7 627.4 8.0;
    "7.street" "7" "insured's street" 377.4 630.8 209.0;
    "7.city" "7" "insured's city" 376.9 605.8 160.7;
    "7.state" "7" "insured's state" 547.9 605.8 26.9;
    "7.zip" "7" "insured's ZIP" 377.1 579.8 82.4;
    "7.area" "7" "area" 481.3 579.8 24.0;
    "7.phone" "7" "telephone" 509.2 579.8 77.6;
    "9" "9" "other insured" 24.6 556.9 198.4;
    "9a" "9a" "other policy or group" 24.9 534.4 198.4;
    "9d" "9d" "other plan" 25.4 461.8 198.4;
    "10a.yes" "10a" "employment: yes" 266.1 531.5 8.0;
    "10a.no" "10a" "employment: no" 310.0 531.5 8.0;
    "10b.yes" "10b" "auto accident: yes" 266.9 507.6 8.0;
    "10b.no" "10b" "auto accident: no" 310.7 507.6 8.0;
    "10b.state" "10b" "state" 336.4 508.5 19.4;
    "10c.yes" "10c" "other accident: yes" 266.4 484.3 8.0;
    "10c.no" "10c" "other accident: no" 310.2 484.3 8.0;
    "10d" "10d" "claim codes" 229.3 461.3 139.1;
    "11" "11" "policy or group" 376.9 556.9 209.0;
    "11a.mm" "11a" "birth: month" 394.4 530.5 18.0;
    "11a.dd" "11a" "birth: day" 414.7 530.5 18.7;
    "11a.yy" "11a" "birth: year" 436.4 530.5 35.0;
    "11a.m" "11a" "male" 503.9 531.6 8.0;
    "11a.f" "11a" "female" 555.1 531.6 8.0;
    "11b.qualifier" "11b" "qual." 372.1 508.8 15.7;
    "11b" "11b" "other claim number" 394.0 508.8 191.9;
    "11c" "11c" "plan" 376.9 484.8 209.0;
    "11d.yes" "11d" "other plan: yes" 388.2 459.6 8.0;
    "11d.no" "11d" "other plan: no" 424.5 459.6 8.0;
    "12" "12" "patient's signature" 56.0 415.8 180.1;
    "12.date" "12" "date" 272.6 415.8 95.3;
    "13" "13" "insured's signature" 412.4 415.8 172.5;
    "14.mm" "14" "illness: month" 26.9 386.8 18.0;
    "14.dd" "14" "illness: day" 47.5 386.8 19.0;
    "14.yy" "14" "illness: year" 68.9 386.8 33.7;
    "14.qualifier" "14" "qual." 130.5 386.8 77.6;
    "15.qualifier" "15" "qual." 234.5 386.8 23.9;
    "15.mm" "15" "other date: month" 279.1 386.8 18.0;
    "15.dd" "15" "other date: day" 300.8 386.8 17.7;
    "15.yy" "15" "other date: year" 322.1 386.8 27.0;
    "16.from.mm" "16" "no work from: month" 398.8 386.8 18.0;
    "16.from.dd" "16" "no work from: day" 420.8 386.8 19.7;
    "16.from.yy" "16" "no work from: year" 444.3 386.8 26.6;
    "16.to.mm" "16" "to: month" 501.6 386.8 18.0;
    "16.to.dd" "16" "to: day" 523.1 386.8 17.5;
    "16.to.yy" "16" "to: year" 543.6 386.8 27.0;
    "17.qualifier" "17" "qual." 21.2 364.2 17.7;
    "17" "17" "referring provider" 42.6 364.2 168.4;
    "17a.qualifier" "17a" "qual." 225.6 374.5 20.2;
    "17a" "17a" "other number" 246.3 374.5 121.3;
    "17b" "17b" "NPI" 247.6 362.8 119.0;
    "18.from.mm" "18" "hospital from: month" 398.8 362.8 18.0;
    "18.from.dd" "18" "hospital from: day" 420.8 362.8 19.7;
    "18.from.yy" "18" "hospital from: year" 444.3 362.8 27.0;
    "18.to.mm" "18" "to: month" 501.6 362.8 18.0;
    "18.to.dd" "18" "to: day" 523.1 362.8 17.5;
    "18.to.yy" "18" "to: year" 543.6 362.8 27.0;
    "19" "19" "additional information" 21.3 341.7 346.4;
    "20.yes" "20" "outside laboratory: yes" 389.1 339.5 8.0;
    "20.no" "20" "outside laboratory: no" 425.4 339.5 8.0;
    "20.charge" "20" "its charge" 472.5 341.6 65.2;
    "21.ind" "21" "ICD" 315.2 325.2 13.3;
    "21.A" "21" "A" 33.8 315.0 51.0;
    "21.B" "21" "B" 127.0 315.0 51.0;
    "21.C" "21" "C" 221.1 315.0 51.0;
    "21.D" "21" "D" 315.2 315.0 51.0;
    "21.E" "21" "E" 33.8 303.2 51.0;
    "21.F" "21" "F" 127.2 303.2 51.0;
    "21.G" "21" "G" 221.2 303.2 51.0;
    "21.H" "21" "H" 315.3 303.2 51.0;
    "21.I" "21" "I" 33.8 291.3 51.0;
    "21.J" "21" "J" 127.2 291.3 51.0;
    "21.K" "21" "K" 221.1 291.3 51.0;
    "21.L" "21" "L" 315.3 291.3 51.0;
    "22" "22" "frequency" 376.9 314.3 49.4;
    "22.original" "22" "original reference" 457.6 314.3 129.8;
    "23" "23" "prior authorisation" 374.9 291.8 211.7;
    "25" "25" "tax number" 20.9 100.8 112.0;
    "25.ssn" "25" "SSN" 138.2 99.9 8.0;
    "25.ein" "25" "EIN" 152.2 99.9 8.0;
    "26" "26" "account" 178.2 100.8 102.7;
    "27.yes" "27" "assignment: yes" 289.1 99.5 8.0;
    "27.no" "27" "assignment: no" 324.8 99.5 8.0;
    "28" "28" "total charge" 380.1 101.2 67.6;
    "29" "29" "amount paid" 463.1 101.2 56.7;
    "31" "31" "physician's signature" 19.9 56.9 156.0;
    "31.date" "31" "date" 113.4 45.0 62.5;
    "32.name" "32" "facility" 177.6 78.3 191.5;
    "32.street" "32" "facility's street" 177.6 66.8 191.5;
    "32.city" "32" "facility's city" 178.2 54.8 191.5;
    "32a" "32a" "NPI" 187.5 39.9 71.3;
    "32b" "32b" "other number" 272.5 39.9 95.6;
    "33.area" "33" "area" 488.9 87.8 22.4;
    "33.phone" "33" "telephone" 517.0 87.8 68.9;
    "33.name" "33" "billing provider" 372.2 78.1 213.7;
    "33.street" "33" "billing street" 372.2 66.1 213.7;
    "33.city" "33" "billing city" 372.2 54.1 213.7;
    "33a" "33a" "NPI" 380.8 39.9 71.6;
    "33b" "33b" "other number" 464.2 39.9 122.6;
};

/// A service line; baselines come from [`LINE_Y`], or [`SHADED_Y`] where the key ends in `shaded`.
pub(super) const LINE_SPOTS: &[Spot] = spots! {
    "24.shaded" "24" "supplement" 20.2 0.0 443.0;
    "24I.shaded" "24I" "qual." 478.9 0.0 21.0;
    "24J.shaded" "24J" "other number" 504.0 0.0 83.8;
    "24A.from.mm" "24A" "from: month" 20.2 0.0 18.0;
    "24A.from.dd" "24A" "from: day" 39.7 0.0 19.2;
    "24A.from.yy" "24A" "from: year" 61.0 0.0 19.7;
    "24A.to.mm" "24A" "to: month" 83.5 0.0 18.9;
    "24A.to.dd" "24A" "to: day" 104.4 0.0 20.5;
    "24A.to.yy" "24A" "to: year" 127.4 0.0 18.0;
    "24B" "24B" "place" 148.1 0.0 20.9;
    "24C" "24C" "emergency" 172.9 0.0 15.9;
    "24D" "24D" "code" 194.4 0.0 46.5;
    "24D.1" "24D" "modifier" 246.8 0.0 20.6;
    "24D.2" "24D" "modifier" 271.2 0.0 17.4;
    "24D.3" "24D" "modifier" 291.9 0.0 18.8;
    "24D.4" "24D" "modifier" 313.9 0.0 18.7;
    "24E" "24E" "pointers" 335.9 0.0 33.0;
    "24F" "24F" "charge" 373.2 0.0 59.1;
    "24G" "24G" "units" 437.1 0.0 24.8;
    "24H" "24H" "EPSDT" 466.5 0.0 12.0;
    "24J" "24J" "rendering NPI" 504.0 0.0 82.7;
};
