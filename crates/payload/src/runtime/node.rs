//! A private Node, and the production packages of the app.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ensconce_manifest::{BuildNode, Platform};
use serde_json::Value;

use super::program::{bring_libraries, with_machine};
use super::{Made, Runtime, machine};
use crate::fetch::Fetch;
use crate::{Component, Key, PayloadError, Request, copy, tool, unpack};

/// The `[build.node]` interpreter.
pub(crate) struct Node<'a> {
    pub(crate) build: &'a BuildNode,
}

/// The packages of one folder with a `package.json` and its lock file.
pub(crate) struct Packages<'a> {
    pub(crate) request: &'a Request<'a>,
    /// The folder, relative to the manifest.
    pub(crate) folder: &'a str,
}

const LOCKS: [&str; 2] = ["npm-shrinkwrap.json", "package-lock.json"];

impl Runtime for Node<'_> {
    fn name(&self) -> String {
        "Node".to_owned()
    }

    fn folder(&self) -> &str {
        "node"
    }

    fn key(&self, request: &Request<'_>) -> Result<Key, PayloadError> {
        let key = Key::new("node 1").with(request.target.triple);
        match &self.build.url {
            Some(url) => Ok(with_machine(key, request).with(url).with(self.sha256()?)),
            None => with_machine(key, request).with_file(&local_node()?),
        }
    }

    fn make(&self, request: &Request<'_>, into: &Path) -> Result<Made, PayloadError> {
        let file = match request.target.platform {
            Platform::Windows => "bin/node.exe",
            _ => "bin/node",
        };
        let node = into.join(file);
        match &self.build.url {
            Some(url) => self.fetch(url, request, &node)?,
            None => copy::file(&local_node()?, &node)?,
        }
        copy::set_mode(&node, 0o755)?;
        machine::check(&node, request.target)?;
        bring_libraries(request, into)?;
        let version = match &self.build.url {
            Some(url) if !request.target.is_here() => version_in(url),
            _ => ask(Command::new(&node).arg("--version"))?,
        };
        let version = version.trim_start_matches('v').to_owned();
        let component = Component {
            purl: format!("pkg:generic/node@{version}"),
            name: "node".to_owned(),
            version,
            license: Some("MIT".to_owned()),
        };
        let programs = [("node".to_owned(), file.to_owned())].into();
        Ok(Made { programs, components: vec![component] })
    }
}

impl Node<'_> {
    fn sha256(&self) -> Result<&str, PayloadError> {
        self.build.sha256.as_deref().ok_or_else(|| {
            let hint = "SHASUMS256.txt beside the archive has it";
            PayloadError::manifest("build.node.sha256", "It is missing", hint)
        })
    }

    /// Fetches an archive of nodejs.org's layout, and takes the interpreter out of it.
    fn fetch(&self, url: &str, request: &Request<'_>, to: &Path) -> Result<(), PayloadError> {
        let url = url.replace("{target}", request.target.triple);
        let archive = Fetch::new(request.cache, request.progress).file(&url, self.sha256()?)?;
        let aside = tempfile::tempdir_in(request.cache.root())
            .map_err(PayloadError::file("write", request.cache.root()))?;
        unpack::unpack(&archive, aside.path())?;
        let found = ["bin/node", "node.exe"].iter().map(|file| aside.path().join(file));
        let Some(node) = found.into_iter().find(|path| path.is_file()) else {
            let why = "There is no `bin/node` in the archive";
            let hint = "Take an archive of nodejs.org, such as node-v20.19.5-linux-x64.tar.xz";
            return Err(PayloadError::manifest("build.node.url", why, hint));
        };
        copy::file(&node, to)
    }
}

/// The version in the name of an archive such as `node-v22.12.0-win-x64.zip`, of a Node that cannot
/// be asked here.
fn version_in(url: &str) -> String {
    let name = url.rsplit('/').next().unwrap_or(url);
    let version = name.strip_prefix("node-").and_then(|rest| rest.split('-').next());
    version.unwrap_or("unknown").to_owned()
}

