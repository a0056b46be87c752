//! The vendors.

mod athena_one;
mod fhir;
mod fhir_probe;
mod fhir_write;
mod signed_in;
mod stored;

use crate::adapter::Adapter;
use crate::capability::Vendor;
use crate::config::{ConnectionConfig, Secrets};
use crate::error::EmrError;
use crate::transport::{Listener, Surroundings, Transport};
use std::sync::Arc;

/// The adapter of a connection. Nothing is sent by making one.
///
/// # Errors
/// `emr_address_invalid`, `emr_not_set_up`.
pub fn connect(
    config: ConnectionConfig,
    secrets: Secrets,
    surroundings: Surroundings,
    listener: Listener,
) -> Result<Arc<dyn Adapter>, EmrError> {
    config.check()?;
    let transport = Transport::new(&config, surroundings, listener)?;
    Ok(match config.vendor {
        Vendor::AthenaOne => Arc::new(athena_one::AthenaOne::new(config, secrets, transport)?),
        _ => Arc::new(fhir::FhirAdapter::new(config, secrets, transport)?),
    })
}
