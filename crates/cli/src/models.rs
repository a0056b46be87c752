//! `models`: list, fetch, import, verify, choose, remove and add weights.
//!
//! Weights lie outside the encrypted store and need no key. Where the data folder has people, what changes them is
//! still asked of a person, as in the window.

use crate::arguments::{ModelsCommand, OriginChoice};
use crate::{NEGATIVE, Shell, claims, show};
use iambilly_app::Cancel;
use iambilly_app::models::{self, ModelView, Origin};
use iambilly_app::people::Action;
use iambilly_app::weights;
use iambilly_claim::Fault;
use std::sync::Arc;

fn shown(shell: &Shell, list: &[ModelView]) {
    if shell.json {
        show::json(&list);
    } else {
        show::models(list);
    }
}

/// Whether a command changes what other people of the clinic work with. The program's own set is no choice: it is fetched
/// by whoever installs the program, and proven by its sums.
fn asks(command: &ModelsCommand) -> bool {
    match command {
        ModelsCommand::List | ModelsCommand::Measure | ModelsCommand::Verify { .. } => false,
        ModelsCommand::Fetch { ids, .. } => !ids.is_empty(),
        ModelsCommand::Use { .. }
        | ModelsCommand::FinalPass { .. }
        | ModelsCommand::Import { .. }
        | ModelsCommand::Remove { .. }
        | ModelsCommand::Add { .. } => true,
    }
}

pub(crate) async fn models(shell: &Shell, command: ModelsCommand) -> Result<u8, Fault> {
    if asks(&command) {
        claims::permitted(shell, Action::ChooseModels).await?;
    }
    let paths = &shell.config.paths;
    match command {
        ModelsCommand::List => {
            let list = models::list(paths)?;
            shown(shell, &list);
            Ok(0)
        }
        ModelsCommand::Measure => {
            let progress = show::Progress::new(!shell.quiet);
            let list = models::measure(&shell.config, false, &|what, share| progress.show(what, share)).await;
            progress.clear();
            let list = list?;
            shown(shell, &list);
            Ok(0)
        }
        ModelsCommand::Use { id } => {
            let list = models::choose(paths, &id)?;
            shown(shell, &list);
            Ok(0)
        }
        ModelsCommand::FinalPass { id } => {
            let list = models::choose_final_pass(paths, (id != "off").then_some(id.as_str()))?;
            shown(shell, &list);
            Ok(0)
        }
        ModelsCommand::Fetch { ids, default, from } => {
            let origin = match from {
                OriginChoice::Auto => Origin::Auto,
                OriginChoice::Packages => Origin::Packages,
                OriginChoice::Upstream => Origin::Upstream,
            };
            let ids = if default || ids.is_empty() { models::default_set(paths) } else { ids };
            let progress = show::Progress::new(!shell.quiet);
            let fetched = models::fetch(paths, &ids, origin, &|what, share| progress.show(what, share)).await;
            progress.clear();
            for id in fetched? {
                show::note(&format!("{id} is here and checked."));
            }
            Ok(0)
        }
        ModelsCommand::Verify { ids } => {
            let progress = show::Progress::new(!shell.quiet);
            let checked = models::verify(paths, &ids, &|what, share| progress.show(what, share)).await;
            progress.clear();
            let checked = checked?;
            shown(shell, &checked);
            Ok(if checked.iter().all(|m| m.is_sound()) { 0 } else { NEGATIVE })
        }
        ModelsCommand::Import { from } => {
            let progress = Arc::new(show::Progress::new(!shell.quiet));
            let told = Arc::clone(&progress);
            let told: weights::OnTheWay =
                Arc::new(move |id, share| told.show(&format!("{id}: copying"), Some(share)));
            let here = weights::import(paths, from, told, Cancel::new()).await;
            progress.clear();
            let here = here?;
            if shell.json {
                show::json(&here);
            } else {
                here.iter().for_each(|id| show::note(&format!("{id} is here and checked.")));
            }
            Ok(0)
        }
        ModelsCommand::Remove { id } => {
            shown(shell, &weights::remove(paths, &id)?);
            Ok(0)
        }
        ModelsCommand::Add { path, role, id } => {
            let model = models::add(paths, &path, &role, &id).await?;
            show::note(&format!("{} is registered.", model.id));
            Ok(0)
        }
    }
}
