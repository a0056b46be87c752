//! What a package brings of the command line beside the program: its manual pages and what shells complete. Both are
//! made from the arguments themselves, so neither can be older than the program.

use crate::arguments::Arguments;
use clap::CommandFactory;
use clap_complete::Shell;
use iambilly_claim::{Fault, FaultKind};
use std::io::Write;
use std::path::Path;

fn cannot(error: &std::io::Error) -> Fault {
    Fault::new(
        FaultKind::Missing,
        "not_written",
        format!("The pages cannot be written: {error}."),
        "Name a folder that is there and yours.",
    )
}

/// The manual page on standard output, or one for each command in a folder that is there.
pub(crate) fn man(folder: Option<&Path>) -> Result<u8, Fault> {
    if let Some(folder) = folder {
        clap_mangen::generate_to(Arguments::command(), folder).map_err(|e| cannot(&e))?;
        return Ok(0);
    }
    // Into memory first: a reader that has gone away (`| head`) is no error of ours.
    let mut page = vec![];
    clap_mangen::Man::new(Arguments::command()).render(&mut page).map_err(|e| cannot(&e))?;
    let _ = std::io::stdout().write_all(&page);
    Ok(0)
}

/// What a shell completes, on standard output.
pub(crate) fn completions(shell: Shell) -> Result<u8, Fault> {
    let mut script = vec![];
    clap_complete::generate(shell, &mut Arguments::command(), "iambilly", &mut script);
    let _ = std::io::stdout().write_all(&script);
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::{Arguments, man};
    use clap::CommandFactory;

    #[test]
    fn arguments_are_sound_and_each_command_has_its_page() {
        Arguments::command().debug_assert();
        let folder = tempfile::tempdir().unwrap();
        man(Some(folder.path())).unwrap();
        for command in Arguments::command().get_subcommands().filter(|c| !c.is_hide_set()) {
            let page = folder.path().join(format!("iambilly-{}.1", command.get_name()));
            let text = std::fs::read_to_string(&page).unwrap();
            assert!(text.contains(".SH NAME") && text.len() > 200, "{}", page.display());
        }
        assert_eq!(man(Some(&folder.path().join("nowhere"))).unwrap_err().code, "not_written");
    }
}
