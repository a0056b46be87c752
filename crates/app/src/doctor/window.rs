//! Whether the window's program is here and can start: on Linux it needs the system's WebKitGTK.

use super::{Check, State, check};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

/// How long it may take to say its version.
const WITHIN: Duration = Duration::from_secs(20);

/// Asks the window's program for its version, which needs every library of it and no display.
pub(super) async fn look(programs: &Path) -> Check {
    let program = programs.join(format!("iambilly-window{}", std::env::consts::EXE_SUFFIX));
    if !program.is_file() {
        return check(
            "window",
            State::Warn,
            "not installed; the command line works without",
            Some("Install the application again to have the window."),
        );
    }
    let asked = tokio::process::Command::new(&program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .output();
    match tokio::time::timeout(WITHIN, asked).await {
        Ok(Ok(out)) if out.status.success() => check("window", State::Ok, "can start", None),
        Ok(Ok(out)) => broken(&String::from_utf8_lossy(&out.stderr)),
        Ok(Err(error)) => broken(&error.kind().to_string()),
        Err(_) => broken("it did not answer"),
    }
}

/// From what the system said when it could not start the program.
fn broken(said: &str) -> Check {
    let Some(library) = missing_library(said) else {
        return check(
            "window",
            State::Warn,
            "cannot start; the command line works without",
            Some(
                "Install the application again; on Linux with what it depends on (apt-get install --fix-broken).",
            ),
        );
    };
    let package = match library {
        l if l.starts_with("libwebkit2gtk-4.1") => "libwebkit2gtk-4.1-0 (Fedora: webkit2gtk4.1)",
        l if l.starts_with("libjavascriptcoregtk-4.1") => {
            "libjavascriptcoregtk-4.1-0 (Fedora: javascriptcoregtk4.1)"
        }
        l if l.starts_with("libgtk-3") || l.starts_with("libgdk-3") => "libgtk-3-0 (Fedora: gtk3)",
        l if l.starts_with("libsoup-3") => "libsoup-3.0-0 (Fedora: libsoup3)",
        _ => "the package that holds it",
    };
    check(
        "window",
        State::Warn,
        format!("cannot start: {library} is missing; the command line works without"),
        Some(&format!(
            "Install {package}: apt-get install --fix-broken brings everything the package depends on."
        )),
    )
}

/// The library that the dynamic linker of Linux did not find.
fn missing_library(said: &str) -> Option<&str> {
    let (_, rest) = said.split_once("error while loading shared libraries: ")?;
    rest.split_once(':').map(|(library, _)| library.trim())
}

#[cfg(test)]
mod tests {
    use super::{broken, look};
    use crate::doctor::State;

    #[test]
    fn the_missing_library_and_its_package_are_named() {
        let said = |library: &str| {
            broken(&format!(
                "iambilly-window: error while loading shared libraries: {library}: cannot open shared object file: No such file or directory"
            ))
        };
        for (library, package) in [
            ("libwebkit2gtk-4.1.so.0", "libwebkit2gtk-4.1-0"),
            ("libgtk-3.so.0", "libgtk-3-0"),
            ("libsoup-3.0.so.0", "libsoup-3.0-0"),
            ("libodd.so.1", "the package that holds it"),
        ] {
            let check = said(library);
            assert!(check.detail.contains(library) && check.fix.unwrap().contains(package), "{library}");
            assert_eq!(check.state, State::Warn);
        }
        assert!(broken("Illegal instruction").fix.is_some());
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_program_that_does_not_start_is_a_finding_and_no_error() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        assert!(look(folder.path()).await.detail.contains("not installed"));
        let program = folder.path().join("iambilly-window");
        std::fs::write(&program, b"not a program").unwrap();
        assert!(look(folder.path()).await.detail.contains("cannot start"));
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert!(look(folder.path()).await.detail.contains("cannot start"));
    }
}
