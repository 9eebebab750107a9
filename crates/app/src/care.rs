//! Care for the user's data: backups of databases, and all of it in one file.
//!
//! What touches files is done by the helper program. A file that services use is only replaced
//! while they are stopped; they start again afterwards, whatever came of it.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ensconce_plan::{DatabasePlan, Plan};
use ensconce_store::Document;
use ensconce_supervisor::Handle;
use serde::Serialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::{Mutex, watch};

use crate::app::settings_file;
use crate::helper::{self, ask};
use crate::jobs::{Shared, jobs};
use crate::setup::{DataView, Outcome, Settings, SetupRequest, json as answer};

/// What all names of backups end in.
const SUFFIX: &str = ".sqlite";
/// What the names of those end in that were made before an update.
const BEFORE_UPDATE: &str = "-before-update";
/// What the names of those end in that somebody asked for; they are never removed.
const BY_HAND: &str = "-by-hand";
/// How a moment is written in a name.
const MOMENT: &[time::format_description::BorrowedFormatItem<'_>] =
    time::macros::format_description!("[year][month][day]T[hour][minute][second]Z");
/// An app that starts has better things to do than a backup.
const START: Duration = Duration::from_secs(30);
/// When a backup has failed, the next try comes no sooner.
const RETRY: Duration = Duration::from_secs(600);

/// Takes care of the data of one app.
#[derive(Clone)]
pub(crate) struct Care {
    pub(crate) plans: watch::Receiver<Plan>,
    /// The folder of Ensconce's own files.
    pub(crate) own: PathBuf,
    pub(crate) shared: Shared,
    /// What runs the app's processes; nothing when none of them runs.
    pub(crate) supervisor: Option<Handle>,
    /// Whether the services are stopped for a while.
    pub(crate) busy: watch::Sender<bool>,
    /// One thing at a time.
    pub(crate) turn: Arc<Mutex<()>>,
}

/// A copy of a database.
#[derive(Debug, Serialize)]
struct Backup {
    id: String,
    at: String,
    version: Option<String>,
    bytes: u64,
    reason: &'static str,
}

/// The folder of the backups, within that of Ensconce's own files.
pub(crate) fn backup_folder(own: &Path) -> PathBuf {
    own.join("backups")
}

impl Care {
    /// Tells what can be done.
    pub(crate) fn view(&self) -> Option<DataView> {
        if !helper::program().is_file() {
            return None;
        }
        let databases = self.plans.borrow().databases.iter().map(|one| one.name.clone()).collect();
        Some(DataView { databases, can_export: true })
    }

    /// Does what is asked for, if it is about data.
    pub(crate) async fn handle(&self, request: SetupRequest) -> Option<Value> {
        Some(match request {
            SetupRequest::Backups => self.backups().await,
            SetupRequest::Backup { database } => answer(&self.backup(&database, BY_HAND).await),
            SetupRequest::Restore { database, id } => answer(&self.restore(&database, &id).await),
            SetupRequest::Export { path, passphrase } => {
                answer(&self.export(PathBuf::from(path), passphrase).await)
            }
            SetupRequest::ImportData { path, passphrase } => {
                answer(&self.import(PathBuf::from(path), passphrase).await)
            }
            _ => return None,
        })
    }

    /// Makes the backups that the manifest wants, at their time, until the app ends.
    pub(crate) fn keep_watch(&self, database: DatabasePlan) {
        let Some(every) = database.backup else { return };
        let care = self.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(care.due(&database, every).max(START.min(every))).await;
                // The first run makes it, in its own time.
                if !database.file.exists() {
                    continue;
                }
                let outcome = care.backup(&database.name, "").await;
                if !outcome.ok {
                    let why = outcome.message.unwrap_or_default();
                    tracing::warn!("No backup of {} could be made: {why}", database.name);
                    tokio::time::sleep(RETRY.min(every)).await;
                }
            }
        });
    }

    /// How long it is until the next backup; a clock that was put back makes it no later.
    fn due(&self, database: &DatabasePlan, every: Duration) -> Duration {
        let newest = self.found(database).into_iter().filter(|one| one.reason == "scheduled");
        let newest = newest.filter_map(|one| OffsetDateTime::parse(&one.at, &Rfc3339).ok()).max();
        let Some(newest) = newest else { return Duration::ZERO };
        let age = SystemTime::now().duration_since(newest.into()).unwrap_or(every);
        every.saturating_sub(age)
    }

    /// Lists the copies of all databases, the newest first.
    pub(crate) async fn backups(&self) -> Value {
        let databases = self.plans.borrow().databases.clone();
        let care = self.clone();
        let listing = tokio::task::spawn_blocking(move || {
            let list = |one: &DatabasePlan| json!({ "name": one.name, "backups": care.found(one) });
            databases.iter().map(list).collect::<Vec<_>>()
        });
        json!({ "databases": listing.await.unwrap_or_default() })
    }

    fn found(&self, database: &DatabasePlan) -> Vec<Backup> {
        let entries = std::fs::read_dir(backup_folder(&self.own)).into_iter().flatten().flatten();
        let mut found: Vec<Backup> = entries
            .filter_map(|entry| {
                let bytes = entry.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
                backup_of(entry.file_name().to_str()?, &database.name, bytes)
            })
            .collect();
        found.sort_by(|one, other| other.id.cmp(&one.id));
        found
    }

    /// Copies a database, while the app uses it; the name of the copy gets an `ending`.
    async fn backup(&self, name: &str, ending: &str) -> Outcome {
        let Some(database) = self.database(name) else { return unknown(name) };
        let _turn = self.turn.lock().await;
        let folder = backup_folder(&self.own);
        if let Err(error) = std::fs::create_dir_all(&folder) {
            return Outcome::failed(format!("{} cannot be used: {error}.", folder.display()));
        }
        let now = OffsetDateTime::now_utc().format(MOMENT).unwrap_or_default();
        let to = folder.join(format!("{name}-{now}{ending}{SUFFIX}"));
        let arguments =
            ["sqlite".as_ref(), "backup".as_ref(), database.file.as_os_str(), to.as_os_str()];
        match ask(&arguments, None).await {
            Ok(_) => {
                let keep = database.keep.to_string();
                let prune = ["sqlite", "prune"].map(std::ffi::OsStr::new);
                let rest = [folder.as_os_str(), name.as_ref(), keep.as_ref()];
                if let Err(why) = ask(&[prune.as_slice(), &rest].concat(), None).await {
                    tracing::warn!("Old backups of {name} stay: {why}");
                }
                Outcome::done(Some("The backup is made.".to_owned()))
            }
            Err(why) => Outcome::failed(why),
        }
    }

    /// Puts a copy in the place of a database, which is kept beside it.
    pub(crate) async fn restore(&self, name: &str, id: &str) -> Outcome {
        let Some(database) = self.database(name) else { return unknown(name) };
        if !self.found(&database).iter().any(|backup| backup.id == id) {
            return Outcome::failed("There is no such backup.");
        }
        let _turn = self.turn.lock().await;
        let backup = backup_folder(&self.own).join(id);
        let work = async {
            let verbs = ["sqlite", "restore"].map(std::ffi::OsStr::new);
            ask(
                &[verbs.as_slice(), &[backup.as_os_str(), database.file.as_os_str()]].concat(),
                None,
            )
            .await
        };
        match self.while_stopped(self.undone(work)).await {
            Ok(_) => Outcome::done(Some("The data is as it was in the backup.".to_owned())),
            Err(why) => Outcome::failed(why),
        }
    }

    /// Writes all data of the app into one file; secrets only with a passphrase, encrypted by it.
    pub(crate) async fn export(&self, to: PathBuf, passphrase: Option<String>) -> Outcome {
        let plan = self.plans.borrow().clone();
        let shared = self.shared.clone();
        let sealing = tokio::task::spawn_blocking(move || {
            passphrase.map(|passphrase| shared.secrets.export(passphrase)).transpose()
        });
        let secrets = match sealing.await {
            Ok(Ok(secrets)) => secrets,
            Ok(Err(why)) => return Outcome::failed(why),
            Err(error) => return Outcome::failed(error.to_string()),
        };
        let _turn = self.turn.lock().await;
        let request = json!({
            "to": to,
            "app": { "id": plan.app.id, "name": plan.app.name, "version": plan.app.version },
            "data": plan.folders.data,
            "leave_out": [".ensconce"],
            "databases": files_of(&plan),
            "settings": Settings { answers: self.shared.answers.get().plain },
            "secrets": secrets,
        });
        match self.while_stopped(ask(&["archive".as_ref(), "export".as_ref()], Some(request))).await
        {
            Ok(answer) => Outcome::done(Some(answer.message)),
            Err(why) => Outcome::failed(why),
        }
    }

    /// Takes the data of the app from a file, in place of the present data, which is kept beside.
    pub(crate) async fn import(&self, from: PathBuf, passphrase: Option<String>) -> Outcome {
        let plan = self.plans.borrow().clone();
        let _turn = self.turn.lock().await;
        let request = json!({
            "from": from,
            "app_id": plan.app.id,
            "data": plan.folders.data,
            "leave_out": [".ensconce"],
            "databases": files_of(&plan),
            "need_secrets": passphrase.is_some(),
        });
        let work = async {
            let answer = ask(&["archive".as_ref(), "import".as_ref()], Some(request)).await?;
            self.take_over(&answer.details, passphrase).await?;
            let data = plan.folders.data.as_os_str();
            ask(&["archive".as_ref(), "forget".as_ref(), data], None).await?;
            Ok(answer)
        };
        match self.while_stopped(self.undone(work)).await {
            Ok(answer) => Outcome::done(Some(answer.message)),
            Err(why) => Outcome::failed(why),
        }
    }

    /// Replaces data; an update that was interrupted before is none of it any more, and its copies
    /// must not be put back over what has been chosen.
    async fn undone<T>(&self, work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
        let done = work.await?;
        let marker = backup_folder(&self.own).join("update-in-progress.json");
        match std::fs::remove_file(&marker) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(format!("{} cannot be removed: {error}.", marker.display()))
            }
            _ => Ok(done),
        }
    }

    /// Takes answers and secrets of an imported file.
    async fn take_over(&self, details: &Value, passphrase: Option<String>) -> Result<(), String> {
        let settings: Settings =
            serde_json::from_value(details["settings"].clone()).unwrap_or_default();
        let sealed = details["secrets"].as_str().map(str::to_owned);
        let shared = self.shared.clone();
        let taking = tokio::task::spawn_blocking(move || {
            let mut answers = shared.answers.get();
            answers.plain = settings.answers;
            if let Some((sealed, passphrase)) = sealed.zip(passphrase) {
                answers.secret.extend(shared.secrets.import(&sealed, passphrase)?);
            }
            shared.answers.replace(answers)
        });
        taking.await.map_err(|error| error.to_string())?
    }

    /// Does something while none of the app's processes runs.
    async fn while_stopped<T>(&self, work: impl Future<Output = T>) -> T {
        let Some(supervisor) = &self.supervisor else { return work.await };
        self.busy.send_replace(true);
        supervisor.replace(Vec::new(), HashSet::new());
        let mut snapshots = supervisor.snapshots();
        let _ = snapshots.wait_for(|snapshot| snapshot.jobs.is_empty()).await;
        let done = work.await;
        let plan = self.plans.borrow().clone();
        supervisor.replace(jobs(&plan, &self.shared), HashSet::new());
        self.busy.send_replace(false);
        done
    }

    fn database(&self, name: &str) -> Option<DatabasePlan> {
        self.plans.borrow().databases.iter().find(|one| one.name == name).cloned()
    }
}

