//! What an interpreter says about itself and where its parts are.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::error::PythonError;
use super::tool;
use crate::PayloadError;

/// Asks for the interpreter that a virtual environment was made with.
const BASE: &str = r#"
import os, sys
print(os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable))
"#;

/// Asks for everything else. It runs on versions that are too old, too, so that they can be named.
const ASK: &str = r#"
import json, platform, sys, sysconfig
get = sysconfig.get_config_var
paths = sysconfig.get_paths()
print(json.dumps({
    "version": platform.python_version(),
    "minor": list(sys.version_info[:2]),
    "implementation": sys.implementation.name,
    "prefix": sys.base_prefix,
    "platlibdir": getattr(sys, "platlibdir", "lib"),
    "stdlib": paths["stdlib"],
    "packages": [paths["purelib"], paths["platlib"]],
    "scripts": paths["scripts"],
    "dynload": get("DESTSHARED"),
    "library": get("INSTSONAME") if get("Py_ENABLE_SHARED") else None,
    "library_folder": get("LIBDIR"),
}))
"#;

/// An interpreter and its parts.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Layout {
    /// The program itself.
    #[serde(skip)]
    pub(super) executable: PathBuf,
    /// Such as `3.12.12`.
    pub(super) version: String,
    minor: (u32, u32),
    implementation: String,
    /// The folder of the whole installation.
    pub(super) prefix: PathBuf,
    /// `lib` or `lib64`.
    pub(super) platlibdir: String,
    /// The standard library.
    pub(super) stdlib: PathBuf,
    /// Where packages are installed, pure and compiled ones.
    pub(super) packages: Vec<PathBuf>,
    /// Where console scripts are installed.
    pub(super) scripts: PathBuf,
    /// The standard library's compiled modules.
    pub(super) dynload: Option<PathBuf>,
    /// Name of the shared library, such as `libpython3.12.so.1.0`.
    pub(super) library: Option<String>,
    /// Where that was installed.
    pub(super) library_folder: Option<PathBuf>,
}

impl Layout {
    /// Asks the interpreter that another one, in a virtual environment perhaps, was made with.
    pub(super) fn of_base(interpreter: &Path) -> Result<Self, PayloadError> {
        let base = answer(interpreter, BASE)?;
        Self::of(Path::new(base.trim()))
    }

    /// Asks an interpreter.
    pub(super) fn of(interpreter: &Path) -> Result<Self, PayloadError> {
        let answered = answer(interpreter, ASK)?;
        let wrong = |why: String| PythonError::Interpreter { path: interpreter.to_owned(), why };
        let mut layout: Self =
            serde_json::from_str(&answered).map_err(|error| wrong(error.to_string()))?;
        interpreter.clone_into(&mut layout.executable);
        // Where packages go may be the same folder twice.
        layout.packages.dedup();
        if layout.implementation != "cpython" || layout.minor < (3, 9) {
            let why = format!("it is {} {}", layout.implementation, layout.version);
            return Err(wrong(why).into());
        }
        Ok(layout)
    }

    /// `python3.12`.
    pub(super) fn short_name(&self) -> String {
        format!("python{}.{}", self.minor.0, self.minor.1)
    }
}

fn answer(interpreter: &Path, question: &str) -> Result<String, PayloadError> {
    let mut command = tool::python(interpreter);
    let output = command.args(["-I", "-c", question]).output();
    let wrong = |why: String| PythonError::Interpreter { path: interpreter.to_owned(), why };
    let output = output.map_err(|error| wrong(error.to_string()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(wrong(String::from_utf8_lossy(&output.stderr).trim().to_owned()).into())
}
