//! Chooses the app's own files, and copies them to `app/`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use ensconce_manifest::{Env, Mode, Piece, Template, Variable};

use crate::walk::{Walk, patterns};
use crate::{PayloadError, Request, copy};

/// Something of the manifest that has to be in the package.
struct Source {
    /// The key that names it.
    key: &'static str,
    /// Where it is, relative to the manifest.
    path: PathBuf,
    /// Whether what git ignores goes too.
    with_ignored: bool,
}

/// A command of the app on the target platform.
struct Job {
    command: Vec<String>,
    cwd: Option<String>,
    env: Env,
}

/// Copies the app's own files to `app/`.
pub(crate) fn assemble(request: &Request<'_>) -> Result<(), PayloadError> {
    let chosen = choose(request)?;
    warn_of_private(request, &chosen);
    check_links(request.folder, &chosen)?;
    let app = request.out.join("app");
    for file in &chosen {
        copy::any(&request.folder.join(file), &app.join(file))?;
    }
    warn_of_absent(request, &app);
    Ok(())
}

/// Warns of files that are rarely meant for everyone. Some are: a certificate, a read-only
/// database.
fn warn_of_private(request: &Request<'_>, chosen: &BTreeSet<PathBuf>) {
    const ENDINGS: [&str; 8] = ["pem", "key", "p12", "pfx", "jks", "sqlite", "sqlite3", "db"];
    let is_private =
        |file: &&PathBuf| file.extension().is_some_and(|end| ENDINGS.iter().any(|one| end == *one));
    for file in chosen.iter().filter(is_private) {
        let file = file.display();
        request.progress.warn(&format!(
            "`{file}` goes to every user; name it in `exclude` of `[build]` if that is not meant"
        ));
    }
}

/// Lists the files that go in, relative to the manifest.
fn choose(request: &Request<'_>) -> Result<BTreeSet<PathBuf>, PayloadError> {
    let build = &request.manifest.build;
    let excluded = patterns(request.folder, "build.exclude", &build.exclude)?;
    let without = left_out(request);
    let mut chosen = BTreeSet::new();
    for source in sources(request)? {
        let path: PathBuf = request.folder.join(&source.path).components().collect();
        if path.symlink_metadata().is_err() {
            let why = format!("There is no `{}`", source.path.display());
            let hint = "It is relative to the manifest. If a command makes it, add a \
                        `[[build.step]]` with that command";
            return Err(PayloadError::manifest(source.key, why, hint));
        }
        let walk = Walk { with_ignored: source.with_ignored, without: &without };
        for file in walk.files(&path)? {
            let kept = !excluded.matched_path_or_any_parents(&file, false).is_ignore();
            if kept && let Ok(inside) = file.strip_prefix(request.folder) {
                chosen.insert(inside.to_owned());
            }
        }
    }
    chosen.insert(PathBuf::from("ensconce.toml"));
    Ok(chosen)
}

/// The folders that are made by builds, and those that [`crate::runtime::node`] makes again.
fn left_out(request: &Request<'_>) -> Vec<PathBuf> {
    let mut without = request.written();
    let packages = request.manifest.build.node.iter().flat_map(|node| &node.packages);
    for package in packages {
        let folder = request.folder.join(package).join("node_modules");
        without.push(folder.components().collect());
    }
    without
}

fn sources(request: &Request<'_>) -> Result<Vec<Source>, PayloadError> {
    let manifest = request.manifest;
    let mut sources = Vec::new();
    let mut add = |key, path: &str, with_ignored| {
        let path = inside(key, path)?;
        sources.push(Source { key, path, with_ignored });
        Ok::<(), PayloadError>(())
    };
    if let Some(pages) = &manifest.ui.static_dir {
        add("ui.static", pages, true)?;
    }
    if let Some(icon) = &manifest.app.icon {
        add("app.icon", icon, true)?;
    }
    match &manifest.build.include {
        Some(include) => {
            let written = request.written();
            let kept = Walk { with_ignored: false, without: &written }.files(request.folder)?;
            for path in include {
                // Chosen in spite of git only when git keeps nothing of it.
                let place = request.folder.join(inside("build.include", path)?);
                let explicit = !kept.iter().any(|file| file.starts_with(&place));
                add("build.include", path, explicit)?;
                for output in outputs_in(request, path) {
                    add("build.step.output", &output, true)?;
                }
            }
        }
        None => {
            for folder in working_folders(request) {
                add("cwd", &folder, false)?;
                for output in outputs_in(request, &folder) {
                    add("build.step.output", &output, true)?;
                }
            }
        }
    }
    Ok(sources)
}