fn files_of(plan: &Plan) -> Vec<Value> {
    let file = |one: &DatabasePlan| json!({ "name": one.name, "file": one.file });
    plan.databases.iter().map(file).collect()
}

fn unknown(name: &str) -> Outcome {
    Outcome::failed(format!("There is no database `{name}`."))
}

/// Reads the name of a backup: `NAME-20260131T120000Z.sqlite`, or with `-by-hand` or
/// `-v1.2.0-before-update` before its end.
fn backup_of(file: &str, name: &str, bytes: u64) -> Option<Backup> {
    let rest = file.strip_prefix(name)?.strip_prefix('-')?.strip_suffix(SUFFIX)?;
    let moment = rest.get(..16)?;
    let at = time::PrimitiveDateTime::parse(moment, MOMENT).ok()?.assume_utc();
    let ending = &rest[16..];
    let version = ending.strip_prefix("-v").and_then(|rest| rest.strip_suffix(BEFORE_UPDATE));
    let reason = match (version, ending) {
        (Some(_), _) => "before-update",
        (None, BY_HAND) => "by-hand",
        (None, "") => "scheduled",
        (None, _) => return None,
    };
    Some(Backup {
        id: file.to_owned(),
        at: at.format(&Rfc3339).ok()?,
        version: version.map(str::to_owned),
        bytes,
        reason,
    })
}

