//! Sends checks of addresses and servers.

use std::process::Command;

use serde_json::{Value, json};

use crate::world::{Said, helper, run_text};

/// Makes a check.
pub(crate) fn check(check: &Value) -> Said {
    check_in(&mut helper(), check)
}

/// Makes a check by a prepared helper.
pub(crate) fn check_in(helper: &mut Command, check: &Value) -> Said {
    run_text(helper, &json!({ "work": check }).to_string())
}