/// Finds the machine's own Node: the program itself, behind links and version managers.
fn local_node() -> Result<PathBuf, PayloadError> {
    ask(Command::new("node").args(["-p", "process.execPath"])).map(PathBuf::from)
}

/// Asks a program for one line.
fn ask(command: &mut Command) -> Result<String, PayloadError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| PayloadError::Program {
        program: program.clone(),
        purpose: "is needed for `build.node`".to_owned(),
        error,
        hint: "Install Node, or set `url` and `sha256` in `[build.node]`".to_owned(),
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(PayloadError::Failed {
        what: format!("`{program}`"),
        status: output.status.to_string(),
        tail: String::from_utf8_lossy(&output.stderr).lines().map(str::to_owned).collect(),
        hints: vec!["Try to run the program on its own".to_owned()],
    })
}

impl Packages<'_> {
    /// Puts `node_modules` at the folder's place under `app/`, and lists what is in it.
    pub(crate) fn place(&self) -> Result<Vec<Component>, PayloadError> {
        let request = self.request;
        request.progress.begin(&format!("the packages of {}", self.folder));
        let source = request.folder.join(self.folder);
        let lock = self.lock(&source)?;
        let node = request.out.join("runtime/node/bin");
        let mut key = Key::new("npm 2").with(request.target.triple);
        for file in self.inputs(&source, lock)? {
            key = key.with(&file).with_file(&source.join(&file))?;
        }
        key = key.with(ask(self.npm(&node).arg("--version"))?);
        key = key.with(ask(Command::new(node.join("node")).arg("--version"))?);
        let made = request.cache.folder(&key, |into| self.install(&source, lock, &node, into))?;
        let modules = made.join("node_modules");
        if modules.is_dir() {
            let to = request.out.join("app").join(self.folder).join("node_modules");
            copy::cached(&modules, &to, request.target.platform)?;
        }
        let mut components = BTreeSet::new();
        list(&modules, &mut components);
        Ok(components.into_iter().collect())
    }

    fn lock(&self, source: &Path) -> Result<&'static str, PayloadError> {
        let lock = LOCKS.into_iter().find(|name| source.join(name).is_file());
        match lock {
            Some(lock) if source.join("package.json").is_file() => Ok(lock),
            _ => Err(PayloadError::manifest(
                "build.node.packages",
                format!("There is no package.json with a package-lock.json in `{}`", self.folder),
                "Run `npm install` there once; its lock file says exactly what to include",
            )),
        }
    }

    /// The files that decide what is installed; among them packages that lie beside.
    fn inputs(&self, source: &Path, lock: &str) -> Result<Vec<String>, PayloadError> {
        let path = source.join(lock);
        let text = fs::read(&path).map_err(PayloadError::file("read", &path))?;
        let lock_value: Value = serde_json::from_slice(&text).map_err(|error| {
            let why = format!("{}: {error}", path.display());
            PayloadError::manifest("build.node.packages", why, "Run `npm install` there again")
        })?;
        let packages = lock_value["packages"].as_object();
        let resolved = packages.into_iter().flat_map(|packages| packages.values());
        let mut inputs = vec!["package.json".to_owned(), lock.to_owned()];
        for package in resolved {
            if package["link"] == true {
                let to = package["resolved"].as_str().unwrap_or_default();
                let why = format!("The packages of `{}` have a link to `{to}`", self.folder);
                let hint = "Include workspaces and linked folders with a `[[build.step]]`";
                return Err(PayloadError::manifest("build.node.packages", why, hint));
            }
            let file = package["resolved"].as_str().and_then(|url| url.strip_prefix("file:"));
            inputs.extend(file.map(str::to_owned));
        }
        if source.join(".npmrc").is_file() {
            inputs.push(".npmrc".to_owned());
        }
        Ok(inputs)
    }

    fn npm(&self, node: &Path) -> Command {
        let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
        // Native packages are made for the Node that runs npm.
        let path = std::env::var_os("PATH").unwrap_or_default();
        let paths = std::iter::once(node.to_owned()).chain(std::env::split_paths(&path));
        if let Ok(path) = std::env::join_paths(paths) {
            command.env("PATH", path);
        }
        command
    }

    fn install(
        &self,
        source: &Path,
        lock: &str,
        node: &Path,
        into: &Path,
    ) -> Result<(), PayloadError> {
        let aside = into.join("work");
        for file in self.inputs(source, lock)? {
            copy::file(&source.join(&file), &aside.join(&file))?;
        }
        self.take_out_scripts(&aside.join("package.json"))?;
        let mut command = self.npm(node);
        command.args(["ci", "--omit=dev", "--ignore-scripts=false", "--no-audit", "--no-fund"]);
        command.current_dir(&aside);
        let ended =
            tool::run(command, self.request.progress).map_err(|error| PayloadError::Program {
                program: "npm".to_owned(),
                purpose: "installs the packages of `build.node`".to_owned(),
                error,
                hint: "Install npm; it comes with Node".to_owned(),
            })?;
        if !ended.status.success() {
            return Err(self.failed(&ended));
        }
        let (from, to) = (aside.join("node_modules"), into.join("node_modules"));
        if from.is_dir() {
            fs::rename(&from, &to).map_err(PayloadError::file("move", &from))?;
        }
        fs::remove_dir_all(&aside).map_err(PayloadError::file("remove", &aside))
    }

    /// Takes out the folder's own scripts: they are for its developers (`husky`, `prisma
    /// generate`), and what they need is not here. Those of its packages run.
    fn take_out_scripts(&self, path: &Path) -> Result<(), PayloadError> {
        let text = fs::read(path).map_err(PayloadError::file("read", path))?;
        let Ok(mut package) = serde_json::from_slice::<serde_json::Value>(&text) else {
            return Ok(());
        };
        let scripts = package.as_object_mut().and_then(|package| package.remove("scripts"));
        for name in ["preinstall", "install", "postinstall"] {
            if scripts.as_ref().is_some_and(|scripts| scripts.get(name).is_some()) {
                self.request.progress.warn(&format!(
                    "The script `{name}` of package.json does not run for the packed packages; \
                     what it makes needs a `[[build.step]]`"
                ));
            }
        }
        copy::write(path, &serde_json::to_vec(&package).unwrap_or_default())
    }

    fn failed(&self, ended: &tool::Ended) -> PayloadError {
        // npm says why first, and then how it is used.
        let is_usage = |line: &String| line.ends_with("Clean install a project");
        let usage = ended.lines.iter().position(is_usage);
        let (tail, hint) = match usage {
            Some(usage) => (
                ended.lines[usage.saturating_sub(20)..usage].to_vec(),
                format!("Run `npm install` in `{}`, and look at what changes", self.folder),
            ),
            None => (ended.tail(), format!("Try `npm ci --omit=dev` in `{}`", self.folder)),
        };
        PayloadError::Failed {
            what: format!("`npm ci` in {}", self.folder),
            status: ended.status(),
            tail,
            hints: vec![hint],
        }
    }
}

