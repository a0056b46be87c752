//! The window: a thin shell that parses, calls `iambilly-app` and shows.

fn main() {
    let _ = tauri::Builder::default().plugin(tauri_plugin_dialog::init()).run(tauri::generate_context!());
}
