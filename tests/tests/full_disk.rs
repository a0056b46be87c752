//! A full disk: a data folder on a file system of a few hundred kilobytes, in a mount namespace of its own.

mod support;

use std::process::Command;
use support::sound::{alone, matches, retried, samples};
use support::{Answer, Clinic, fixture};

/// Runs a shell script in a mount namespace; unprivileged users get a user namespace with it.
fn in_mount_namespace(clinic: &Clinic, script: &str) -> Answer {
    let works =
        |flags: &[&str]| Command::new("unshare").args(flags).arg("true").status().is_ok_and(|s| s.success());
    let flags: &[&str] = if works(&["-m"]) { &["-m"] } else { &["-rm"] };
    assert!(works(flags), "this kernel lets nobody make a mount namespace: the test cannot run here");
    let own = clinic.command(&[]);
    let mut command = Command::new("unshare");
    command.args(flags).args(["sh", "-c", script]).env_clear();
    let own = support::sound::hearing(own);
    for (name, value) in own.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    command.env("IAMBILLY", support::program()).output().unwrap().into()
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_said_and_the_work_goes_on_when_there_is_room() {
    let clinic = Clinic::new();
    std::fs::create_dir(clinic.data()).unwrap();
    let wav = fixture("dictations/tlif_l34.wav");
    let script = format!(
        r#"mount -t tmpfs -o size=800k tmpfs "$IAMBILLY_DATA_DIR" || exit 99
           "$IAMBILLY" claim '{}' --payer medicare --dos 2026-02-02 --reader rules --json --quiet
           echo "first $?"
           mount -o remount,size=8m "$IAMBILLY_DATA_DIR" || exit 99
           "$IAMBILLY" claims resume --quiet || exit 98
           "$IAMBILLY" claims list"#,
        wav.display()
    );
    let answer = in_mount_namespace(&clinic, &script);
    assert_eq!(answer.code, 0, "{answer:?}");
    assert!(answer.stdout.contains("first 5"), "{answer:?}");
    assert_eq!(answer.error_code(), "disk_full", "{answer:?}");
    assert!(answer.stdout.contains(" draft "), "the dictation that was taken in is drafted: {answer:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_disk_that_fills_while_recording_keeps_what_was_sealed() {
    let _one = alone();
    let wav = fixture("dictations/tlif_l34.wav");
    let played = samples(&wav);
    retried(|| {
        let clinic = Clinic::new();
        std::fs::create_dir(clinic.data()).unwrap();
        let out = clinic.folder.path().join("out.wav");
        // It records into a folder that has room, and loses it to something else after three seconds.
        let script = format!(
            r#"mount -t tmpfs -o size=240m tmpfs "$IAMBILLY_DATA_DIR" || exit 99
               "$IAMBILLY" claims list --quiet
               "$IAMBILLY" record --payer medicare --dos 2026-02-02 --reader rules --seconds 20 --json --quiet &
               sleep 1; paplay --device=spk '{wav}' & player=$!
               sleep 3; dd if=/dev/zero of="$IAMBILLY_DATA_DIR/filler" bs=64k 2>/dev/null
               dd if=/dev/zero of="$IAMBILLY_DATA_DIR/rest" bs=512 2>/dev/null
               wait %1; echo "recorded $?"; kill $player
               rm "$IAMBILLY_DATA_DIR/filler" "$IAMBILLY_DATA_DIR/rest"
               "$IAMBILLY" claims resume --quiet || exit 98
               id=$("$IAMBILLY" claims list --json | sed -n 's/.*"id": *"\([^"]*\)".*/\1/p' | head -1)
               "$IAMBILLY" recording export "$id" -o '{out}' && "$IAMBILLY" claims list"#,
            wav = wav.display(),
            out = out.display()
        );
        let answer = in_mount_namespace(&clinic, &script);
        assert!(answer.stderr.contains("disk_full"), "{answer:?}");
        assert_eq!(answer.code, 0, "{answer:?}");
        assert!(answer.stdout.contains("recorded 5"), "{answer:?}");
        let kept = matches(&samples(&out), &played)?;
        if !(16_000..16_000 * 6).contains(&kept) {
            return Err(format!("{kept} samples were kept: {answer:?}"));
        }
        Ok(())
    });
}

/// A backup onto a disk without room is refused before anything is written; one that fills in the middle leaves nothing,
/// and what was there before is whole.
#[test]
#[cfg(target_os = "linux")]
fn a_backup_onto_a_full_disk_leaves_nothing_half() {
    let clinic = Clinic::new();
    let made = clinic.claim(&fixture("notes/laminectomy.txt"), &["--reader", "rules"]);
    assert!([0, 1].contains(&made.code), "{made:?}");
    let disk = clinic.folder.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let script = format!(
        r#"disk='{disk}'
           mount -t tmpfs -o size=300k tmpfs "$disk" || exit 99
           "$IAMBILLY" backup --to "$disk" --json; echo "small $?"; echo "left $(ls -A "$disk" | wc -l)"
           mount -o remount,size=64m "$disk" || exit 99
           "$IAMBILLY" backup --to "$disk" --json >/dev/null || exit 98
           # Filled by somebody else while it is written, at several moments.
           for wait in 0.05 0.15 0.25 0.4 0.7; do
             "$IAMBILLY" backup --to "$disk" --json 2>/dev/null >/dev/null & own=$!
             sleep $wait; dd if=/dev/zero of="$disk/filler" bs=64k 2>/dev/null
             wait $own; echo "filled $?"; rm "$disk/filler"
           done
           "$IAMBILLY" backup list "$disk" --json; echo "whole $?"
           ls -A "$disk" | grep -c '^\.' | sed 's/^/hidden /'
           "$IAMBILLY" restore "$(ls -d "$disk"/iambilly-* | head -1)" --to "$IAMBILLY_DATA_DIR-new" --json; echo "restored $?"
           "$IAMBILLY" audit verify; echo "audit $?""#,
        disk = disk.display()
    );
    let answer = in_mount_namespace(&clinic, &script);
    assert!(answer.stderr.contains("disk_full"), "{answer:?}");
    for said in ["small 5", "left 0", "whole 0", "hidden 0", "restored 0", "audit 0"] {
        assert!(answer.stdout.contains(said), "{said}: {answer:?}");
    }
    let ends = answer.stdout.lines().filter(|l| l.starts_with("filled "));
    // Done before the disk was full, or refused for it: nothing else.
    assert!(
        ends.clone().count() == 5 && ends.clone().all(|l| l == "filled 0" || l == "filled 5"),
        "{answer:?}"
    );
}
