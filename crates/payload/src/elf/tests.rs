//! Real libraries and programs, made by the compiler that links Rust programs too.

#![cfg(target_os = "linux")]

use std::fs;
use std::process::Command;

use super::*;
use crate::copy;

struct Lab {
    folder: tempfile::TempDir,
}

impl Lab {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    /// Makes `root/PATH`, which needs the libraries at other paths of the root.
    fn make(&self, path: &str, needs: &[&str], extra: &[&str]) -> PathBuf {
        let to = self.root().join(path);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        let name = to.file_name().unwrap().to_str().unwrap().to_owned();
        let is_library = name.contains(".so");
        let function = |name: &str| name.split('.').next().unwrap().replace('-', "_");
        let mut source = String::new();
        for need in needs {
            let other = function(Path::new(need).file_name().unwrap().to_str().unwrap());
            source += &format!("int {other}(void); int (*p_{other})(void) = {other};\n");
        }
        source += &match is_library {
            true => format!("int {}(void) {{ return 7; }}\n", function(&name)),
            false => "#include <stdio.h>\nint main(void) { puts(\"it runs\"); return 0; }\n".into(),
        };
        let file = self.folder.path().join("source.c");
        fs::write(&file, source).unwrap();
        let mut command = Command::new("cc");
        command.args(["-o"]).arg(&to).arg(&file).arg("-Wl,--no-as-needed");
        // What a library needs itself does not matter when a program is linked to it.
        command.arg("-Wl,--allow-shlib-undefined,--unresolved-symbols=ignore-in-shared-libs");
        if is_library {
            command.args(["-shared", "-fPIC"]).arg(format!("-Wl,-soname,{name}"));
        }
        command.args(needs.iter().map(|need| self.root().join(need))).args(extra);
        assert!(command.status().unwrap().success(), "cc made no {path}");
        to
    }

    fn missing(&self) -> Vec<String> {
        needs(&self.root(), &[]).unwrap().missing.iter().map(ToString::to_string).collect()
    }
}

#[test]
fn a_program_finds_what_is_on_its_path() {
    let lab = Lab::new();
    lab.make("app/lib/liba.so.1", &[], &[]);
    lab.make("app/bin/right", &["app/lib/liba.so.1"], &["-Wl,-rpath,$ORIGIN/../lib"]);
    assert_eq!(lab.missing(), [""; 0]);
    lab.make("app/bin/wrong", &["app/lib/liba.so.1"], &["-Wl,-rpath,/somewhere"]);
    assert_eq!(
        lab.missing(),
        ["app/bin/wrong needs liba.so.1 (it does not look in app/lib/liba.so.1)"]
    );
    let needs = needs(&lab.root(), &["liba.so.1".to_owned()]).unwrap();
    assert_eq!(needs.missing, []);
    assert!(needs.glibc >= Some((2, 2)), "{:?}", needs.glibc);
}

#[test]
fn a_runpath_is_of_its_file_only_and_an_rpath_of_all_that_it_loads() {
    for (tags, expected) in [
        (
            "-Wl,--enable-new-dtags",
            vec!["app/lib/libb.so.1 needs liba.so.1 (it does not look in app/lib/liba.so.1)"],
        ),
        ("-Wl,--disable-new-dtags", vec![]),
    ] {
        let lab = Lab::new();
        lab.make("app/lib/liba.so.1", &[], &[]);
        lab.make("app/lib/libb.so.1", &["app/lib/liba.so.1"], &[]);
        let program =
            lab.make("app/run", &["app/lib/libb.so.1"], &[tags, "-Wl,-rpath,$ORIGIN/lib"]);
        assert_eq!(lab.missing(), expected);
        let runs = Command::new(program).output().unwrap().status.success();
        assert_eq!(runs, expected.is_empty(), "the real loader thinks otherwise");
    }
}

#[test]
fn an_extension_finds_what_its_program_has_loaded() {
    let lab = Lab::new();
    lab.make("runtime/python/lib/liba.so.1", &[], &[]);
    lab.make("runtime/python/site/ext.so", &["runtime/python/lib/liba.so.1"], &[]);
    lab.make("runtime/node/bin/node", &[], &[]);
    let python = |path: &str| {
        vec![format!("runtime/python/site/ext.so needs liba.so.1 (it does not look in {path})")]
    };
    assert_eq!(lab.missing(), python("runtime/python/lib/liba.so.1"));
    // Another runtime's program does not open it.
    lab.make(
        "runtime/node/bin/node",
        &["runtime/python/lib/liba.so.1"],
        &["-Wl,-rpath,$ORIGIN/../../python/lib"],
    );
    lab.make("runtime/python/bin/python", &[], &[]);
    assert_eq!(lab.missing(), python("runtime/python/lib/liba.so.1"));
    lab.make(
        "runtime/python/bin/python",
        &["runtime/python/lib/liba.so.1"],
        &["-Wl,-rpath,$ORIGIN/../lib"],
    );
    assert_eq!(lab.missing(), [""; 0]);
}

