//! What the supervisor is told of a plan.

mod look;
mod rules;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ensconce_manifest::Size;
use ensconce_plan::{DatabasePlan, ListenPlan, Lookup, Plan, ReadyPlan, SetupPlan, Step, StepKind};
use ensconce_supervisor::{
    Addresses, Job, Kind, Launch, Listen, Program, Ready, Render, RenderError, StopRule, StopSignal,
};
use regex::Regex;
use serde_json::json;

use crate::care::backup_folder;
use crate::files::PrivateFiles;
use crate::helper;
use crate::home::unclean_file;
use crate::secrets::PendingSecrets;
use crate::setup::SharedAnswers;

/// What all jobs of an app need to be rendered.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) secrets: PendingSecrets,
    /// The origin of the pages.
    pub(crate) origin: String,
    /// The address of the control port.
    pub(crate) control_url: String,
    /// The back end's token for it.
    pub(crate) control_token: String,
    /// What the user has answered.
    pub(crate) answers: SharedAnswers,
    /// Where services find values that they take as files.
    pub(crate) files: PrivateFiles,
    /// The folder of Ensconce's own files.
    pub(crate) own: PathBuf,
}

/// Makes a job of each step that can run with the answers that there are.
pub(crate) fn jobs(plan: &Plan, shared: &Shared) -> Vec<Job> {
    let held = shared.answers.get().held(plan);
    let free = plan.steps.iter().filter(|step| !held.contains(&step.name));
    let mut jobs = free.map(|step| job(plan, step, shared)).collect();
    look::look_first(plan, shared, &mut jobs);
    jobs
}

fn job(plan: &Plan, step: &Step, shared: &Shared) -> Job {
    Job {
        name: step.name.clone(),
        kind: match step.kind {
            StepKind::Task => Kind::Task,
            StepKind::Service => Kind::Service,
        },
        needs: step.needs.clone(),
        optional: step.optional,
        listen: listen(&step.listen),
        ready: ready(&step.ready),
        start_timeout: step.start_timeout,
        stop: StopRule { signal: signal(step.stop.signal), timeout: step.stop.timeout },
        restart: rules::restart(&step.rules.restart),
        on_dependency_exit: rules::on_dependency_exit(step.rules.on_need_end),
        liveness: step.rules.liveness.as_ref().map(rules::liveness),
        memory_limit: step.rules.memory_limit.map(Size::bytes),
        render: render(plan, step.clone(), shared.clone()),
    }
}

fn listen(listen: &ListenPlan) -> Listen {
    match listen {
        ListenPlan::Nowhere => Listen::Nowhere,
        ListenPlan::Tcp(port) => Listen::Tcp(*port),
        ListenPlan::Unix(path) => Listen::Unix(path.clone()),
        ListenPlan::Fd(path) => Listen::Passed(path.clone()),
        ListenPlan::Handshake(file) => Listen::Handshake(file.clone()),
    }
}

fn ready(ready: &ReadyPlan) -> Ready {
    match ready {
        ReadyPlan::Exit | ReadyPlan::Started => Ready::Started,
        ReadyPlan::Listening => Ready::Listening,
        ReadyPlan::Http { path, statuses } => {
            Ready::Http { path: path.clone(), statuses: statuses.clone() }
        }
        // The manifest's check has compiled it before.
        ReadyPlan::Log(pattern) => Regex::new(pattern).map_or(Ready::Started, Ready::Log),
        ReadyPlan::Notify(socket) => Ready::Notify(socket.clone()),
    }
}

fn signal(signal: ensconce_manifest::StopSignal) -> StopSignal {
    use ensconce_manifest::StopSignal as Written;
    match signal {
        Written::Term => StopSignal::Term,
        Written::Int => StopSignal::Int,
        Written::Quit => StopSignal::Quit,
        Written::Hup => StopSignal::Hup,
        Written::Usr1 => StopSignal::Usr1,
        Written::Usr2 => StopSignal::Usr2,
        Written::Kill => StopSignal::Kill,
    }
}

fn render(plan: &Plan, step: Step, shared: Shared) -> Render {
    let setup = Arc::new(plan.setup.clone());
    let migration = Arc::new(Migration::of(plan, &step, &shared.own));
    let is_given_secrets = is_given_secrets(&step, &setup);
    let step = Arc::new(step);
    Arc::new(move |addresses| {
        let (step, setup, shared) = (Arc::clone(&step), Arc::clone(&setup), shared.clone());
        let migration = Arc::clone(&migration);
        Box::pin(async move {
            if is_given_secrets {
                shared.secrets.settled().await;
            }
            let launching =
                tokio::task::spawn_blocking(move || launch(&step, &setup, &shared, &addresses));
            let launch = launching.await.map_err(|error| RenderError::new(error.to_string()))??;
            Ok(match (launch, migration.as_ref()) {
                (Launch::Run(program), Some(migration)) => Launch::Run(migration.around(program)),
                (launch, _) => launch,
            })
        })
    })
}

