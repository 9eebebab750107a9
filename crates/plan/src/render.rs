//! The plan as text for people.

mod rules;

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use crate::job::UiRoot;
use crate::{JobKind, JobPlan, ListenPlan, Plan, ReadyPlan, Text};

impl Display for Plan {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {} ({})", self.app.name, self.app.version, self.app.id)?;
        self.write_ui(f)?;
        self.write_folders(f)?;
        for (index, job) in self.jobs.iter().enumerate() {
            writeln!(f)?;
            job.write(f, index + 1)?;
        }
        Ok(())
    }
}

impl Plan {
    fn write_ui(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let pages = match &self.ui.root {
            UiRoot::Static { folder, .. } => folder.display().to_string(),
            UiRoot::Service(service) => format!("service {service}"),
            UiRoot::Url(url) => url.clone(),
        };
        line(f, "pages", &format!("{}{} from {pages}", self.ui.origin, self.ui.path))?;
        for route in &self.routes {
            let host = route.host.as_deref().map(|host| format!("http://{host}"));
            let from = format!("{}{}", host.unwrap_or_default(), route.path);
            line(f, "route", &format!("{from} to service {}", route.service))?;
        }
        for allowed in &self.ui.allow {
            line(f, "allow", allowed)?;
        }
        Ok(())
    }

    fn write_folders(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let folders = &self.folders;
        line(f, "data", &folders.data.display())?;
        line(f, "config", &folders.config.display())?;
        line(f, "cache", &folders.cache.display())?;
        line(f, "logs", &folders.logs.display())?;
        line(f, "run", &folders.run.display())?;
        for secret in &self.secrets {
            let origin = match secret.generate {
                Some(_) => "generated on the first run",
                None => "given by the user",
            };
            line(f, "secret", &format!("{}, {origin}", secret.name))?;
        }
        for field in self.setup.fields() {
            let kind = if field.kind.is_secret() { "secret" } else { "setting" };
            line(f, kind, &format!("{}, asked of the user", field.name))?;
        }
        for database in &self.databases {
            let task = database.migrate.as_deref();
            let before = task.map_or(String::new(), |task| format!(", backed up before {task}"));
            line(f, "database", &format!("{}{before}", database.file.display()))?;
        }
        Ok(())
    }
}

impl JobPlan {
    fn write(&self, f: &mut Formatter<'_>, number: usize) -> fmt::Result {
        let kind = match self.kind {
            JobKind::Task => "task",
            JobKind::Service => "service",
        };
        let optional = if self.optional { ", optional" } else { "" };
        writeln!(f, "{number}. {kind} {}{optional}", self.name)?;
        if let Some(reason) = &self.skip {
            line(f, "skipped", &format!("because {reason}"))?;
        }
        if !self.needs.is_empty() {
            line(f, "after", &self.needs.join(", "))?;
        }
        line(f, "command", &command_line(&self.command))?;
        line(f, "folder", &self.cwd.display())?;
        if let Some(python) = &self.python {
            let interpreter = python.interpreter.display();
            line(f, "python", &format!("{interpreter} ({})", python.why))?;
        }
        for (name, value) in &self.env {
            line(f, "env", &format!("{name}={value}"))?;
        }
        self.write_rules(f)
    }

    fn write_rules(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.unless {
            line(f, "unless", &format!("{} exists", path.display()))?;
        }
        if self.listen != ListenPlan::Nowhere {
            line(f, "listens", &self.listen)?;
        }
        line(f, "ready", &format!("{}, within {}", self.ready, seconds(self.start_timeout)))?;
        let signal = format!("{:?}", self.stop.signal).to_uppercase();
        line(f, "stop", &format!("SIG{signal}, killed after {}", seconds(self.stop.timeout)))?;
        self.rules.write(f)
    }
}

impl Display for ListenPlan {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nowhere => f.write_str("nowhere"),
            Self::Tcp(Some(port)) => write!(f, "on 127.0.0.1:{port}"),
            Self::Tcp(None) => f.write_str("on a free port of 127.0.0.1"),
            Self::Unix(socket) => write!(f, "on the socket {}", socket.display()),
            Self::Fd(socket) => write!(f, "on the passed socket {}", socket.display()),
            Self::Handshake(file) => {
                write!(f, "on a port that it reports, in {} or by PORT:N", file.display())
            }
        }
    }
}

impl Display for ReadyPlan {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exit => f.write_str("when it exits with code 0"),
            Self::Started => f.write_str("when its process runs"),
            Self::Listening => f.write_str("when it accepts connections"),
            Self::Http { path, statuses } => {
                write!(f, "when GET {path} answers with {}", answer(statuses))
            }
            Self::Log(pattern) => write!(f, "when a line of output matches `{pattern}`"),
            Self::Notify(_) => f.write_str("when it sends READY=1 to NOTIFY_SOCKET"),
        }
    }
}

fn answer(statuses: &[u16]) -> String {
    if statuses.is_empty() {
        return "200 to 399".to_owned();
    }
    let statuses: Vec<String> = statuses.iter().map(u16::to_string).collect();
    statuses.join(" or ")
}

fn line(f: &mut Formatter<'_>, label: &str, value: &dyn Display) -> fmt::Result {
    writeln!(f, "   {label:<8} {value}")
}

fn seconds(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds.fract() == 0.0 { format!("{seconds:.0} s") } else { format!("{seconds:.1} s") }
}

/// Quotes what a shell would split, so that the line is unambiguous.
fn command_line(command: &[Text]) -> String {
    let quoted = command.iter().map(|argument| {
        let text = argument.to_string();
        let odd = |c: char| c.is_whitespace() || "\"'\\$`&|;()*?".contains(c);
        if text.is_empty() || text.contains(odd) { format!("{text:?}") } else { text }
    });
    quoted.collect::<Vec<_>>().join(" ")
}
