//! Families of codes, so that a score can say where a reader is weak.
//!
//! Ranges of CPT code numbers in our own short words; a code outside all of them is "other".

/// First code, last code, family. The first range that holds a code names it.
const FAMILIES: &[(u32, u32, &str)] = &[
    (20930, 20939, "bone graft"),
    (22100, 22226, "osteotomy and vertebral resection"),
    (22305, 22328, "fracture and dislocation"),
    (22505, 22505, "other"),
    (22510, 22515, "vertebral augmentation"),
    (22532, 22534, "lateral extracavitary fusion"),
    (22548, 22554, "anterior cervical fusion"),
    (22556, 22586, "anterior and lateral fusion"),
    (22590, 22600, "posterior cervical fusion"),
    (22610, 22634, "posterior thoracolumbar fusion"),
    (22800, 22819, "deformity fusion"),
    (22830, 22830, "exploration and removal"),
    (22840, 22848, "instrumentation"),
    (22849, 22855, "exploration and removal"),
    (22856, 22865, "disc replacement"),
    (22867, 22870, "interspinous device"),
    (27278, 27280, "sacroiliac fusion"),
    (62263, 62327, "spinal puncture and injection"),
    (62350, 62370, "infusion pump"),
    (62380, 62380, "discectomy"),
    (63001, 63017, "laminectomy"),
    (63020, 63044, "discectomy"),
    (63045, 63053, "laminectomy"),
    (63055, 63066, "discectomy"),
    (63075, 63078, "anterior discectomy"),
    (63081, 63103, "corpectomy"),
    (63170, 63290, "intradural and extradural lesion"),
    (63295, 63308, "intradural and extradural lesion"),
    (63650, 63688, "spinal cord stimulation"),
    (63700, 63746, "dural repair and shunt"),
    (64400, 64455, "nerve block"),
    (64461, 64530, "nerve block"),
    (64600, 64681, "nerve destruction"),
    (99202, 99499, "visit"),
];

/// The family of a CPT or HCPCS code.
#[must_use]
pub fn family(code: &str) -> &'static str {
    // The finer ranges of injections stand inside those of nerve blocks.
    match code {
        "64479" | "64480" | "64483" | "64484" => return "transforaminal epidural",
        "64490" | "64491" | "64492" | "64493" | "64494" | "64495" => return "facet injection",
        _ => {}
    }
    let Ok(number) = code.parse::<u32>() else { return "other" };
    FAMILIES.iter().find(|(from, to, _)| (*from..=*to).contains(&number)).map_or("other", |f| f.2)
}

#[cfg(test)]
mod tests {
    use super::{FAMILIES, family};

    #[test]
    fn codes_find_their_family() {
        for (code, expected) in [
            ("22551", "anterior cervical fusion"),
            ("22633", "posterior thoracolumbar fusion"),
            ("63047", "laminectomy"),
            ("63030", "discectomy"),
            ("64483", "transforaminal epidural"),
            ("64493", "facet injection"),
            ("99213", "visit"),
            ("G2212", "other"),
            ("", "other"),
        ] {
            assert_eq!(family(code), expected, "{code}");
        }
    }

    #[test]
    fn ranges_are_in_order_and_apart() {
        for pair in FAMILIES.windows(2) {
            assert!(pair[0].0 <= pair[0].1 && pair[0].1 < pair[1].0, "{pair:?}");
        }
    }
}
