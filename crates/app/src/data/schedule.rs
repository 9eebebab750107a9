//! Makes the backups that the manifest asks for, at their time.

use std::time::{Duration, SystemTime};

use ensconce_plan::DatabasePlan;
use ensconce_protocol::BackupReason;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::DataCare;
use super::backups::{Found, found};

/// An app that starts has better things to do than a backup.
const START: Duration = Duration::from_secs(30);
/// How often is looked whether one is due. Not once at its time: timers stand still while a machine
/// sleeps, and the clock may be set.
const TICK: Duration = Duration::from_secs(300);
/// When a backup has failed, the next try comes no sooner.
const RETRY: Duration = Duration::from_secs(600);

impl DataCare {
    /// Makes the scheduled backups of a database until the app ends.
    pub(crate) fn keep_schedule(&self, database: &DatabasePlan) {
        let Some(every) = database.backup else { return };
        let (care, database) = (self.clone(), database.clone());
        let closing = self.roster.closing();
        tokio::spawn(async move {
            closing.run_until_cancelled(care.follow_schedule(&database, every)).await;
        });
    }

    async fn follow_schedule(&self, database: &DatabasePlan, every: Duration) {
        let mut pause = START.min(every);
        loop {
            tokio::time::sleep(pause).await;
            pause = TICK.min(every);
            let found = found(&self.access.own, &database.name);
            // The app's first run makes the database, in its own time.
            if !database.file.exists() || !is_due(&found, every, SystemTime::now()) {
                continue;
            }
            if let Err(error) = self.backup(&database.name, BackupReason::Scheduled).await {
                tracing::warn!("No backup of {} could be made: {error}", database.name);
                pause = RETRY.min(every);
            }
        }
    }
}

/// Returns whether the last scheduled backup is old enough.
///
/// One that seems to come from the future, because the clock was put back since, does not count: it
/// would put the next one off, or bring one after the other.
fn is_due(found: &[Found], every: Duration, now: SystemTime) -> bool {
    let scheduled = found.iter().filter(|one| one.backup.reason == BackupReason::Scheduled);
    let at = scheduled.filter_map(|one| OffsetDateTime::parse(&one.backup.at, &Rfc3339).ok());
    let ages = at.filter_map(|at| now.duration_since(at.into()).ok());
    ages.min().is_none_or(|youngest| youngest >= every)
}

#[cfg(test)]
mod tests {
    use ensconce_protocol::{Backup, DataRecord};

    use super::*;

    fn at(seconds: i64, reason: BackupReason) -> Found {
        let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap().format(&Rfc3339).unwrap();
        let backup = Backup { id: String::new(), at, version: None, bytes: 0, reason };
        Found { backup, record: DataRecord::default() }
    }

    #[test]
    fn a_backup_is_due_when_the_last_scheduled_one_is_old_enough() {
        use BackupReason::{Manual, Scheduled};
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(10_000);
        let hour = Duration::from_secs(3600);
        for (found, due) in [
            (vec![], true),
            (vec![at(9000, Scheduled)], false),
            (vec![at(6400, Scheduled)], true),
            (vec![at(6400, Scheduled), at(9999, Manual)], true),
            (vec![at(1000, Scheduled), at(9000, Scheduled)], false),
            // The clock was an hour ahead, and then put right.
            (vec![at(12_000, Scheduled)], true),
            (vec![at(12_000, Scheduled), at(9990, Scheduled)], false),
        ] {
            let times: Vec<&str> = found.iter().map(|one| one.backup.at.as_str()).collect();
            assert_eq!(is_due(&found, hour, now), due, "{times:?}");
        }
    }
}
