//! `ensconce check`.

use std::env;
use std::path::{Path, PathBuf};

use clap::Args;
use ensconce_app::{AppError, Mode, Plan, plan_for};
use ensconce_plan::{JobPlan, UiRoot};

use crate::arguments::Target;
use crate::error::CommandError;
use crate::screen;

/// Looks for mistakes.
#[derive(Args)]
pub(crate) struct Check {
    #[command(flatten)]
    target: Target,
    /// Prints the mistakes as JSON to stdout
    #[arg(long)]
    json: bool,
}

impl Check {
    /// Reads the manifest, plans it in both modes, and looks for what it names.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let plan = |mode| plan_for(&self.target.manifest, mode, self.target.data_dir.as_deref());
        let plans = plan(Mode::Run).and_then(|run| Ok((run, plan(Mode::Dev)?)));
        let missing = match &plans {
            Ok((run, _)) => missing(run),
            Err(_) => Vec::new(),
        };
        if self.json {
            print_json(plans.as_ref().err(), &missing)?;
        }
        let (run, _) = plans?;
        for warning in &missing {
            screen::warn(warning);
        }
        let (name, version) = (&run.app.name, &run.app.version);
        screen::say(&format!("{name} {version} is valid: {}", contents(&run)));
        Ok(())
    }
}

fn print_json(error: Option<&AppError>, warnings: &[String]) -> Result<(), CommandError> {
    let mistakes = match error {
        None => serde_json::json!([]),
        Some(AppError::Manifest(mistakes)) => mistakes.to_json(),
        Some(error) => {
            serde_json::json!([{ "message": error.to_string(), "hints": error.hints() }])
        }
    };
    let report = serde_json::json!({ "mistakes": mistakes, "warnings": warnings });
    screen::print(&format!("{report:#}\n")).map_err(CommandError::Output)
}

fn contents(plan: &Plan) -> String {
    let names: Vec<&str> = plan.jobs.iter().map(|job| job.name.as_str()).collect();
    if names.is_empty() { "no tasks or services".to_owned() } else { names.join(", ") }
}

/// Returns what the manifest names and this machine does not have: not a mistake, but it will not
/// run.
fn missing(plan: &Plan) -> Vec<String> {
    let mut missing = Vec::new();
    if let UiRoot::Static { folder, .. } = &plan.ui.root
        && !folder.is_dir()
    {
        missing.push(format!("the pages do not exist: {}", folder.display()));
    }
    if let Some(icon) = plan.app.icon.as_ref().filter(|icon| !icon.is_file()) {
        missing.push(format!("the icon does not exist: {}", icon.display()));
    }
    missing.extend(plan.jobs.iter().filter_map(missing_in));
    missing
}

fn missing_in(job: &JobPlan) -> Option<String> {
    if !job.cwd.is_dir() {
        return Some(format!(
            "the working folder of `{}` does not exist: {}",
            job.name,
            job.cwd.display()
        ));
    }
    let program = job.command.first()?.to_string();
    let found = find_program(&program, job);
    (!found).then(|| format!("the program of `{}` was not found: {program}", job.name))
}

/// Looks up a program as the start will: a path is relative to the job's folder, a name is on its
/// `PATH`.
fn find_program(program: &str, job: &JobPlan) -> bool {
    if Path::new(program).components().count() > 1 || program.starts_with('.') {
        return job.cwd.join(program).is_file();
    }
    let own = job.env.iter().find(|(name, _)| name == "PATH");
    let own = own.map(|(_, path)| path.to_string().into());
    let path = own.or_else(|| env::var_os("PATH")).unwrap_or_default();
    let candidates = |folder: PathBuf| {
        [folder.join(program), folder.join(format!("{program}{}", env::consts::EXE_SUFFIX))]
    };
    env::split_paths(&path).flat_map(candidates).any(|file| file.is_file())
}
