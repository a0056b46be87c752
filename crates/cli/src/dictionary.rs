//! `dictionary`: the physician's own words.

use crate::arguments::DictionaryCommand;
use crate::claims::session;
use crate::{Shell, show};
use iambilly_claim::{Fault, FaultKind, OwnWord};

pub(crate) async fn dictionary(shell: &Shell, command: DictionaryCommand) -> Result<u8, Fault> {
    let gone = match &command {
        DictionaryCommand::Remove { id } => Some(id.parse().map_err(|_| {
            Fault::new(
                FaultKind::Usage,
                "own_word_id_invalid",
                "That is not the id of a word.",
                "iambilly dictionary list shows them.",
            )
        })?),
        DictionaryCommand::List | DictionaryCommand::Add { .. } => None,
    };
    let session = session(shell).await?;
    let words = match (command, gone) {
        (DictionaryCommand::Add { meant, heard }, _) => {
            let word = OwnWord { meant: meant.into(), heard: heard.into() };
            session.add_own_word(word).await.map(|w| vec![w])
        }
        (_, Some(id)) => session.remove_own_word(id).await.map(|w| vec![w]),
        _ => session.dictionary().await,
    };
    session.shut_down().await;
    let words = words?;
    if shell.json {
        show::json(&words);
    } else {
        show::dictionary(&words);
    }
    Ok(0)
}
