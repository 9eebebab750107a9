//! Checks that the settings about a service's address are consistent.

use regex::RegexBuilder;

use super::context::Context;
use super::variants::{Layers, VARIANTS, Variant, about, in_each};
use crate::diagnostics::Finding;
use crate::listen::surely_listening;
use crate::model::{Listen, Ready, ReadyKind, ServiceSettings};
use crate::words::quote;

/// A pattern that needs more memory than this, in bytes, is refused.
const LARGEST_PATTERN: usize = 1 << 20;

pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    let services = context.manifest.services.iter();
    services
        .filter(|(name, _)| !context.faults.in_entry("service", name))
        .flat_map(|(name, service)| {
            let settings = |(platform, mode): Variant| service.resolve(platform, mode);
            let runs = |variant: &Variant| settings(*variant).command.is_some();
            let variants: Vec<Variant> = VARIANTS.into_iter().filter(runs).collect();
            in_each(&variants, |variant| self::service(context, name, &settings(variant), variant))
        })
        .collect()
}

fn service(
    context: &Context<'_>,
    name: &str,
    settings: &ServiceSettings,
    variant: Variant,
) -> Vec<Finding> {
    let layers = Layers::new(&context.service(name), variant);
    let listen = surely_listening(settings);
    [
        port(settings, &layers),
        listen.and_then(|listen| handshake(settings, listen, &layers)),
        listen.and_then(|listen| ready(name, settings, listen, &layers)),
        pattern(settings, &layers),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn port(settings: &ServiceSettings, layers: &Layers<'_>) -> Option<Finding> {
    let listen = settings.listen.filter(|listen| *listen != Listen::Tcp)?;
    settings.port?;
    let message = format!("`port` is for TCP, but `listen` is {}", quote(listen_name(listen)));
    Some(Finding::new(layers.get("port").range(), message).hint("Keep one of them"))
}

fn handshake(settings: &ServiceSettings, listen: Listen, layers: &Layers<'_>) -> Option<Finding> {
    settings.handshake.as_ref().filter(|_| listen != Listen::Handshake)?;
    Some(
        Finding::new(
            layers.get("handshake").range(),
            "`handshake` without `listen = \"handshake\"`",
        )
        .hint("Set `listen = \"handshake\"`, or remove `handshake`"),
    )
}

fn ready(
    name: &str,
    settings: &ServiceSettings,
    listen: Listen,
    layers: &Layers<'_>,
) -> Option<Finding> {
    let finding = |rest: &str| about(name, layers.get("ready").range(), rest);
    match settings.ready.as_ref()? {
        Ready::Kind(ReadyKind::Handshake) if listen != Listen::Handshake => Some(
            finding("is ready by handshake, but listens in another way")
                .hint("Set `listen = \"handshake\"`, or remove `ready`"),
        ),
        Ready::Http(_) | Ready::Kind(ReadyKind::Tcp) if listen == Listen::None => Some(
            finding("is ready when it answers, but does not say where it listens")
                .hint("Use `{port}` in its command, or set `listen` or `port`"),
        ),
        _ => None,
    }
}

fn pattern(settings: &ServiceSettings, layers: &Layers<'_>) -> Option<Finding> {
    let Some(Ready::Log(ready)) = &settings.ready else { return None };
    let error = RegexBuilder::new(&ready.log).size_limit(LARGEST_PATTERN).build().err()?;
    let shown = error.to_string();
    let why = shown
        .lines()
        .last()
        .unwrap_or_default()
        .trim_start_matches("error: ")
        .trim_end_matches('.');
    let message = format!("{} is not a valid regular expression: {why}", quote(&ready.log));
    Some(
        Finding::new(layers.get("ready").get("log").range(), message)
            .hint("Write a backslash before `.`, `(`, `[` and the like to match them literally"),
    )
}

/// Returns a way to listen as the manifest spells it.
pub(super) fn listen_name(listen: Listen) -> &'static str {
    match listen {
        Listen::Tcp => "tcp",
        Listen::Unix => "unix",
        Listen::Fd => "fd",
        Listen::Handshake => "handshake",
        Listen::None => "none",
    }
}
