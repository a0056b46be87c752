//! The vendors.

mod athena_one;
mod athena_probe;
mod fhir;
mod fhir_probe;
mod fhir_write;
mod signed_in;
mod stored;

use crate::adapter::Adapter;
use crate::capability::Vendor;
use crate::config::{ConnectionConfig, Secrets};
use crate::error::EmrError;
use crate::limiter::Limiter;
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
    let limiter = Limiter::of(&config);
    connect_within(config, secrets, surroundings, listener, limiter)
}

/// The same within a limit that others of the same tenant count against as well.
///
/// # Errors
/// As [`connect`].
pub fn connect_within(
    config: ConnectionConfig,
    secrets: Secrets,
    surroundings: Surroundings,
    listener: Listener,
    limiter: Limiter,
) -> Result<Arc<dyn Adapter>, EmrError> {
    config.check()?;
    let transport = Transport::within(&config, surroundings, listener, limiter)?;
    Ok(match config.vendor {
        Vendor::AthenaOne => Arc::new(athena_one::AthenaOne::new(config, secrets, transport)?),
        _ => Arc::new(fhir::FhirAdapter::new(config, secrets, transport)?),
    })
}
