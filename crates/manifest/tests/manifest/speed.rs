//! Huge manifests come to an end: what a file can hold, an editor checks at each stroke.
//!
//! No time is asserted. Work that grows with the square of the size takes minutes here, and the
//! test runner ends what hangs.

use std::fmt::Write;

use ensconce_manifest::parse;

#[track_caller]
fn check(line: impl Fn(usize) -> String) {
    let mut text = super::complete("");
    for number in 0.. {
        let line = line(number);
        if text.len() + line.len() >= 1024 * 1024 {
            break;
        }
        writeln!(text, "{line}").unwrap();
    }
    if let Err(diagnostics) = parse("ensconce.toml", &text) {
        diagnostics.render();
    }
}

#[test]
fn many_sound_services() {
    check(|n| format!("[service.s{n}]\ncommand = [\"x\", \"{{port}}\", \"{{data}}\"]"));
}

#[test]
fn many_unknown_keys() {
    check(|n| format!("a{n}=1"));
}

#[test]
fn many_unknown_references() {
    check(|n| format!("[service.s{n}]\ncommand=[\"{{service.t{n}.port}}\"]\nneeds=[\"t{n}\"]"));
}

#[test]
fn a_chain_of_needs() {
    check(|n| format!("[task.t{n}]\ncommand=[\"x\"]\nneeds=[\"t{}\"]", n + 1));
}

#[test]
fn many_circles() {
    check(|n| format!("[task.t{n}]\ncommand=[\"x\"]\nneeds=[\"t{n}\", \"t0\", \"t{}\"]", n + 1));
}

#[test]
fn many_routes() {
    check(|n| format!("[[route]]\npath=\"/{n}\"\nservice=\"a\""));
}

#[test]
fn many_broken_lines() {
    check(|n| format!("a{n} = ["));
    check(|_| "=".to_owned());
    check(|_| "[a".to_owned());
}

#[test]
fn deep_nesting() {
    check(|_| "x = ".to_owned() + &"[".repeat(50_000));
    check(|_| "x = ".to_owned() + &"{a=".repeat(50_000));
    check(|_| "x".to_owned() + &".a".repeat(50_000) + "=1");
}
