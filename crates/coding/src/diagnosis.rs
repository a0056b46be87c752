//! Diagnoses.
use crate::operation::Operation;
use iambilly_claim::CodedDiagnosis;
pub(crate) fn read(_op: &Operation<'_>, _dos: jiff::civil::Date) -> Vec<CodedDiagnosis> { vec![] }