/// Lists the packages in a `node_modules`, and in those below.
fn list(modules: &Path, components: &mut BTreeSet<Component>) {
    for entry in fs::read_dir(modules).into_iter().flatten().flatten() {
        let path = entry.path();
        if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        if entry.file_name().to_string_lossy().starts_with('@') {
            list(&path, components);
            continue;
        }
        components.extend(component(&path.join("package.json")));
        list(&path.join("node_modules"), components);
    }
}

fn component(package: &Path) -> Option<Component> {
    let package: Value = serde_json::from_slice(&fs::read(package).ok()?).ok()?;
    let (name, version) = (package["name"].as_str()?, package["version"].as_str()?);
    let license = package["license"].as_str().or_else(|| package["license"]["type"].as_str());
    Some(Component {
        // A scope's `@` would begin the version.
        purl: format!("pkg:npm/{}@{version}", name.replace('@', "%40")),
        name: name.to_owned(),
        version: version.to_owned(),
        license: license.map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::version_in;

    #[test]
    fn archives_say_their_version() {
        assert_eq!(
            version_in("https://nodejs.org/dist/v22.12.0/node-v22.12.0-win-x64.zip"),
            "v22.12.0"
        );
        assert_eq!(version_in("https://example.com/node.zip"), "unknown");
    }
}
