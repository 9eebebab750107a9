//! What the texts of a plan resolve to, right before a program starts.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ensconce_manifest::Field;
use ensconce_plan::{JobPlan, Lookup, SetupPlan, Text};
use ensconce_supervisor::{Address, Addresses};
use serde_json::Value;

use super::private_files::PrivateFiles;
use crate::answers::kept::KeptAnswers;
use crate::answers::shown::Answers;
use crate::answers::valid;
use crate::error::AppError;
use crate::secrets::store::AppSecrets;

/// Everything that texts of one launch can refer to, but the addresses of jobs.
#[derive(Clone)]
pub(crate) struct Values {
    pub(crate) secrets: AppSecrets,
    pub(crate) answers: KeptAnswers,
    /// The origin of the pages.
    pub(crate) origin: String,
    /// The address of the control port.
    pub(crate) control_url: String,
    /// The back end's token for it.
    pub(crate) control_token: String,
    /// Where programs find values that they take as files.
    pub(crate) files: PrivateFiles,
}

/// Values that are known: everything that some texts refer to.
#[derive(Default)]
pub(crate) struct KnownValues {
    pub(crate) secrets: BTreeMap<String, String>,
    /// Answers as text; a field that is not asked, or not answered, has none.
    pub(crate) answers: BTreeMap<String, String>,
    pub(crate) addresses: Addresses,
    /// Tells the files of these answers from those of others.
    pub(crate) kind_of_answers: &'static str,
}

impl Values {
    /// Returns the answer to a field; waits for the keychain, if it is a secret one.
    pub(crate) async fn answer(
        &self,
        field: &Field,
        answers: &Answers,
    ) -> Result<Option<Value>, AppError> {
        if !field.kind.is_secret() {
            return Ok(answers.value(field));
        }
        if !answers.secret.contains(&field.name) {
            return Ok(None);
        }
        self.secrets.get(&field.name).await.map(|value| Some(value.into()))
    }

    /// Returns all answers that are given, by the names of their fields.
    pub(crate) async fn all_answers(&self, setup: &SetupPlan) -> BTreeMap<String, Value> {
        let answers = self.answers.get();
        let mut all = BTreeMap::new();
        for field in answers.shown(setup) {
            if let Ok(Some(value)) = self.answer(field, &answers).await {
                all.insert(field.name.clone(), value);
            }
        }
        all
    }

    /// Gets everything that a job refers to.
    pub(crate) async fn of_job(
        &self,
        job: &JobPlan,
        setup: &SetupPlan,
        addresses: Addresses,
    ) -> Result<KnownValues, AppError> {
        let mut known = KnownValues { addresses, kind_of_answers: "answer", ..Default::default() };
        let texts = job.command.iter().chain(job.env.iter().map(|(_, value)| value));
        self.get_secrets(texts, &mut known).await?;
        let answers = self.answers.get();
        let shown = answers.shown(setup);
        for name in job.answers() {
            let Some(field) = shown.iter().find(|field| field.name == name) else { continue };
            if let Some(value) = self.answer(field, &answers).await? {
                known.answers.insert(name.to_owned(), valid::text(&value));
            }
        }
        Ok(known)
    }

    /// Gets the secrets that texts refer to, so that one that cannot be had is told by name.
    pub(crate) async fn get_secrets<'t>(
        &self,
        texts: impl Iterator<Item = &'t Text>,
        known: &mut KnownValues,
    ) -> Result<(), AppError> {
        for name in texts.flat_map(Text::secrets) {
            known.secrets.insert(name.to_owned(), self.secrets.get(name).await?);
        }
        Ok(())
    }

    /// Puts values into a text.
    pub(crate) fn resolve(&self, text: &Text, known: &KnownValues) -> Result<String, AppError> {
        text.resolve(&Resolving { values: self, known }).map_err(AppError::Unresolved)
    }
}

struct Resolving<'a> {
    values: &'a Values,
    known: &'a KnownValues,
}

impl Lookup for Resolving<'_> {
    fn secret(&self, name: &str) -> Option<String> {
        self.known.secrets.get(name).cloned()
    }

    fn secret_file(&self, name: &str) -> Option<String> {
        self.values.files.put("secret", name, &self.secret(name)?).ok()
    }

    fn answer(&self, name: &str) -> Option<String> {
        Some(self.known.answers.get(name).cloned().unwrap_or_default())
    }

    fn answer_file(&self, name: &str) -> Option<String> {
        self.values.files.put(self.known.kind_of_answers, name, &self.answer(name)?).ok()
    }

    fn port(&self, job: &str) -> Option<u16> {
        self.known.addresses.get(job)?.port()
    }

    fn host(&self, job: &str) -> Option<IpAddr> {
        match self.known.addresses.get(job)? {
            Address::Tcp(address) => Some(address.ip()),
            Address::Unix(_) => None,
        }
    }

    fn origin(&self) -> Option<String> {
        Some(self.values.origin.clone())
    }

    fn control_url(&self) -> Option<String> {
        Some(self.values.control_url.clone())
    }

    fn control_token(&self) -> Option<String> {
        Some(self.values.control_token.clone())
    }
}
