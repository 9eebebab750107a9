//! Where a service listens, when the manifest does not say it outright.

use crate::model::{Listen, Ready, ReadyKind, Scalar, ServiceSettings};
use crate::template::{Template, Variable};

/// Tells where a service listens.
///
/// `listen` wins. Without it, what the service is told about its address decides: a fixed `port`,
/// then `{socket}`, `{port}` or `{handshake}` in its command or environment; then whether it has
/// a `handshake` file or is ready by a handshake. A service with none of these listens nowhere.
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

/// Tells where a service listens, unless a template that cannot be read may hide it.
pub(crate) fn surely_listening(settings: &ServiceSettings) -> Option<Listen> {
    let listen = listening(settings);
    let is_hidden = || templates(settings).any(|text| Template::parse(text).is_err());
    (listen != Listen::None || settings.listen.is_some() || !is_hidden()).then_some(listen)
}

fn expects_handshake(settings: &ServiceSettings) -> bool {
    settings.handshake.is_some() || settings.ready == Some(Ready::Kind(ReadyKind::Handshake))
}

/// Gives the strings in which a service can be told its own address.
fn templates(settings: &ServiceSettings) -> impl Iterator<Item = &str> {
    let arguments = settings.command.iter().flatten().map(String::as_str);
    let values = settings.env.values().filter_map(|value| match value {
        Scalar::String(text) => Some(text.as_str()),
        _ => None,
    });
    arguments.chain(values)
}

/// Gives the variables of a template; of one that cannot be read, none.
fn variables(text: &str) -> Vec<Variable> {
    let template = Template::parse(text).unwrap_or_default();
    template.variables().cloned().collect()
}
