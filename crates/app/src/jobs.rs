//! What the supervisor is told of a plan.

mod rules;

use std::path::PathBuf;
use std::sync::Arc;

use ensconce_manifest::Size;
use ensconce_plan::{ListenPlan, Lookup, Plan, ReadyPlan, Step, StepKind};
use ensconce_supervisor::{
    Addresses, Job, Kind, Launch, Listen, Program, Ready, Render, StopRule, StopSignal,
};
use regex::Regex;

use crate::secrets::PendingSecrets;

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
}

/// Makes a job of each step.
pub(crate) fn jobs(plan: &Plan, shared: &Shared) -> Vec<Job> {
    plan.steps.iter().map(|step| job(step, shared)).collect()
}

fn job(step: &Step, shared: &Shared) -> Job {
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
        on_need_end: rules::on_need_end(step.rules.on_need_end),
        liveness: step.rules.liveness.as_ref().map(rules::liveness),
        memory_limit: step.rules.memory_limit.map(Size::bytes),
        render: render(step.clone(), shared.clone()),
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

fn render(step: Step, shared: Shared) -> Render {
    let step = Arc::new(step);
    Arc::new(move |addresses| launch(&step, &shared, addresses))
}

fn launch(step: &Step, shared: &Shared, addresses: &Addresses) -> Result<Launch, String> {
    if let Some(reason) = &step.skip {
        return Ok(Launch::Skip(reason.clone()));
    }
    if let Some(path) = step.unless.as_ref().filter(|path| path.exists()) {
        return Ok(Launch::Skip(format!("{} exists", path.display())));
    }
    let values = Values { secrets: secrets_of(step, shared)?, shared, addresses };
    let resolve = |text: &ensconce_plan::Text| text.resolve(&values).map(Into::into);
    let command = step.command.iter().map(resolve).collect::<Result<_, _>>()?;
    let env = step
        .env
        .iter()
        .map(|(name, value)| Ok((name.into(), resolve(value)?)))
        .collect::<Result<_, String>>()?;
    Ok(Launch::Run(Program { command, env, cwd: PathBuf::from(&step.cwd) }))
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

/// The values that are known when a step starts.
struct Values<'a> {
    secrets: Vec<(String, String)>,
    shared: &'a Shared,
    addresses: &'a Addresses,
}

impl Lookup for Values<'_> {
    fn secret(&self, name: &str) -> Option<String> {
        self.secrets.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
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
