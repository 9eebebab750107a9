//! Compiles Python files to the bytecode that starts fast, the same bytes each time.

use std::path::Path;

use super::tool;
use crate::{PayloadError, Progress};

/// Compiles every file below the folders, one after another, in one order: in what order strings
/// are seen decides how they are written. Says which files are not Python of this version.
///
/// The files' hashes are in the bytecode but are not looked at, so that nothing is read twice at
/// a start, and no time of a file matters.
const COMPILE: &str = r#"
import os, py_compile, sys
root = sys.argv[1]
for top in sys.argv[2:]:
    for folder, folders, files in os.walk(top):
        folders[:] = sorted(f for f in folders if f not in ("__pycache__", "node_modules"))
        for name in sorted(files):
            path = os.path.join(folder, name)
            if not name.endswith(".py") or os.path.islink(path):
                continue
            try:
                py_compile.compile(
                    path,
                    dfile=os.path.relpath(path, root),
                    doraise=True,
                    invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
                )
            except (py_compile.PyCompileError, ValueError, RecursionError) as error:
                # Some packages have templates, or files for other versions.
                why = str(getattr(error, "msg", error)).strip().splitlines()
                print(os.path.relpath(path, root) + ": " + (why[-1] if why else "?"))
"#;

/// Compiles what is in folders below `root`. Returns the files that cannot be compiled, and why.
pub(super) fn compile(
    interpreter: &Path,
    root: &Path,
    folders: &[&Path],
    progress: &dyn Progress,
) -> Result<Vec<String>, PayloadError> {
    let mut command = tool::python(interpreter);
    // Without `site`, nothing of what is compiled is loaded first.
    command.args(["-S", "-s", "-c", COMPILE]).arg(root).args(folders);
    let written = tool::run(command, "Compiling Python files", progress)?;
    Ok(written.lines().map(str::to_owned).collect())
}
