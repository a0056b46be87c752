//! The window: a thin Tauri shell that parses, calls `iambilly-app` and shows.
//!
//! `iambilly-window [--open FILE]` opens the window, with FILE ready to import; `--version` opens none.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

#[cfg(test)]
mod bindings;
mod commands;
mod desk;
mod dictionary;
mod emr;
mod erase;
mod events;
mod exchange;
mod fees;
mod keys;
mod library;
mod master;
mod microphone;
mod people;
mod physician;
mod queue;
mod related;
mod review;
mod rules;
mod weights;

use desk::Desk;
use iambilly_app::Surroundings;
use iambilly_app::one_window::OneWindow;
#[cfg(test)]
use iambilly_door_macro::descriptions;
use std::process::ExitCode;
use tauri::ipc::Invoke;
use tauri::{Manager, generate_handler};

fn main() -> ExitCode {
    iambilly_app::surroundings::guard_memory();
    let mut arguments = std::env::args().skip(1);
    let opened = match (arguments.next().as_deref(), arguments.next()) {
        (None, _) => None,
        (Some("--open"), Some(file)) => Some(file),
        // Asked by the doctor: needs every library of this program and no display.
        (Some("--version"), None) => return say_version(),
        _ => {
            return say(
                "iambilly-window takes nothing, or --open FILE.wav. The headless program is `iambilly`.",
                2,
            );
        }
    };
    if !has_display() {
        return say(
            "There is no display here, so the window cannot open. Start it from a desktop session, or use the headless program: iambilly claim FILE.wav --payer medicare --dos 2026-02-02",
            5,
        );
    }
    let desk_paths = desk::paths();
    iambilly_app::log::begin(&desk_paths.data, std::env::var("IAMBILLY_LOG").ok().as_deref());
    let Some(window) = OneWindow::of(&desk_paths.data) else {
        return say("IamBilly is open already; its window comes forward. Choose the file there.", 0);
    };
    let commands = commands();
    let built = tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .invoke_handler(move |invoke| {
            request(invoke.message.command());
            commands(invoke)
        })
        .setup(move |app| {
            app.manage(Desk::new(app.handle().clone(), opened));
            keys::prepare(app.handle());
            desk::watch(app.handle().clone());
            desk::answer_calls(app.handle().clone(), window);
            // Made here and not in the configuration: an incognito webview keeps no cache on the disk. Under
            // WebDriver it is an ordinary one, since WebKitGTK automates no ephemeral context.
            let automated = std::env::var_os("TAURI_WEBVIEW_AUTOMATION").is_some();
            tauri::WebviewWindowBuilder::new(app, "main", tauri::WebviewUrl::default())
                .title("IamBilly")
                .inner_size(1280.0, 800.0)
                .min_inner_size(960.0, 600.0)
                .incognito(!automated)
                .build()?;
            Ok(())
        })
        .build(tauri::generate_context!());
    match built {
        Ok(app) => {
            app.run(|handle, event| {
                if let tauri::RunEvent::Exit = event {
                    handle.state::<Desk>().close();
                }
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            say(&format!("The window could not open: {error}. Check that WebKitGTK 4.1 is installed."), 5)
        }
    }
}

/// Notes which command the page gave, under an id of its own; never what it gave with it.
fn request(command: &str) {
    tracing::info!(request = %Surroundings::system().id(), command, "asked");
}

/// Every command that the page may give, in one list for what hands them over and for what describes them.
macro_rules! every_command {
    ($take:ident) => {
        $take![
            commands::session_status,
            commands::unlock,
            commands::lock,
            commands::dictations_list,
            commands::dictation_import,
            commands::dictation_add_note,
            commands::dictation_cancel,
            commands::dictation_retry,
            commands::draft_get,
            commands::audio_peaks,
            commands::audio_play,
            commands::audio_stop,
            master::payers_list,
            master::master_list,
            master::master_save,
            master::master_doubles,
            master::master_merge,
            master::master_default,
            master::master_retire,
            master::claim_header,
            commands::models_list,
            commands::models_measure,
            commands::models_use,
            commands::models_final_pass,
            commands::doctor,
            weights::models_fetch,
            weights::models_import,
            weights::models_remove,
            weights::models_stop,
            weights::pick_model,
            commands::pick_wav,
            commands::opened_file,
            microphone::microphones,
            microphone::microphone_choose,
            microphone::microphone_ready,
            microphone::record_start,
            microphone::record_continue,
            microphone::record_pause,
            microphone::record_stop,
            microphone::record_discard,
            microphone::record_words,
            keys::keys_bound,
            keys::keys_bind,
            people::me,
            people::people,
            people::person_add,
            people::person_roles,
            people::person_disable,
            people::person_reset,
            people::person_unlock,
            people::password_change,
            people::factor_draw,
            people::factor_keep,
            people::factor_remove,
            people::guards,
            people::guards_set,
            people::glass_break,
            people::glass,
            people::glass_seen,
            people::activity,
            people::audit_verify,
            people::audit_export,
            people::audit_look,
            people::audit_accept,
            people::backup_state,
            people::backup_schedule,
            people::backup_make,
            people::pick_folder,
            people::kit_made,
            people::kit_draw,
            people::kit_keep,
            erase::erase_patient,
            erase::erase_dictation,
            erase::holds,
            erase::hold,
            erase::hold_lift,
            microphone::record_running,
            review::claim_correct,
            review::claim_reword,
            review::claim_reread,
            review::claim_restore,
            review::claim_decide,
            review::claim_value,
            dictionary::dictionary,
            dictionary::dictionary_add,
            dictionary::dictionary_remove,
            review::phrase_rules,
            review::phrase_rule_decide,
            review::diagnosis_search,
            review::procedure_search,
            queue::queue,
            queue::queue_size,
            queue::queue_choices,
            queue::queue_views,
            queue::queue_view_save,
            queue::queue_view_remove,
            queue::queue_chosen,
            queue::bulk,
            queue::comments,
            queue::insights,
            physician::note,
            physician::note_write,
            physician::note_sign,
            physician::note_addend,
            physician::queries,
            physician::query_answer,
            physician::dictation_file,
            physician::day,
            physician::case_plan,
            physician::case_drop,
            physician::dictation_history,
            physician::templates,
            physician::template_save,
            physician::template_remove,
            physician::typed,
            physician::typed_keep,
            physician::sample_begin,
            related::claim_amend,
            related::claim_companion,
            related::claim_revisions,
            related::claim_difference,
            queue::comment,
            emr::emr_connections,
            emr::emr_keep,
            emr::emr_remove,
            emr::emr_test,
            emr::emr_jwks,
            emr::emr_sign_in,
            emr::emr_seen,
            emr::emr_search,
            emr::emr_encounters,
            emr::emr_link,
            emr::emr_plan,
            emr::emr_send,
            emr::emr_outbox,
            emr::emr_sync,
            emr::emr_look,
            emr::emr_decide,
            fees::fees,
            fees::pick_fees,
            fees::fees_import,
            fees::fees_percent,
            fees::fees_retire,
            rules::rules_shelf,
            rules::pick_tables,
            rules::rules_import,
            rules::rules_import_cancel,
            rules::payer_rules,
            rules::payer_rule_members,
            rules::payer_rule_blank,
            rules::payer_rule_sheet,
            rules::payer_rule_sheet_of,
            rules::payer_rule_try,
            rules::payer_rule_save,
            rules::payer_rule_confirm,
            rules::payer_rule_retire,
            rules::payer_rule_undo,
            library::library_policies,
            library::pick_policies,
            library::library_add,
            library::library_remove,
            library::library_open,
            library::library_watched,
            library::library_watch,
            library::library_unwatch,
            library::library_look,
            library::library_sourced,
            library::library_ask,
            library::library_source,
            library::library_check,
            exchange::exchange_approved,
            exchange::exchange_send,
            exchange::exchange_files,
            exchange::exchange_deliver,
            exchange::pick_answers,
            exchange::exchange_take,
            exchange::exchange_answers,
            exchange::exchange_denials,
            exchange::exchange_close_denial,
            exchange::exchange_underpayments,
            exchange::claim_paper,
            exchange::claim_paper_save,
        ]
    };
}

fn commands() -> impl Fn(Invoke<tauri::Wry>) -> bool + Send + Sync + 'static {
    every_command!(generate_handler)
}

/// What describes every command.
#[cfg(test)]
fn describe(table: &mut bindings::Table) {
    for describe in every_command!(descriptions) {
        describe(table);
    }
}

/// Whether a window can open at all: GTK would end the process with a message of its own.
fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

#[allow(clippy::print_stdout, reason = "it was asked on a terminal")]
fn say_version() -> ExitCode {
    println!("iambilly-window {}", env!("CARGO_PKG_VERSION"));
    ExitCode::SUCCESS
}

#[allow(clippy::print_stderr, reason = "before there is a window, standard error is all there is")]
fn say(message: &str, code: u8) -> ExitCode {
    eprintln!("{message}");
    ExitCode::from(code)
}
