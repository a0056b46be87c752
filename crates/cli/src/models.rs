//! `models`: list, fetch, verify and add weights.

use crate::arguments::{ModelsCommand, OriginChoice};
use crate::{NEGATIVE, Shell, show};
use iambilly_app::models::{self, Origin};
use iambilly_claim::Fault;

pub(crate) async fn models(shell: &Shell, command: ModelsCommand) -> Result<u8, Fault> {
    let paths = &shell.config.paths;
    match command {
        ModelsCommand::List => {
            let list = models::list(paths)?;
            if shell.json {
                show::json(&list);
            } else {
                show::models(&list);
            }
            Ok(0)
        }
        ModelsCommand::Measure => {
            let progress = show::Progress::new(!shell.quiet);
            let list = models::measure(&shell.config, false, &|what, share| progress.show(what, share)).await;
            progress.clear();
            let list = list?;
            if shell.json {
                show::json(&list);
            } else {
                show::models(&list);
            }
            Ok(0)
        }
        ModelsCommand::Use { id } => {
            let list = models::choose(paths, &id)?;
            if shell.json {
                show::json(&list);
            } else {
                show::models(&list);
            }
            Ok(0)
        }
        ModelsCommand::FinalPass { id } => {
            let list = models::choose_final_pass(paths, (id != "off").then_some(id.as_str()))?;
            if shell.json {
                show::json(&list);
            } else {
                show::models(&list);
            }
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
            if shell.json {
                show::json(&checked);
            } else {
                show::models(&checked);
            }
            Ok(if checked.iter().all(|m| m.is_sound()) { 0 } else { NEGATIVE })
        }
        ModelsCommand::Add { path, role, id } => {
            let model = models::add(paths, &path, &role, &id).await?;
            show::note(&format!("{} is registered.", model.id));
            Ok(0)
        }
    }
}
