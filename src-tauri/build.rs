//! Build script of the window: Tauri's context, with the capabilities kept beside the shell.

fn main() {
    let attributes =
        tauri_build::Attributes::new().capabilities_path_pattern("src-tauri/capabilities/**/*.json");
    if let Err(error) = tauri_build::try_build(attributes) {
        // A build script has no caller to return an error to.
        println!("cargo::error={error:#}");
    }
}
