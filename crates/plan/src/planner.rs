//! The plan of a whole app.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ensconce_manifest::{
    Encoding, Env, Fallback, Listen, Manifest, Mode, Piece, Platform, Ready, ReadyKind,
    ServiceSettings, StopSignal, TaskSettings, Template, Variable, When, listening,
};

use crate::job::{UiRoot, WindowPlan};
use crate::programs::prefer_own;
use crate::python::choose;
use crate::rules::{RulesPlan, statuses};
use crate::setup::{DatabasePlan, Planning, SetupPlan, Site, uses_python};
use crate::variables::Context;
use crate::{
    AppInfo, Facts, JobKind, JobPlan, ListenPlan, Part, Plan, PlanError, PlanErrors, PythonChoice,
    ReadyPlan, RoutePlan, SecretPlan, StopPlan, Text, UiPlan, order,
};

const START_TIMEOUT: Duration = Duration::from_secs(60);
const TASK_TIMEOUT: Duration = Duration::from_secs(300);
const KEPT_BACKUPS: u32 = 5;
const STOP_TIMEOUT: Duration = Duration::from_secs(10);
/// The variable that makes Python write each line at once.
const UNBUFFERED: &str = "PYTHONUNBUFFERED";

/// Plans a checked manifest.
///
/// # Errors
/// Everything that keeps it from running on this machine, together.
pub fn plan(manifest: &Manifest, facts: &Facts) -> Result<Plan, PlanErrors> {
    let planner = Planner { manifest, facts };
    let (jobs, mut errors) = planner.jobs();
    let (ui, routes) = (planner.ui(), planner.routes());
    let setup = planner.setup(Site { root: &ui.root, routes: &routes });
    let databases = planner.databases();
    errors.extend(setup.as_ref().err().into_iter().flat_map(|errors| errors.0.clone()));
    errors.extend(databases.as_ref().err().into_iter().flat_map(|errors| errors.0.clone()));
    let (Ok(setup), Ok(databases), []) = (setup, databases, errors.as_slice()) else {
        return Err(PlanErrors(errors));
    };
    Ok(Plan {
        app: planner.app(),
        mode: facts.mode,
        window: planner.window(),
        ui,
        routes,
        folders: facts.folders.clone(),
        resources: facts.resources.clone(),
        secrets: planner.secrets(),
        setup,
        databases,
        jobs: order::by_need(jobs),
    })
}

struct Planner<'a> {
    manifest: &'a Manifest,
    facts: &'a Facts,
}

/// What tasks and services have in common, after overrides.
struct Common<'a> {
    name: &'a str,
    command: &'a [String],
    cwd: Option<&'a str>,
    env: &'a Env,
    needs: &'a [String],
    listen: ListenPlan,
}

