//! The language worker's process: confined, silent but for the protocol, gone when its program is.

use iambilly_llama_engine::{Llama, device};
use iambilly_worker_protocol::confine::confine;
use iambilly_worker_protocol::serve::serve;
use iambilly_worker_protocol::{Hello, PROTOCOL_VERSION, Role};
use std::process::ExitCode;

fn main() -> ExitCode {
    let confined = confine();
    let Ok(mut llama) = Llama::new() else { return ExitCode::from(4) };
    let hello = Hello {
        protocol: PROTOCOL_VERSION,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        role: Role::Language,
        backend: device::built_for(),
        devices: device::seen(),
        confined: confined.no_network,
    };
    // Native work cannot be interrupted from outside: when the program is gone, so is the process.
    let leave = || std::process::exit(0);
    match serve(std::io::stdin(), std::io::stdout(), hello, &mut llama, leave) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(3),
    }
}
