//! A watched folder: new and changed files are taken in, files that went away are said, nothing is taken twice.

mod support;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use support::Clinic;

fn text(version: u32, from: &str, days: u32) -> String {
    format!(
        "# Care of the low back\n\n| Item | Detail |\n|---|---|\n| Policy number | HP-SP-3, version {version} |\n| Effective | Dates of service on or after {from} |\n\n## 1. Claims\nA first claim has to reach the plan within {days} days of the date of service.\n"
    )
}

struct Folder<'c> {
    clinic: &'c Clinic,
    root: PathBuf,
}

impl Folder<'_> {
    /// A file that came a while ago: one that is still being written is left for the next look.
    fn put(&self, name: &str, text: &str, seconds_ago: u64) {
        let path = self.root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        let at = SystemTime::now() - Duration::from_secs(seconds_ago);
        std::fs::File::options().write(true).open(&path).unwrap().set_modified(at).unwrap();
    }
    fn look(&self) -> Value {
        self.clinic.run(&["policy", "watch", "look", "--json", "--quiet"]).json()
    }
    fn list(&self) -> Value {
        self.clinic.run(&["policy", "watch", "list", "--json"]).json()
    }
    fn policies(&self) -> Vec<(String, String, Option<String>)> {
        let all = self.clinic.run(&["policy", "list", "--json"]).json();
        let of = |p: &Value, name: &str| p[name].as_str().map(str::to_owned);
        let one = |p: &Value| (of(p, "payer").unwrap(), of(p, "from").unwrap(), of(p, "to"));
        all.as_array().unwrap().iter().map(one).collect()
    }
}

fn watch(clinic: &Clinic, folder: &Path, more: &[&str]) -> support::Answer {
    let mut arguments = vec!["policy", "watch", "add", folder.to_str().unwrap(), "--json", "--quiet"];
    arguments.extend(more);
    clinic.run(&arguments)
}

#[test]
fn a_folder_is_followed_and_nothing_is_taken_twice() {
    let clinic = Clinic::new();
    let root = clinic.folder.path().join("policies");
    let folder = Folder { clinic: &clinic, root: root.clone() };
    assert_eq!(watch(&clinic, &root, &[]).error_code(), "folder_unreadable");
    folder.put("harbor/back.md", &text(1, "2025-01-01", 150), 60);
    folder.put("harbor/broken.pdf", "%PDF-1.7 and nothing more", 60);
    folder.put("loose.md", &text(1, "2025-01-01", 10), 60);
    folder.put("harbor/.hidden.md", &text(1, "2025-01-01", 10), 60);
    folder.put("harbor/notes.docx", "of no kind we know", 60);
    folder.put("harbor/coming.md", &text(1, "2025-01-01", 11), 0);

    let first = watch(&clinic, &root, &[]).json();
    assert_eq!(first["taken"], serde_json::json!([["harbor/back.md", "new"]]), "{first}");
    let refused: Vec<(&str, &str)> = (first["refused"].as_array().unwrap().iter())
        .map(|r| (r["file"].as_str().unwrap(), r["code"].as_str().unwrap()))
        .collect();
    assert_eq!(refused, [("harbor/broken.pdf", "policy_damaged"), ("loose.md", "payer_missing")]);
    std::fs::remove_file(root.join("harbor/coming.md")).unwrap();

    // What is known is neither read nor refused again.
    let again = folder.look();
    assert_eq!((&again["taken"], &again["refused"]), (&serde_json::json!([]), &serde_json::json!([])));
    assert_eq!(watch(&clinic, &root.join("harbor"), &["--payer", "harbor"]).error_code(), "folder_watched");

    // The same words under another name, and a newer version in the old file's place.
    folder.put("harbor/copy.md", &text(1, "2025-01-01", 150), 50);
    folder.put("harbor/back.md", &text(2, "2026-01-01", 90), 40);
    let third = folder.look();
    assert_eq!(
        third["taken"],
        serde_json::json!([["harbor/back.md", "new_version"], ["harbor/copy.md", "duplicate"]])
    );
    assert_eq!(
        folder.policies(),
        [
            ("harbor".to_owned(), "2025-01-01".to_owned(), Some("2025-12-31".to_owned())),
            ("harbor".to_owned(), "2026-01-01".to_owned(), None)
        ]
    );

    // What goes away is said once, and its policy counts until a person takes it out.
    std::fs::remove_file(root.join("harbor/back.md")).unwrap();
    assert_eq!(folder.look()["gone"], serde_json::json!(["harbor/back.md"]));
    assert_eq!(folder.look()["gone"], serde_json::json!([]));
    let listed = folder.list();
    assert_eq!((&listed[0]["taken"], &listed[0]["gone"][0]["file"]), (&1.into(), &"harbor/back.md".into()));
    assert_eq!(folder.policies().len(), 2);
    let policy = listed[0]["gone"][0]["policy"].as_str().unwrap();
    assert_eq!(clinic.run(&["policy", "remove", policy]).code, 0);
    assert_eq!(folder.list()[0]["gone"], serde_json::json!([]));
    // A policy a person took out does not come back by itself while its file stays as it is.
    let copy = clinic.run(&["policy", "list", "--json"]).json()[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(clinic.run(&["policy", "remove", &copy]).code, 0);
    assert_eq!(folder.look()["taken"], serde_json::json!([]));
    assert_eq!(folder.policies(), []);

    // A share that is not there says so, and nothing counts as gone.
    let away = clinic.folder.path().join("away");
    std::fs::rename(&root, &away).unwrap();
    let lost = folder.look();
    assert_eq!(
        (lost["gone"].as_array().unwrap().len(), lost["unreachable"].as_array().unwrap().len()),
        (0, 1)
    );
    assert_eq!(folder.list()[0]["trouble"]["code"], "folder_unreadable");
    std::fs::rename(&away, &root).unwrap();
    assert_eq!(folder.look()["unreachable"], serde_json::json!([]));
    assert_eq!(folder.list()[0]["trouble"], Value::Null);

    assert_eq!(clinic.run(&["policy", "watch", "remove", root.to_str().unwrap()]).code, 0);
    assert_eq!(
        clinic.run(&["policy", "watch", "remove", root.to_str().unwrap(), "--json"]).error_code(),
        "not_found"
    );
    assert_eq!(clinic.run(&["policy", "watch", "list", "--json"]).code, 1);
}