/// Returns whether a step cannot be rendered before the secrets are at hand.
fn is_given_secrets(step: &Step, setup: &SetupPlan) -> bool {
    let mut texts = step.command.iter().chain(step.env.iter().map(|(_, value)| value));
    let is_secret =
        |name: &str| setup.fields().any(|field| field.name == name && field.kind.is_secret());
    texts.any(|text| text.secrets().next().is_some()) || step.answers().any(is_secret)
}

fn launch(
    step: &Step,
    setup: &SetupPlan,
    shared: &Shared,
    addresses: &Addresses,
) -> Result<Launch, String> {
    if let Some(reason) = &step.skip {
        return Ok(Launch::Skip(reason.clone()));
    }
    if let Some(path) = step.unless.as_ref().filter(|path| path.exists()) {
        return Ok(Launch::Skip(format!("{} exists", path.display())));
    }
    let values = Values {
        secrets: secrets_of(step, shared)?,
        answers: answers_of(step, setup, shared)?,
        shared,
        addresses,
    };
    let resolve = |text: &ensconce_plan::Text| text.resolve(&values).map(Into::into);
    let command = step.command.iter().map(resolve).collect::<Result<_, _>>()?;
    // A variable that is nothing but an answer is not set where there is none.
    let unanswered = |text: &ensconce_plan::Text| {
        text.only_answer().is_some_and(|name| !values.answers.contains_key(name))
    };
    let set = step.env.iter().filter(|(_, value)| !unanswered(value));
    let env = set
        .map(|(name, value)| Ok((name.into(), resolve(value)?)))
        .collect::<Result<_, String>>()?;
    Ok(Launch::Run(Program { command, env, cwd: PathBuf::from(&step.cwd), input: None }))
}

/// Waits for the secrets of a step, so that one that cannot be had is told by its own message.
fn secrets_of(step: &Step, shared: &Shared) -> Result<Vec<(String, String)>, String> {
    let texts = step.command.iter().chain(step.env.iter().map(|(_, value)| value));
    let mut secrets = Vec::new();
    for name in texts.flat_map(|text| text.secrets()) {
        secrets.push((name.to_owned(), shared.secrets.wait_for(name)?));
    }
    Ok(secrets)
}

/// The answers that a step is given, as text.
fn answers_of(
    step: &Step,
    setup: &SetupPlan,
    shared: &Shared,
) -> Result<BTreeMap<String, String>, String> {
    let answers = shared.answers.get();
    let shown = answers.shown(setup);
    let mut given = BTreeMap::new();
    for name in step.answers() {
        let Some(field) = shown.iter().find(|field| field.name == name) else { continue };
        if let Some(value) = shared.answer(field, &answers)? {
            given.insert(name.to_owned(), crate::setup::text_of(&value));
        }
    }
    Ok(given)
}

/// A task that changes databases: the helper runs it, so that there is a way back.
struct Migration {
    helper: PathBuf,
    request: String,
}

impl Migration {
    fn of(plan: &Plan, step: &Step, own: &Path) -> Option<Self> {
        let is_its = |one: &&DatabasePlan| one.migrate.as_ref() == Some(&step.name);
        let databases: Vec<&DatabasePlan> = plan.databases.iter().filter(is_its).collect();
        let keep = databases.iter().map(|one| one.keep).max()?;
        let files: Vec<_> =
            databases.iter().map(|one| json!({ "name": one.name, "file": one.file })).collect();
        let request = json!({
            "databases": files,
            "folder": backup_folder(own),
            "version": plan.app.version,
            "keep": keep,
            "unclean": unclean_file(own),
        });
        Some(Self { helper: helper::program(), request: request.to_string() })
    }

    fn around(&self, program: Program) -> Program {
        let helper = [self.helper.clone().into(), "migrate".into(), "--".into()];
        let request = ("ENSCONCE_MIGRATE".into(), self.request.clone().into());
        Program {
            command: helper.into_iter().chain(program.command).collect(),
            env: program.env.into_iter().chain([request]).collect(),
            cwd: program.cwd,
            input: program.input,
        }
    }
}

/// The values that are known when a step starts.
struct Values<'a> {
    secrets: Vec<(String, String)>,
    answers: BTreeMap<String, String>,
    shared: &'a Shared,
    addresses: &'a Addresses,
}

impl Lookup for Values<'_> {
    fn secret(&self, name: &str) -> Option<String> {
        self.secrets.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    fn secret_file(&self, name: &str) -> Option<String> {
        self.shared.files.put("secret", name, &self.secret(name)?).ok()
    }

    fn answer(&self, name: &str) -> Option<String> {
        Some(self.answers.get(name).cloned().unwrap_or_default())
    }

    fn answer_file(&self, name: &str) -> Option<String> {
        self.shared.files.put("answer", name, &self.answer(name)?).ok()
    }

    fn port(&self, step: &str) -> Option<u16> {
        self.addresses.get(step)?.port()
    }

    fn origin(&self) -> Option<String> {
        Some(self.shared.origin.clone())
    }

    fn control_url(&self) -> Option<String> {
        Some(self.shared.control_url.clone())
    }

    fn control_token(&self) -> Option<String> {
        Some(self.shared.control_token.clone())
    }
}
