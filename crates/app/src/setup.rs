//! What the app asks its user: on the first run by a wizard, later as its settings.
//!
//! One place answers the pages of both, wherever they are shown, and the terminal: [`Setup::handle`]
//! takes a request and gives an answer, both plain data. Answers are tried, then kept, page by
//! page, so that a wizard which is closed half way goes on there the next time.

mod answers;
mod describe;
mod import;
mod trial;
mod valid;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use ensconce_link::AppFace;
use ensconce_manifest::Field;
use ensconce_plan::{Plan, SetupPlan};
use ensconce_store::{Document, Found, Kept, StoreError, Unusable};
use ensconce_supervisor::Handle;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::watch;

pub(crate) use answers::Answers;
pub(crate) use describe::{DataView, Outcome, StoreView, TroubleView};
use describe::{Description, Importable, Purpose, Words};
use trial::{Candidates, Trials};
pub use valid::switch_of;
pub(crate) use valid::text as text_of;

use crate::care::Care;
use crate::jobs::{Shared, jobs};

/// The answers that are no secrets, as they lie on the disk.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Settings {
    pub(crate) answers: BTreeMap<String, Value>,
}

impl Kept for Settings {
    const VERSION: u32 = 1;
    // The wizard can ask again; but what a newer version has kept is not for this one to lose.
    const WHEN_BROKEN: Unusable = Unusable::SetAside;
    const WHEN_NEWER: Unusable = Unusable::Refuse;
}

/// The answers of an app, shared by all that give or need them.
#[derive(Clone)]
pub(crate) struct SharedAnswers {
    known: Arc<Mutex<Answers>>,
    file: PathBuf,
}

impl SharedAnswers {
    /// Reads what is kept. A file that makes no sense is set aside, and said.
    pub(crate) fn read(file: PathBuf, secret: BTreeSet<String>) -> Result<Self, StoreError> {
        let found = document(&file).read()?;
        if let Found::SetAside { path, why } = &found {
            tracing::warn!("{why} The answers are asked for again; they are in {}", path.display());
        }
        let settings: Settings = found.content().unwrap_or_default();
        let known = Answers { plain: settings.answers, secret };
        Ok(Self { known: Arc::new(Mutex::new(known)), file })
    }

    pub(crate) fn get(&self) -> Answers {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn replace(&self, answers: Answers) -> Result<(), String> {
        let settings = Settings { answers: answers.plain.clone() };
        document(&self.file).write(&settings).map_err(|error| error.to_string())?;
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = answers;
        Ok(())
    }
}

fn document(file: &std::path::Path) -> Document<Settings> {
    Document::new(file.to_owned())
}

/// What the pages want. In step with `pages/src/setup`.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case")]
pub(crate) enum SetupRequest {
    Describe,
    Check { step: String, values: BTreeMap<String, Value> },
    Save { step: String, values: BTreeMap<String, Value> },
    Finish,
    Import,
    Store { choice: String, passphrase: Option<String> },
    Backups,
    Backup { database: String },
    Restore { database: String, id: String },
    Export { path: String, passphrase: Option<String> },
    ImportData { path: String, passphrase: Option<String> },
    Status,
}

/// Asks the user, for one app.
#[derive(Clone)]
pub struct Setup {
    pub(crate) face: AppFace,
    pub(crate) plans: watch::Receiver<Plan>,
    pub(crate) shared: Shared,
    pub(crate) supervisor: Handle,
    pub(crate) launch: String,
    /// Whether the wizard is to be shown.
    pub(crate) asking: watch::Sender<bool>,
    pub(crate) care: Care,
    /// What was taken from a settings file of earlier times, until it is saved.
    pub(crate) imported: Arc<Mutex<BTreeMap<String, Value>>>,
}

impl Setup {
    /// Answers a request of the pages, which is JSON, with JSON.
    pub async fn handle(&self, request: &Value) -> Value {
        let request: SetupRequest = match serde_json::from_value(request.clone()) {
            Ok(request) => request,
            Err(error) => return json(&Outcome::failed(format!("This cannot be done: {error}"))),
        };
        // Whoever asked may go away meanwhile; services that were stopped must start again.
        let setup = self.clone();
        let answering = tokio::spawn(async move { setup.answer(request).await });
        answering.await.unwrap_or_else(|error| refused(&error.to_string()))
    }