/// Takes a path that has to be in the app's folder.
fn inside(key: &str, path: &str) -> Result<PathBuf, PayloadError> {
    let mut result = PathBuf::new();
    for component in Path::new(path).components() {
        match component {
            Component::Normal(name) => result.push(name),
            Component::CurDir => {}
            Component::ParentDir if result.pop() => {}
            _ => {
                let why = format!("`{path}` is not in the manifest's folder");
                let hint = "Move the manifest up, or copy the files with a `[[build.step]]`";
                return Err(PayloadError::manifest(key, why, hint));
            }
        }
    }
    Ok(result)
}

/// The outputs of steps in a folder that is packed, but for those that are programs.
fn outputs_in(request: &Request<'_>, folder: &str) -> Vec<String> {
    let build = &request.manifest.build;
    let folder = request.folder.join(folder);
    let is_program = |output: &String| {
        let paths = build.programs.values().filter_map(|program| program.path.as_ref());
        paths.into_iter().any(|path| Path::new(path).starts_with(output))
    };
    let outputs = build.steps.iter().filter_map(|step| step.output.as_ref());
    let normal = |path: PathBuf| path.components().collect::<PathBuf>();
    outputs
        .filter(|output| {
            normal(request.folder.join(output)).starts_with(normal(folder.clone()))
                && !is_program(output)
        })
        .cloned()
        .collect()
}

fn jobs(request: &Request<'_>) -> Vec<Job> {
    let platform = request.target.platform;
    let services = request.manifest.services.values().map(|service| {
        let settings = service.resolve(platform, Mode::Run);
        (settings.command, settings.cwd, settings.env)
    });
    let tasks = request.manifest.tasks.values().map(|task| {
        let settings = task.resolve(platform, Mode::Run);
        (settings.command, settings.cwd, settings.env)
    });
    services
        .chain(tasks)
        .map(|(command, cwd, env)| Job { command: command.unwrap_or_default(), cwd, env })
        .collect()
}

fn working_folders(request: &Request<'_>) -> BTreeSet<String> {
    let folders = jobs(request).into_iter().filter_map(|job| match job.cwd {
        None => Some(".".to_owned()),
        Some(cwd) => in_resources(&cwd, true),
    });
    folders.collect()
}

/// Returns the path in the app's own folder that a text names, if it does.
fn in_resources(text: &str, is_path: bool) -> Option<String> {
    let template = Template::parse(text).ok()?;
    match template.pieces.as_slice() {
        [] => None,
        [Piece::Text(path)] if is_path && Path::new(path).is_relative() => Some(path.clone()),
        [Piece::Variable(Variable::Resources)] => Some(".".to_owned()),
        [Piece::Variable(Variable::Resources), Piece::Text(rest)] => {
            rest.strip_prefix('/').map(str::to_owned)
        }
        _ => None,
    }
}

/// Refuses links that lead to what is not packed.
fn check_links(folder: &Path, chosen: &BTreeSet<PathBuf>) -> Result<(), PayloadError> {
    let mut links = BTreeMap::new();
    for file in chosen {
        let Ok(target) = fs::read_link(folder.join(file)) else { continue };
        let way = file.parent().unwrap_or(Path::new("")).join(&target);
        let leads = target
            .is_relative()
            .then(|| inside("", &way.to_string_lossy()).ok())
            .flatten()
            .is_some_and(|path| {
                chosen.contains(&path) || chosen.iter().any(|other| other.starts_with(&path))
            });
        if !leads {
            links.insert(file.clone(), target);
        }
    }
    if links.is_empty() {
        return Ok(());
    }
    Err(PayloadError::Links { links: links.into_iter().collect() })
}

/// Warns of files that commands name and that are not packed.
fn warn_of_absent(request: &Request<'_>, app: &Path) {
    let mut absent = BTreeSet::new();
    for job in jobs(request) {
        let cwd = job.cwd.as_deref().and_then(|cwd| in_resources(cwd, true));
        let cwd = app.join(cwd.unwrap_or_default());
        for (index, text) in job.command.iter().enumerate() {
            let is_program = index == 0 && text.contains('/');
            if let Some(path) = in_resources(text, is_program)
                && !app.join(&path).exists()
                && !(is_program && cwd.join(&path).exists())
            {
                absent.insert((text.clone(), path));
            }
        }
        for value in job.env.values() {
            let text = value.to_string();
            if let Some(path) = in_resources(&text, false)
                && !app.join(&path).exists()
            {
                absent.insert((text, path));
            }
        }
    }
    for (text, path) in absent {
        request.progress.warn(&format!(
            "`{text}` is named by a command, but `{path}` is not in the package; name it in \
             `include` of `[build]`"
        ));
    }
}