/// Ends what an import that was killed has begun, before anything uses the data.
pub(crate) fn finish_import(data: &Path, own: &Path) -> io::Result<()> {
    let mut folder = data.as_os_str().to_owned();
    folder.push(".importing");
    if !Path::new(&folder).exists() {
        return Ok(());
    }
    let archive = |verb: &str| {
        let output = std::process::Command::new(helper::program())
            .args(["archive".as_ref(), verb.as_ref(), data.as_os_str()])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()?;
        helper::read(&output.stdout).map_err(io::Error::other)
    };
    let settings = &archive("recover")?.details["settings"];
    if !settings.is_null() {
        let settings: Settings = serde_json::from_value(settings.clone()).unwrap_or_default();
        Document::new(settings_file(own)).write(&settings).map_err(io::Error::other)?;
    }
    archive("forget").map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_backups_are() {
        let backup = backup_of("main-20260131T120000Z.sqlite", "main", 7).unwrap();
        assert_eq!((backup.at.as_str(), backup.reason), ("2026-01-31T12:00:00Z", "scheduled"));
        let backup = backup_of("main-20260131T120000Z-by-hand.sqlite", "main", 7).unwrap();
        assert_eq!((backup.version, backup.reason), (None, "by-hand"));
        let name = "main-20260131T120000Z-v1.2.0-rc.1-before-update.sqlite";
        let backup = backup_of(name, "main", 7).unwrap();
        assert_eq!(
            (backup.version.as_deref(), backup.reason),
            (Some("1.2.0-rc.1"), "before-update")
        );
        for other in [
            "main.sqlite",
            "main-2026.sqlite",
            "mainly-20260131T120000Z.sqlite",
            "main-20260131T120000Z.sqlite.part",
            "main-20260131T120000Z-x.sqlite",
            "main-2026é131T120000Z.sqlite",
        ] {
            assert!(backup_of(other, "main", 7).is_none(), "{other}");
        }
    }
}