    async fn answer(&self, request: SetupRequest) -> Value {
        match request {
            SetupRequest::Describe => json(&self.describe()),
            SetupRequest::Check { step, values } => json(&self.check(&step, values).await),
            SetupRequest::Save { step, values } => json(&self.save(&step, values).await),
            SetupRequest::Finish => json(&self.finish().await),
            SetupRequest::Import => self.import(),
            SetupRequest::Store { choice, passphrase } => {
                json(&self.choose_store(&choice, passphrase).await)
            }
            request @ (SetupRequest::Backups
            | SetupRequest::Backup { .. }
            | SetupRequest::Restore { .. }
            | SetupRequest::Export { .. }
            | SetupRequest::ImportData { .. }) => {
                let answer = self.care.handle(request).await.unwrap_or(Value::Null);
                self.ask_for_what_is_missing();
                answer
            }
            // Whoever serves the pages knows the status.
            SetupRequest::Status => Value::Null,
        }
    }

    /// Tells whether the app has settings at all.
    pub fn exists(&self) -> bool {
        self.plans.borrow().has_settings()
    }

    /// The answers that the app's back end may ask for.
    pub(crate) async fn answers(&self) -> Value {
        let plan = self.plans.borrow().clone();
        let shared = self.shared.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let answers = shared.answers.get();
            let shown = answers.shown(&plan.setup).into_iter();
            let value = |field: &Field| shared.answer(field, &answers).ok().flatten();
            let given = shown.filter_map(|field| Some((field.name.clone(), value(field)?)));
            given.collect::<BTreeMap<_, _>>()
        });
        json!({ "answers": reading.await.unwrap_or_default() })
    }

    fn describe(&self) -> Description {
        let plan = self.plans.borrow().clone();
        let answers = self.shared.answers.get();
        let old = import::find(&plan.setup, home().as_deref());
        let name = &self.face.name;
        let purpose = if *self.asking.borrow() { Purpose::Setup } else { Purpose::Settings };
        Description {
            app: self.face.clone(),
            purpose,
            welcome: Some(Words {
                title: format!("Welcome to {name}"),
                text: plan
                    .setup
                    .welcome
                    .clone()
                    .unwrap_or_else(|| format!("A few answers, and {name} is ready.")),
            }),
            done: Some(Words {
                title: format!("{name} is ready"),
                text: plan
                    .setup
                    .done
                    .clone()
                    .unwrap_or_else(|| "You can change your answers in the settings.".to_owned()),
            }),
            steps: describe::steps(&plan.setup, &answers),
            store: self.store(&plan),
            importable: old.filter(|_| purpose == Purpose::Setup).map(|old| Importable {
                path: old.path.display().to_string(),
                fields: labels(&plan.setup, old.values.keys()),
            }),
            data: self.care.view(),
        }
    }

    fn store(&self, plan: &Plan) -> StoreView {
        let keeps = plan.setup.fields().any(|field| field.kind.is_secret());
        match keeps {
            true => self.shared.secrets.store_view(),
            false => StoreView { kind: "none", trouble: None },
        }
    }

    /// Tries a page's answers, and keeps nothing.
    async fn check(&self, step: &str, values: BTreeMap<String, Value>) -> Outcome {
        match self.tried(step, values).await {
            Ok((_, message)) => Outcome::done(message),
            Err(outcome) => outcome,
        }
    }

    /// Tries a page's answers, and keeps them.
    async fn save(&self, step: &str, values: BTreeMap<String, Value>) -> Outcome {
        let (page, message) = match self.tried(step, values).await {
            Ok(tried) => tried,
            Err(outcome) => return outcome,
        };
        let changed = match self.keep(page).await {
            Ok(changed) => changed,
            Err(why) => return Outcome::failed(why),
        };
        if *self.asking.borrow() || changed.is_empty() {
            return Outcome::done(message);
        }
        let restarted = self.apply(&changed).await;
        self.ask_for_what_is_missing();
        let tell = (!restarted.is_empty()).then(|| format!("Restarting {}", restarted.join(", ")));
        Outcome::done(tell.or(message))
    }

    /// Checks and tries a page's answers; gives them as they are to be kept.
    async fn tried(
        &self,
        step: &str,
        given: BTreeMap<String, Value>,
    ) -> Result<(Page, Option<String>), Outcome> {
        let plan = self.plans.borrow().clone();
        let step = step.parse().ok().and_then(|index: usize| plan.setup.steps.get(index));
        let Some(step) = step else { return Err(Outcome::failed("There is no such page.")) };
        let page = self.page(&plan.setup, step, given)?;
        // Before anyone else sees them: what rejects a key may print it.
        let secrets = page.secret.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        self.shared
            .secrets
            .redaction()
            .learn(secrets.map(|(name, value)| (name.as_str(), value.as_str())));
        let candidates = self.candidates(&plan, &page).await.map_err(Outcome::failed)?;
        let trials = Trials {
            shared: self.shared.clone(),
            supervisor: self.supervisor.clone(),
            launch: self.launch.clone(),
        };
        let mut message = None;
        let shown: BTreeSet<&str> =
            page.after.shown(&plan.setup).iter().map(|field| field.name.as_str()).collect();
        for one in step.fields.iter().filter(|one| shown.contains(one.field.name.as_str())) {
            let Some(check) = one.check.as_ref().filter(|_| page.after.has(&one.field)) else {
                continue;
            };
            match trials.run(check, &candidates).await {
                Ok(said) => message = said.or(message),
                Err(why) => {
                    let wrong = BTreeMap::from([(one.field.name.clone(), why)]);
                    return Err(Outcome::wrong(wrong));
                }
            }
        }
        if let Some(check) = &step.check {
            match trials.run(check, &candidates).await {
                Ok(said) => message = said.or(message),
                Err(why) => return Err(Outcome::failed(why)),
            }
        }
        Ok((page, message))
    }

    /// Takes in what was given for a page, as far as each field takes it.
    fn page(
        &self,
        setup: &SetupPlan,
        step: &ensconce_plan::SetupStep,
        given: BTreeMap<String, Value>,
    ) -> Result<Page, Outcome> {
        let imported = self.imported.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut page = Page { after: self.shared.answers.get(), ..Page::default() };
        let mut wrong = BTreeMap::new();
        for field in step.fields.iter().map(|one| &one.field) {
            let is_secret = field.kind.is_secret();
            // `null` leaves a secret as it is; or takes the one of the file that was imported.
            let value = match given.get(&field.name) {
                None | Some(Value::Null) if is_secret => match imported.get(&field.name) {
                    Some(value) => value.clone(),
                    None => continue,
                },
                None => continue,
                Some(value) => value.clone(),
            };
            match valid::answer(field, &value) {
                Ok(value) => page.take(field, value),
                Err(why) => drop(wrong.insert(field.name.clone(), why)),
            }
        }
        let own = |field: &&Field| step.fields.iter().any(|one| one.field.name == field.name);
        let shown: Vec<&Field> = page.after.shown(setup).into_iter().filter(own).collect();
        wrong.retain(|name, _| shown.iter().any(|field| field.name == *name));
        for field in shown.iter().filter(|field| field.required && !page.after.has(field)) {
            wrong.entry(field.name.clone()).or_insert_with(|| "This is needed.".to_owned());
        }
        if wrong.is_empty() { Ok(page) } else { Err(Outcome::wrong(wrong)) }
    }

    /// All answers as they will be, for those who try them.
    async fn candidates(&self, plan: &Plan, page: &Page) -> Result<Candidates, String> {
        let (plan, page, shared) = (plan.clone(), page.clone(), self.shared.clone());
        let reading = tokio::task::spawn_blocking(move || {
            let mut candidates = Candidates::default();
            for field in page.after.shown(&plan.setup) {
                let value = match page.secret.get(&field.name) {
                    Some(new) => new.clone().map(Value::from),
                    None => shared.answer(field, &page.after)?,
                };
                let Some(value) = value else { continue };
                if let Some(variable) = &field.env {
                    candidates.variables.push((variable.clone(), valid::text(&value)));
                }
                candidates.values.insert(field.name.clone(), value);
            }
            Ok(candidates)
        });
        reading.await.map_err(|error| error.to_string())?
    }

    /// Keeps a page's answers; gives the names of those that are others than before.
    async fn keep(&self, page: Page) -> Result<BTreeSet<String>, String> {
        let shared = self.shared.clone();
        let keeping = tokio::task::spawn_blocking(move || {
            let before = shared.answers.get();
            let mut changed: BTreeSet<String> = page.secret.keys().cloned().collect();
            for (name, value) in &page.secret {
                match value {
                    Some(value) => shared.secrets.keep(name, value)?,
                    None => shared.secrets.forget(name)?,
                }
            }
            changed.extend(different(&before.plain, &page.after.plain));
            shared.answers.replace(page.after)?;
            Ok(changed)
        });
        keeping.await.map_err(|error| error.to_string())?
    }

    /// Shows the wizard again when answers that are needed are not there any more: another answer
    /// can make a field needed, and imported ones may lack some.
    fn ask_for_what_is_missing(&self) {
        let missing = !self.shared.answers.get().missing(&self.plans.borrow().setup).is_empty();
        if missing {
            self.asking.send_replace(true);
        }
    }

    /// Starts what has waited for the answers.
    async fn finish(&self) -> Outcome {
        let plan = self.plans.borrow().clone();
        let missing = self.shared.answers.get().missing(&plan.setup).len();
        if missing > 0 {
            return Outcome::failed("Some answers are still needed.");
        }
        self.imported.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let all = plan.setup.fields().map(|field| field.name.clone()).collect();
        // What runs already was started without the answers.
        if *self.asking.borrow() {
            self.apply(&all).await;
        }
        self.asking.send_replace(false);
        Outcome::done(None)
    }

    /// Restarts what is given answers that have changed, or begins to; gives their names.
    async fn apply(&self, changed: &BTreeSet<String>) -> Vec<String> {
        let plan = self.plans.borrow().clone();
        let given = |step: &&ensconce_plan::Step| step.answers().any(|name| changed.contains(name));
        let restarted: Vec<String> =
            plan.steps.iter().filter(given).map(|step| step.name.clone()).collect();
        // Until it is in force, the app looks as if it were up.
        self.supervisor
            .replace(jobs(&plan, &self.shared), restarted.iter().cloned().collect())
            .await;
        restarted
    }

    /// Gives the values of a settings file of earlier times; secrets only by name.
    fn import(&self) -> Value {
        let plan = self.plans.borrow().clone();
        let Some(old) = import::find(&plan.setup, home().as_deref()) else {
            return json!({ "ok": false, "message": "There is nothing to take over.",
                "values": {}, "secrets": [] });
        };
        let is_secret = |name: &String| {
            plan.setup.fields().any(|field| field.name == *name && field.kind.is_secret())
        };
        let (secrets, values): (BTreeMap<_, _>, BTreeMap<_, _>) =
            old.values.into_iter().partition(|(name, _)| is_secret(name));
        let names: Vec<String> = secrets.keys().cloned().collect();
        *self.imported.lock().unwrap_or_else(PoisonError::into_inner) = secrets;
        json!({ "ok": true, "message": null, "values": values, "secrets": names })
    }

    async fn choose_store(&self, choice: &str, passphrase: Option<String>) -> Outcome {
        let (shared, choice) = (self.shared.clone(), choice.to_owned());
        let choosing =
            tokio::task::spawn_blocking(move || shared.secrets.choose(&choice, passphrase));
        match choosing.await {
            Ok(Ok(())) => {
                self.supervisor.retry();
                Outcome::done(None)
            }
            Ok(Err(why)) => Outcome::failed(why),
            Err(error) => Outcome::failed(error.to_string()),
        }
    }
}

