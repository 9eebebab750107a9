//! Where services listen that do not say it outright.

use ensconce_manifest::{Listen, Ready, ReadyKind, Scalar, ServiceSettings, listening};

fn with_argument(argument: &str) -> ServiceSettings {
    let command = Some(vec!["server".to_owned(), argument.to_owned()]);
    ServiceSettings { command, ..ServiceSettings::default() }
}

#[test]
fn the_command_tells() {
    assert_eq!(listening(&with_argument("--port={port}")), Listen::Tcp);
    assert_eq!(listening(&with_argument("--uds={socket}")), Listen::Unix);
    assert_eq!(listening(&with_argument("{handshake}")), Listen::Handshake);
    assert_eq!(listening(&with_argument("{port}{socket}")), Listen::Unix);
    assert_eq!(listening(&with_argument("{{port}}")), Listen::None);
    assert_eq!(listening(&with_argument("{service.a.port}")), Listen::None);
    assert_eq!(listening(&with_argument("{port")), Listen::None);
    assert_eq!(listening(&ServiceSettings::default()), Listen::None);
}

#[test]
fn the_environment_tells() {
    let mut settings = with_argument("x");
    settings.env.insert("PORT".to_owned(), Scalar::String("{port}".to_owned()));
    settings.env.insert("N".to_owned(), Scalar::Integer(3));
    assert_eq!(listening(&settings), Listen::Tcp);
}

#[test]
fn a_fixed_port_wins_over_templates_and_listen_over_all() {
    let mut settings = with_argument("{socket}");
    settings.port = Some(80);
    assert_eq!(listening(&settings), Listen::Tcp);
    settings.listen = Some(Listen::None);
    assert_eq!(listening(&settings), Listen::None);
}

#[test]
fn handshakes_are_recognised() {
    let file = ServiceSettings { handshake: Some("x".to_owned()), ..with_argument("x") };
    assert_eq!(listening(&file), Listen::Handshake);
    let ready = Some(Ready::Kind(ReadyKind::Handshake));
    assert_eq!(listening(&ServiceSettings { ready, ..with_argument("x") }), Listen::Handshake);
}
