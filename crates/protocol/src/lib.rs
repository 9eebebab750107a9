//! The messages between Ensconce's programs, each typed once.
//!
//! | module | between |
//! |---|---|
//! | `status` | the app and everyone who shows how it is: window, pages, terminal, control port |
//! | `window` | the app's program and its window |
//! | `request` | the app and who asks it: pages, terminal, control port |
//! | `setup`, `backup` | what these requests and their responses are made of |
//! | `control` | the app and clients of its control port, beside the requests above |
//! | `helper` | the app and `ensconce-helper` |
//!
//! All of them are plain data that travels as JSON. What the pages use is written in TypeScript to
//! `pages/src/protocol.ts`; a test of this crate holds that file up to date.

mod backup;
mod control;
mod helper;
mod request;
mod setup;
mod status;
#[cfg(test)]
mod typescript;
mod window;

pub use backup::{
    Backup, BackupNote, BackupReason, DataRecord, DatabaseBackups, UpdateNote, UpdateOf,
    UpdatePhase,
};
pub use control::{Answers, Challenge, Proof, Refusal, SetupAddress, SetupKey};
pub use helper::{
    AddressCheck, ArchiveInfo, ArchivedApp, DataLock, DatabaseFile, ExportRequest, HelperAnswer,
    HelperRequest, HelperWork, MigrationRequest, PostgresCheck, Recovered, UnpackRequest,
};
pub use request::{AppRequest, AppResponse, Backups, ImportedSettings, Outcome};
pub use setup::{
    DataFeatures, FieldChoice, FieldDescription, FieldType, Heading, OldSettings, PageDescription,
    Purpose, Scalar, SecretStore, SecretStoreKind, SetupDescription, StoreChoice, StoreTrouble,
};
pub use status::{AppIdentity, AppPhase, AppStatus, FailureReport, JobKind, JobState, JobStatus};
pub use window::{Appearance, Entry, FromWindow, Opening, ToWindow};
