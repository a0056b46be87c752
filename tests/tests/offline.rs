//! The network cable pulled out: the main job in a network namespace that has not even a loopback.

mod support;

use std::process::Command;
use support::{Answer, Clinic, codes, fixture};

#[test]
#[cfg(target_os = "linux")]
fn the_main_job_needs_no_network() {
    let clinic = Clinic::new();
    let wav = fixture("dictations/acdf_c56.wav");
    let arguments = [
        "claim",
        wav.to_str().unwrap(),
        "--payer",
        "medicare",
        "--dos",
        "2026-02-02",
        "--reader",
        "rules",
        "--json",
        "--quiet",
    ];
    // An unprivileged user may make the namespace with a user namespace; root needs none.
    let own = clinic.command(&arguments);
    let works =
        |flags: &[&str]| Command::new("unshare").args(flags).arg("true").status().is_ok_and(|s| s.success());
    let flags: &[&str] = if works(&["-n"]) { &["-n"] } else { &["-rn"] };
    assert!(works(flags), "this kernel lets nobody make a network namespace: the test cannot run here");
    let mut command = Command::new("unshare");
    command.args(flags).arg(own.get_program()).args(own.get_args()).env_clear();
    for (name, value) in own.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    let answer: Answer = command.output().unwrap().into();
    assert!(answer.code == 0 || answer.code == 1, "{answer:?}");
    assert_eq!(codes(&answer.json()["coding"])[0], "22551");
}
