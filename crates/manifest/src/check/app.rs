//! Checks `[app]`, `[window]`, `[python]` and the secrets.

use super::context::Context;
use crate::diagnostics::Finding;
use crate::words::quote;

pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(version(context));
    findings.extend(window(context));
    findings.extend(python(context));
    findings.extend(secrets(context));
    findings
}

fn version(context: &Context<'_>) -> Option<Finding> {
    let place = context.root.get("app").get("version");
    let version = place.text()?;
    let error = semver::Version::parse(version).err()?;
    let finding = Finding::new(
        place.range(),
        format!("{} is not a semantic version: {error}", quote(version)),
    );
    let longer = [format!("{version}.0"), format!("{version}.0.0")];
    let shorter = version.strip_prefix('v').map(str::to_owned);
    let meant = longer.into_iter().chain(shorter).find(|one| semver::Version::parse(one).is_ok());
    let hint = match meant {
        Some(meant) => format!("Write {}", quote(&meant)),
        None => "Write three numbers, such as `1.2.0`".to_owned(),
    };
    Some(finding.hint(hint))
}

fn window(context: &Context<'_>) -> Vec<Finding> {
    let window = &context.manifest.window;
    let place = context.root.get("window");
    let sides = [
        ("width", window.width, "min_width", window.min_width),
        ("height", window.height, "min_height", window.min_height),
    ];
    let too_large = |(key, length, least_key, least): (&str, u32, &str, Option<u32>)| {
        let least = least.filter(|least| *least > length)?;
        let message = format!("`{least_key}` is larger than `{key}`: {least} > {length}");
        Some(Finding::new(place.get(least_key).range(), message))
    };
    sides.into_iter().filter_map(too_large).collect()
}

fn python(context: &Context<'_>) -> Option<Finding> {
    let python = context.manifest.python.as_ref()?;
    let place = context.root.get("python");
    match (&python.venv, &python.interpreter) {
        (Some(_), Some(_)) => {
            let message = "`python` has both `venv` and `interpreter`";
            Some(
                Finding::new(place.get("interpreter").key_range(), message)
                    .hint("Keep one of them"),
            )
        }
        (None, None) => {
            let message = "`python` has neither `venv` nor `interpreter`";
            Some(Finding::new(place.range(), message).hint("Write `venv = \".venv\"`"))
        }
        _ => None,
    }
}

fn secrets(context: &Context<'_>) -> Vec<Finding> {
    let secrets = context.manifest.secrets.iter();
    let place = context.root.get("secret");
    secrets
        .filter(|(name, secret)| {
            let is_written_only = secret.encoding.is_some() && secret.generate.is_none();
            is_written_only && !context.faults.in_entry("secret", name)
        })
        .map(|(name, _)| {
            let message = format!("Secret {} has an encoding, but is not generated", quote(name));
            Finding::new(place.get(name).range(), message)
                .hint("Write `generate = 32`, or remove `encoding`")
        })
        .collect()
}
