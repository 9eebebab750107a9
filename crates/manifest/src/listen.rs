//! Where a service listens, when the manifest does not say it outright.

use crate::model::{Listen, Ready, ReadyKind, Scalar, ServiceSettings};
use crate::template::{Template, Variable};

/// Returns where a service listens.
///
/// `listen` wins. Without it, the way in which the service gets its address decides: a fixed
/// `port`, then `{socket}`, `{port}` or `{handshake}` in its command or environment; then whether
/// it has a `handshake` file or is ready by handshake. A service with none of these listens
/// nowhere.
///
/// ```
/// use ensconce_manifest::{Listen, ServiceSettings, listening};
///
/// let settings = ServiceSettings {
///     command: Some(vec!["server".to_owned(), "--port={port}".to_owned()]),
///     ..ServiceSettings::default()
/// };
/// assert_eq!(listening(&settings), Listen::Tcp);
/// ```
pub fn listening(settings: &ServiceSettings) -> Listen {
    if let Some(listen) = settings.listen {
        return listen;
    }
    if settings.port.is_some() {
        return Listen::Tcp;
    }
    let used: Vec<Variable> = templates(settings).flat_map(variables).collect();
    if used.contains(&Variable::Socket) {
        Listen::Unix
    } else if used.contains(&Variable::Port) {
        Listen::Tcp
    } else if used.contains(&Variable::Handshake) || expects_handshake(settings) {
        Listen::Handshake
    } else {
        Listen::None
    }
}

/// Returns where a service listens, unless a template that cannot be parsed may hide it.
pub(crate) fn surely_listening(settings: &ServiceSettings) -> Option<Listen> {
    let listen = listening(settings);
    let is_hidden = || templates(settings).any(|text| Template::parse(text).is_err());
    (listen != Listen::None || settings.listen.is_some() || !is_hidden()).then_some(listen)
}

fn expects_handshake(settings: &ServiceSettings) -> bool {
    settings.handshake.is_some() || settings.ready == Some(Ready::Kind(ReadyKind::Handshake))
}

/// Returns the strings that may contain a service's own address.
fn templates(settings: &ServiceSettings) -> impl Iterator<Item = &str> {
    let arguments = settings.command.iter().flatten().map(String::as_str);
    let values = settings.env.values().filter_map(|value| match value {
        Scalar::String(text) => Some(text.as_str()),
        _ => None,
    });
    arguments.chain(values)
}

/// Returns the variables of a template; none of one that cannot be parsed.
fn variables(text: &str) -> Vec<Variable> {
    let template = Template::parse(text).unwrap_or_default();
    template.variables().cloned().collect()
}
