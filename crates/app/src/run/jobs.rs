//! What the supervisor is told of a plan.

use std::path::PathBuf;
use std::sync::Arc;

use ensconce_manifest::Size;
use ensconce_plan::{JobKind, JobPlan, ListenPlan, Plan, ReadyPlan, Text};
use ensconce_supervisor::{
    Addresses, Job, Kind, Launch, Listen, Program, Ready, Render, RenderError, StopRule, StopSignal,
};
use regex::Regex;

use super::database_check::check_first;
use super::migration::{DataAccess, wrap};
use super::rules;
use super::values::Values;
use crate::error::AppError;

/// Makes a job of each task and service that can run with the answers that there are.
pub(crate) fn jobs(plan: &Arc<Plan>, values: &Values, access: &DataAccess) -> Vec<Job> {
    let held = values.answers.get().held(plan);
    let free = plan.jobs.iter().filter(|job| !held.contains(&job.name));
    let mut jobs = free.map(|job| self::job(plan, job, values, access)).collect();
    check_first(plan, access, &mut jobs);
    jobs
}

fn job(plan: &Arc<Plan>, job: &JobPlan, values: &Values, access: &DataAccess) -> Job {
    Job {
        name: job.name.clone(),
        kind: match job.kind {
            JobKind::Task => Kind::Task,
            JobKind::Service => Kind::Service,
        },
        needs: job.needs.clone(),
        optional: job.optional,
        listen: listen(&job.listen),
        ready: ready(&job.ready),
        start_timeout: job.start_timeout,
        stop: StopRule { signal: signal(job.stop.signal), timeout: job.stop.timeout },
        restart: rules::restart(&job.rules.restart),
        on_dependency_exit: rules::on_dependency_exit(job.rules.on_dependency_exit),
        liveness: job.rules.liveness.as_ref().map(rules::liveness),
        memory_limit: job.rules.memory_limit.map(Size::bytes),
        render: render(plan, job, values, access),
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

fn render(plan: &Arc<Plan>, job: &JobPlan, values: &Values, access: &DataAccess) -> Render {
    let rendering = Arc::new(Rendering {
        plan: Arc::clone(plan),
        job: job.clone(),
        values: values.clone(),
        access: access.clone(),
    });
    Arc::new(move |addresses| {
        let rendering = Arc::clone(&rendering);
        Box::pin(async move {
            rendering.launch(addresses).await.map_err(|error| RenderError::new(error.to_string()))
        })
    })
}

/// A job whose program is made right before it starts.
struct Rendering {
    plan: Arc<Plan>,
    job: JobPlan,
    values: Values,
    access: DataAccess,
}

impl Rendering {
    async fn launch(&self, addresses: Addresses) -> Result<Launch, AppError> {
        let job = &self.job;
        if let Some(reason) = &job.skip {
            return Ok(Launch::Skip(reason.clone()));
        }
        if let Some(path) = job.unless.as_ref().filter(|path| path.exists()) {
            return Ok(Launch::Skip(format!("{} exists", path.display())));
        }
        let known = self.values.of_job(job, &self.plan.setup, addresses).await?;
        let resolve = |text: &Text| self.values.resolve(text, &known).map(Into::into);
        let command = job.command.iter().map(resolve).collect::<Result<_, _>>()?;
        // A variable that is nothing but an answer is not set where there is none.
        let is_unanswered =
            |text: &Text| text.only_answer().is_some_and(|name| !known.answers.contains_key(name));
        let set = job.env.iter().filter(|(_, value)| !is_unanswered(value));
        let env = set
            .map(|(name, value)| Ok((name.into(), resolve(value)?)))
            .collect::<Result<_, AppError>>()?;
        let program = Program { command, env, cwd: PathBuf::from(&job.cwd), input: None };
        Ok(Launch::Run(wrap(&self.plan, job, &self.access, program).await?))
    }
}