/// A page's answers.
#[derive(Debug, Clone, Default)]
struct Page {
    /// All answers, with these; of secrets only the names.
    after: Answers,
    /// The secrets that are new; nothing for those that are to be forgotten.
    secret: BTreeMap<String, Option<String>>,
}

impl Page {
    fn take(&mut self, field: &Field, value: Option<Value>) {
        let name = field.name.clone();
        match (field.kind.is_secret(), value) {
            (true, Some(value)) => {
                self.after.secret.insert(name.clone());
                self.secret.insert(name, Some(valid::text(&value)));
            }
            (true, None) => {
                // An empty secret that there was none of before is no change.
                if self.after.secret.remove(&name) {
                    self.secret.insert(name, None);
                }
            }
            (false, Some(value)) => drop(self.after.plain.insert(name, value)),
            (false, None) => drop(self.after.plain.remove(&name)),
        }
    }
}

impl Shared {
    /// Gives an answer, secret or not; waits for the keychain if need be.
    pub(crate) fn answer(&self, field: &Field, answers: &Answers) -> Result<Option<Value>, String> {
        if !field.kind.is_secret() {
            return Ok(answers.value(field));
        }
        if !answers.secret.contains(&field.name) {
            return Ok(None);
        }
        self.secrets.wait_for(&field.name).map(|value| Some(value.into()))
    }
}

fn different(before: &BTreeMap<String, Value>, after: &BTreeMap<String, Value>) -> Vec<String> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    names.into_iter().filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
}

fn labels<'a>(setup: &SetupPlan, names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let label = |name: &String| setup.fields().find(|field| field.name == *name);
    names.filter_map(|name| Some(label(name)?.label.clone())).collect()
}

fn home() -> Option<PathBuf> {
    dirs::home_dir()
}

/// Says why something is not done.
pub(crate) fn refused(why: &str) -> Value {
    json(&Outcome::failed(why))
}

pub(crate) fn json(answer: &impl Serialize) -> Value {
    serde_json::to_value(answer).unwrap_or(Value::Null)
}
