//! What this program does not bill, refused clearly instead of written without what it needs.

use crate::error::EdiError;
use iambilly_claim::Claim;

/// Anaesthesia needs minutes and a surgical code, ambulances need a journey: neither is a surgeon's claim.
pub(super) fn check(claim: &Claim) -> Result<(), EdiError> {
    let codes = || claim.lines.iter().map(|l| l.code.trim());
    let number = |code: &str| code.parse::<u32>().ok().filter(|_| code.len() == 5);
    let anaesthesia = codes().any(|c| number(c).is_some_and(|n| (100..=1999).contains(&n)))
        || claim.rendering_provider.role.as_deref() == Some("anesthesia");
    if anaesthesia {
        return Err(EdiError::Beyond("This is a claim for anaesthesia, which IamBilly does not write."));
    }
    let journey = |code: &str| {
        let digits = code.strip_prefix(['A', 'a']).unwrap_or_default();
        digits.len() == 4 && digits.parse::<u32>().is_ok_and(|n| n < 1000)
    };
    let places = claim.lines.iter().filter_map(|l| l.pos.as_deref()).chain(claim.facility.pos.as_deref());
    let mut places = places.map(str::trim);
    if codes().any(journey) || places.any(|p| p == "41" || p == "42") {
        return Err(EdiError::Beyond("This is a claim for an ambulance, which IamBilly does not write."));
    }
    Ok(())
}