impl Planner<'_> {
    fn app(&self) -> AppInfo {
        let app = &self.manifest.app;
        AppInfo {
            id: app.id.clone(),
            name: app.name.clone(),
            version: app.version.clone(),
            icon: app.icon.as_ref().map(|icon| self.facts.resources.join(icon)),
        }
    }

    fn window(&self) -> WindowPlan {
        let window = &self.manifest.window;
        WindowPlan {
            title: window.title.clone().unwrap_or_else(|| self.manifest.app.name.clone()),
            width: window.width,
            height: window.height,
            min_width: window.min_width,
            min_height: window.min_height,
            resizable: window.resizable,
            maximized: window.maximized,
            fullscreen: window.fullscreen,
        }
    }

    fn ui(&self) -> UiPlan {
        let ui = &self.manifest.ui;
        UiPlan {
            root: self.ui_root(),
            path: ui.path.clone().unwrap_or_else(|| "/".to_owned()),
            open: ui.open.clone(),
            origin: ui.origin.clone().unwrap_or_else(|| self.default_origin()),
            allow: ui.allow.clone(),
        }
    }

    fn ui_root(&self) -> UiRoot {
        let ui = &self.manifest.ui;
        if self.facts.mode == Mode::Dev && ui.dev.is_some() {
            return UiRoot::Service(self.ui_service());
        }
        match (&ui.static_dir, &ui.service, &ui.url) {
            (Some(folder), ..) => UiRoot::Static {
                folder: self.facts.resources.join(folder),
                fallback: match &ui.fallback {
                    Some(Fallback::File(file)) => Some(file.clone()),
                    Some(Fallback::Enabled(false)) => None,
                    Some(Fallback::Enabled(true)) | None => Some("index.html".to_owned()),
                },
            },
            (None, Some(service), _) => UiRoot::Service(service.clone()),
            (None, None, url) => UiRoot::Url(url.clone().unwrap_or_default()),
        }
    }

    /// The name of the job that serves the pages in development.
    fn ui_service(&self) -> String {
        let taken = |name: &str| {
            self.manifest.services.contains_key(name) || self.manifest.tasks.contains_key(name)
        };
        if taken("ui") { "ui-dev".to_owned() } else { "ui".to_owned() }
    }

    /// A name without a port, from the last part of the app's id: a secure context everywhere.
    fn default_origin(&self) -> String {
        let id = &self.manifest.app.id;
        let name = id.rsplit('.').next().unwrap_or(id).to_ascii_lowercase();
        format!("http://{name}.localhost")
    }

    fn routes(&self) -> Vec<RoutePlan> {
        let routes = self.manifest.routes.iter();
        routes
            .map(|route| RoutePlan {
                host: route.host.clone(),
                path: route.path.clone(),
                service: route.service.clone(),
                strip: route.strip,
            })
            .collect()
    }

    fn secrets(&self) -> Vec<SecretPlan> {
        let secrets = self.manifest.secrets.iter();
        secrets
            .map(|(name, secret)| SecretPlan {
                name: name.clone(),
                generate: secret.generate,
                encoding: secret.encoding.unwrap_or(Encoding::Base64url),
            })
            .collect()
    }

    fn setup(&self, site: Site<'_>) -> Result<SetupPlan, PlanErrors> {
        let resources = &self.facts.resources;
        let python = match uses_python(self.manifest) {
            true => Some(choose(self.manifest, self.facts, resources)?),
            false => None,
        };
        let listen = ListenPlan::Nowhere;
        let context = self.context("setup", &listen, python.as_ref());
        let setup = &self.manifest.setup;
        Ok(SetupPlan {
            welcome: setup.welcome.clone(),
            done: setup.done.clone(),
            imports: setup.import.clone(),
            pages: Planning { context, site }.pages(&setup.pages)?,
        })
    }

    fn databases(&self) -> Result<Vec<DatabasePlan>, PlanErrors> {
        all(self.manifest.databases.iter().map(|(name, database)| {
            let place = format!("database {name}");
            let context = self.context(&place, &ListenPlan::Nowhere, None);
            Ok(DatabasePlan {
                name: name.clone(),
                file: self.facts.resources.join(context.known(&database.file)?),
                migrate: database.migrate.clone(),
                backup: database.backup.map(|every| every.0),
                keep: database.keep.unwrap_or(KEPT_BACKUPS),
            })
        }))
    }

    fn jobs(&self) -> (Vec<JobPlan>, Vec<PlanError>) {
        let tasks = self.manifest.tasks.iter().map(|(name, task)| {
            self.task(name, &task.resolve(self.facts.platform, self.facts.mode))
        });
        let services = self.manifest.services.iter().map(|(name, service)| {
            self.service(name, &service.resolve(self.facts.platform, self.facts.mode))
        });
        let mut jobs = Vec::new();
        let mut errors = Vec::new();
        for job in tasks.chain(services).chain(self.ui_job()) {
            match job {
                Ok(job) => jobs.push(job),
                Err(found) => {
                    let new = |error: &PlanError| !errors.contains(error);
                    let new: Vec<PlanError> = found.0.into_iter().filter(new).collect();
                    errors.extend(new);
                }
            }
        }
        (jobs, errors)
    }

    fn task(&self, name: &str, settings: &TaskSettings) -> Result<JobPlan, PlanErrors> {
        let job = self.job(&Common {
            name,
            command: settings.command.as_deref().unwrap_or_default(),
            cwd: settings.cwd.as_deref(),
            env: &settings.env,
            needs: settings.needs.as_deref().unwrap_or_default(),
            listen: ListenPlan::Nowhere,
        });
        let context = self.context(name, &ListenPlan::Nowhere, None);
        let unless = settings.unless.as_ref().map(|path| context.known(path)).transpose();
        let (mut job, unless) = both(job, unless)?;
        let when = settings.when.unwrap_or(When::Always);
        job.skip = self.why_skipped(name, when);
        job.when = Some(when);
        job.optional = settings.optional.unwrap_or(false);
        job.start_timeout = settings.timeout.map_or(TASK_TIMEOUT, |timeout| timeout.0);
        job.unless = unless.map(|path| job.cwd.join(path));
        Ok(job)
    }

    fn why_skipped(&self, task: &str, when: When) -> Option<String> {
        let done_in = self.facts.done_tasks.get(task)?;
        match when {
            When::Always => None,
            When::FirstRun => Some("it has run before".to_owned()),
            When::Update if *done_in == self.manifest.app.version => {
                Some(format!("it has run in version {done_in}"))
            }
            When::Update => None,
        }
    }

    fn service(&self, name: &str, settings: &ServiceSettings) -> Result<JobPlan, PlanErrors> {
        let listen = self.listen(name, settings);
        if self.facts.platform == Platform::Windows
            && matches!(listen, ListenPlan::Unix(_) | ListenPlan::Fd(_))
        {
            return Err(PlanError::NoUnixSockets { job: name.to_owned() }.into());
        }
        let handshake = settings.handshake.as_ref().map(|path| self.handshake(name, path));
        let job = self.job(&Common {
            name,
            command: settings.command.as_deref().unwrap_or_default(),
            cwd: settings.cwd.as_deref(),
            env: &settings.env,
            needs: settings.needs.as_deref().unwrap_or_default(),
            listen,
        });
        let (mut job, _) = both(job, handshake.transpose())?;
        job.kind = JobKind::Service;
        job.ready = self.ready(name, settings.ready.as_ref(), &job.listen);
        job.rules = RulesPlan::of(settings, &self.notify(name));
        if job.rules.watchdog().is_some() && self.facts.platform == Platform::Windows {
            return Err(PlanError::NoWatchdog { job: name.to_owned() }.into());
        }
        if matches!(job.ready, ReadyPlan::Notify(_)) || job.rules.watchdog().is_some() {
            let socket = Text::known(self.notify(name).display().to_string());
            job.env.push(("NOTIFY_SOCKET".to_owned(), socket));
        }
        job.optional = settings.optional.unwrap_or(false);
        let start_timeout = settings.start.as_ref().and_then(|start| start.timeout);
        job.start_timeout = start_timeout.map_or(START_TIMEOUT, |timeout| timeout.0);
        if let Some(stop) = &settings.stop {
            job.stop.signal = stop.signal.unwrap_or(job.stop.signal);
            job.stop.timeout = stop.timeout.map_or(job.stop.timeout, |timeout| timeout.0);
        }
        Ok(job)
    }

    fn ui_job(&self) -> Option<Result<JobPlan, PlanErrors>> {
        let dev = self.manifest.ui.dev.as_ref()?;
        (self.facts.mode == Mode::Dev).then(|| {
            let mut job = self.job(&Common {
                name: &self.ui_service(),
                command: &dev.command,
                cwd: dev.cwd.as_deref(),
                env: &dev.env,
                needs: &dev.needs,
                listen: ListenPlan::Tcp(dev.port),
            })?;
            job.kind = JobKind::Service;
            job.ready = ReadyPlan::Listening;
            job.start_timeout = START_TIMEOUT;
            Ok(job)
        })
    }

    fn job(&self, common: &Common<'_>) -> Result<JobPlan, PlanErrors> {
        let folder = self.folder(common);
        let cwd = folder.as_ref().unwrap_or(&self.facts.resources).clone();
        let python = self.python(common, &cwd)?;
        let context = self.context(common.name, &common.listen, python.as_ref());
        let mut variables = self.manifest.env.clone();
        variables.extend(common.env.clone());
        let values = variables.values().map(ToString::to_string);
        let texts = common.command.iter().cloned().chain(values);
        let (mut command, cwd) = both(all(texts.map(|text| context.text(&text))), folder)?;
        let values = command.split_off(common.command.len());
        anchor(command.first_mut(), &cwd);
        let mut env: Vec<(String, Text)> = variables.into_keys().zip(values).collect();
        env.extend(self.answers(&env));
        if python.is_some() && !env.iter().any(|(name, _)| name == UNBUFFERED) {
            // Otherwise Python buffers its output until it has 8 KiB of it.
            env.insert(0, (UNBUFFERED.to_owned(), Text::known("1")));
        }
        prefer_own(self.facts, &mut command, &mut env);
        let needs = self.needs(common, command.iter().chain(env.iter().map(|(_, value)| value)));
        Ok(JobPlan {
            name: common.name.to_owned(),
            kind: JobKind::Task,
            skip: None,
            when: None,
            unless: None,
            needs,
            optional: false,
            command,
            env,
            cwd,
            python: python.clone(),
            listen: common.listen.clone(),
            ready: ReadyPlan::Exit,
            start_timeout: TASK_TIMEOUT,
            stop: StopPlan { signal: StopSignal::Term, timeout: STOP_TIMEOUT },
            rules: RulesPlan::default(),
        })
    }

    /// Returns the variables in which every job gets answers, except those that it sets itself.
    fn answers(&self, env: &[(String, Text)]) -> Vec<(String, Text)> {
        let named = self
            .manifest
            .setup
            .fields()
            .filter_map(|field| Some((field.env.as_ref()?, &field.name)));
        named
            .filter(|(variable, _)| env.iter().all(|(own, _)| own != *variable))
            .map(|(variable, name)| (variable.clone(), Text(vec![Part::Answer(name.clone())])))
            .collect()
    }

    fn folder(&self, common: &Common<'_>) -> Result<PathBuf, PlanError> {
        let resources = self.facts.resources.clone();
        let Some(folder) = common.cwd else { return Ok(resources) };
        let context = self.context(common.name, &common.listen, None);
        Ok(resources.join(context.known(folder)?))
    }

    fn context<'b>(
        &'b self,
        job: &'b str,
        listen: &'b ListenPlan,
        python: Option<&'b PythonChoice>,
    ) -> Context<'b> {
        Context {
            manifest: self.manifest,
            facts: self.facts,
            job,
            listen,
            python,
            listen_of: Box::new(|service| self.listen_of(service)),
        }
    }

    fn python(&self, common: &Common<'_>, cwd: &Path) -> Result<Option<PythonChoice>, PlanError> {
        let values = common.env.values().chain(self.manifest.env.values()).map(ToString::to_string);
        let mut texts = common.command.iter().cloned().chain(values);
        let uses = |text: String| {
            let template = Template::parse(&text).unwrap_or_default();
            template.pieces.contains(&Piece::Variable(Variable::Python))
        };
        if texts.any(uses) { choose(self.manifest, self.facts, cwd).map(Some) } else { Ok(None) }
    }

    /// Returns the dependencies from the manifest, and the services whose port is known only once
    /// they have reported it.
    fn needs<'b>(&self, common: &Common<'_>, texts: impl Iterator<Item = &'b Text>) -> Vec<String> {
        let mut needs = common.needs.to_vec();
        for part in texts.flat_map(|text| &text.0) {
            let Part::Port(service) = part else { continue };
            let tells = matches!(self.listen_of(service), Some(ListenPlan::Handshake(_)));
            if tells && service != common.name && !needs.contains(service) {
                needs.push(service.clone());
            }
        }
        needs
    }

    fn listen_of(&self, service: &str) -> Option<ListenPlan> {
        let found = self.manifest.services.get(service)?;
        Some(self.listen(service, &found.resolve(self.facts.platform, self.facts.mode)))
    }

    fn listen(&self, name: &str, settings: &ServiceSettings) -> ListenPlan {
        let run = &self.facts.folders.run;
        match listening(settings) {
            Listen::None => ListenPlan::Nowhere,
            Listen::Tcp => ListenPlan::Tcp(settings.port),
            Listen::Unix => ListenPlan::Unix(run.join(format!("{name}.sock"))),
            Listen::Fd => ListenPlan::Fd(run.join(format!("{name}.sock"))),
            Listen::Handshake => {
                let usual = run.join(format!("{name}.port.json"));
                let named = settings.handshake.as_ref();
                // A path that has no value is reported with its own service.
                let named = named.and_then(|path| self.handshake(name, path).ok());
                ListenPlan::Handshake(named.unwrap_or(usual))
            }
        }
    }

    fn handshake(&self, name: &str, path: &str) -> Result<PathBuf, PlanError> {
        let context = self.context(name, &ListenPlan::Nowhere, None);
        Ok(self.facts.resources.join(context.known(path)?))
    }

    /// Returns the socket to which a service reports its state.
    fn notify(&self, name: &str) -> PathBuf {
        self.facts.folders.run.join(format!("{name}.notify"))
    }

    fn ready(&self, name: &str, ready: Option<&Ready>, listen: &ListenPlan) -> ReadyPlan {
        match ready {
            None if *listen == ListenPlan::Nowhere => ReadyPlan::Started,
            None | Some(Ready::Kind(ReadyKind::Tcp | ReadyKind::Handshake)) => ReadyPlan::Listening,
            Some(Ready::Kind(ReadyKind::Started)) => ReadyPlan::Started,
            Some(Ready::Kind(ReadyKind::Notify)) => ReadyPlan::Notify(self.notify(name)),
            Some(Ready::Http(http)) => ReadyPlan::Http {
                path: http.http.clone(),
                statuses: statuses(http.status.as_ref()),
            },
            Some(Ready::Log(log)) => ReadyPlan::Log(log.log.clone()),
        }
    }
}

/// Collects values, or all errors if there are any.
fn all<T>(results: impl Iterator<Item = Result<T, PlanError>>) -> Result<Vec<T>, PlanErrors> {
    let (mut values, mut errors) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(value) => values.push(value),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(values) } else { Err(PlanErrors(errors)) }
}

/// Joins two results, or their errors if there are any.
fn both<A, B>(a: Result<A, PlanErrors>, b: Result<B, PlanError>) -> Result<(A, B), PlanErrors> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (Err(errors), Ok(_)) => Err(errors),
        (Ok(_), Err(error)) => Err(error.into()),
        (Err(mut errors), Err(error)) => {
            errors.0.push(error);
            Err(errors)
        }
    }
}

/// Resolves a program that is given as a path, not as a name for `PATH`, against the folder.
pub(crate) fn anchor(program: Option<&mut Text>, cwd: &Path) {
    let Some(Text(parts)) = program else { return };
    if let [Part::Known(text)] = parts.as_mut_slice()
        && Path::new(text.as_str()).components().count() > 1
    {
        *text = cwd.join(text.as_str()).display().to_string();
    }
}