#[test]
fn what_cannot_be_loaded_here_is_left_out() {
    let lab = Lab::new();
    lab.make("app/liba.so.1", &[], &[]);
    let library = lab.make("app/libb.so", &["app/liba.so.1"], &[]);
    assert_eq!(lab.missing().len(), 1);
    let mut bytes = fs::read(&library).unwrap();
    // The processor in the header: SPARC.
    bytes[18] = 2;
    fs::write(&library, &bytes).unwrap();
    fs::write(lab.root().join("app/libc.so"), b"\x7fELF and no more").unwrap();
    assert_eq!(lab.missing(), [""; 0]);
}

#[test]
fn a_name_that_leads_to_a_library_is_found() {
    let lab = Lab::new();
    lab.make("app/lib/liba.so.1", &[], &[]);
    lab.make("app/run", &["app/lib/liba.so.1"], &["-Wl,-rpath,$ORIGIN/lib"]);
    fs::rename(lab.root().join("app/lib/liba.so.1"), lab.root().join("app/lib/liba.so.1.2"))
        .unwrap();
    std::os::unix::fs::symlink("liba.so.1.2", lab.root().join("app/lib/liba.so.1")).unwrap();
    assert_eq!(lab.missing(), [""; 0]);
}

#[test]
fn a_library_that_is_inside_is_found_instead_of_brought() {
    let lab = Lab::new();
    lab.make("app/lib/liba.so.1", &[], &[]);
    lab.make("app/deep/libb.so.1", &["app/lib/liba.so.1"], &[]);
    let program = lab.make("app/run", &["app/deep/libb.so.1"], &["-Wl,-rpath,/build/machine"]);
    assert!(!Command::new(&program).status().unwrap().success());
    assert_eq!(bring_along(&lab.root(), &lab.root().join("libraries"), &[]).unwrap().len(), 0);
    assert_eq!(lab.missing(), [""; 0]);
    assert!(Command::new(&program).status().unwrap().success());
}

///  with its libraries, in a place where there is nothing else.
#[test]
fn a_program_of_this_machine_runs_where_its_libraries_are_not() {
    let Some(program) = ["/usr/bin/redis-cli", "/usr/bin/git", "/usr/bin/ssh", "/usr/bin/curl"]
        .into_iter()
        .map(PathBuf::from)
        .find(|path| {
            let needed = binary::Binary::read(path).ok().flatten().map(|it| it.needed);
            needed.unwrap_or_default().iter().any(|name| !is_glibc(name))
        })
    else {
        panic!("expected a program with shared libraries on this machine");
    };
    let lab = Lab::new();
    let copy = lab.root().join("a folder/bin/program");
    copy::file(&program, &copy).unwrap();
    assert!(!lab.missing().is_empty());
    let brought = bring_along(&lab.root(), &lab.root().join("libraries ü"), &[]).unwrap();
    assert!(!brought.is_empty());
    assert_eq!(lab.missing(), [""; 0]);
    assert_eq!(bring_along(&lab.root(), &lab.root().join("libraries ü"), &[]).unwrap(), []);

    let moved = lab.folder.path().join("moved");
    fs::rename(lab.root(), &moved).unwrap();
    let loader = Command::new("ldd").arg(moved.join("a folder/bin/program")).output().unwrap();
    let text = String::from_utf8(loader.stdout).unwrap();
    let outside: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split_once(" => "))
        .filter(|(name, path)| !is_glibc(name.trim()) && !path.contains("libraries ü"))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(outside, [""; 0], "{text}");
    let version = Command::new(moved.join("a folder/bin/program")).arg("--version").output();
    assert!(!version.unwrap().stdout.is_empty());
}

#[test]
fn what_is_appended_to_a_program_is_not_lost() {
    let lab = Lab::new();
    lab.make("app/lib/liba.so.1", &[], &[]);
    let program = lab.make("app/run", &["app/lib/liba.so.1"], &[]);
    let mut bytes = fs::read(&program).unwrap();
    bytes.extend_from_slice(&[7; 4096]);
    fs::write(&program, &bytes).unwrap();
    let error = patch::add_search_path(&program, "lib").unwrap_err().to_string();
    assert!(error.contains("Data is appended"), "{error}");
    assert_eq!(fs::read(&program).unwrap(), bytes);
}

/// As `auditwheel` leaves the libraries of wheels.
#[test]
fn zeros_that_a_tool_has_filled_up_with_are_nothing() {
    let lab = Lab::new();
    lab.make("app/lib/liba.so.1", &[], &[]);
    let program = lab.make("app/run", &["app/lib/liba.so.1"], &[]);
    let mut bytes = fs::read(&program).unwrap();
    bytes.extend_from_slice(&[0; 4097]);
    fs::write(&program, &bytes).unwrap();
    patch::add_search_path(&program, "lib").unwrap();
    assert!(Command::new(&program).status().unwrap().success());
}
