//! Writes what the pages use in TypeScript, and checks that the file in `pages/` is that.

use std::fmt::Write;
use std::path::Path;

use ts_rs::{Config, TS};

use crate::*;

/// Begins the file; what has no type of its own in Rust is said here.
const HEADER: &str = "\
/**
 * What the pages and the app send each other.
 *
 * Made from `crates/protocol` by `UPDATE_TYPES=1 cargo nextest run -p ensconce-protocol`.
 */

/** `null` leaves what is set as it is, which is how a secret is kept; `\"\"` is none. */
export type AnswerValue = string | number | boolean | null;

export type AnswerValues = Record<string, AnswerValue>;
";

/// Ends the file: which response comes to which request.
const FOOTER: &str = "
/** The response to each request, by its `op`. */
export type AppResponses = {
  status: AppStatus;
  describe: SetupDescription;
  check: Outcome;
  save: Outcome;
  finish: Outcome;
  \"import-settings\": ImportedSettings;
  store: Outcome;
  backups: Backups;
  backup: Outcome;
  restore: Outcome;
  export: Outcome;
  \"import-data\": Outcome;
};

export type AppResponse<R extends AppRequest = AppRequest> = AppResponses[R[\"op\"]];
";

fn file() -> String {
    let config = Config::default();
    let mut text = HEADER.to_owned();
    let mut add = |declaration: String, docs: Option<String>| {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n{}export {declaration}\n", docs.unwrap_or_default());
    };
    macro_rules! declare {
        ($($name:ty),* $(,)?) => {
            $(add(<$name as TS>::decl(&config), <$name as TS>::docs());)*
        };
    }
    declare![
        AppStatus,
        AppIdentity,
        AppPhase,
        JobStatus,
        JobKind,
        JobState,
        FailureReport,
        AppRequest,
        Outcome,
        ImportedSettings,
        Backups,
        DatabaseBackups,
        Backup,
        BackupReason,
        SetupDescription,
        Purpose,
        Heading,
        PageDescription,
        FieldDescription,
        FieldType,
        Scalar,
        FieldChoice,
        SecretStore,
        SecretStoreKind,
        StoreTrouble,
        StoreChoice,
        OldSettings,
        DataFeatures,
        SetupKey,
    ];
    text.push_str(FOOTER);
    text
}

#[test]
fn the_pages_types_are_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pages/src/protocol.ts");
    let expected = file();
    if std::env::var_os("UPDATE_TYPES").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "{} is out of date; run: UPDATE_TYPES=1 cargo nextest run -p ensconce-protocol",
        path.display()
    );
}
