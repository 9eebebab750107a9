//! The keychain as it is in the field: open, locked, dismissed, gone, silent, or not there at all.
//!
//! Each test has a session bus of its own, with gnome-keyring on it, or with a service that only
//! pretends. What is tested runs in a child, because the bus is named by the environment.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]
#![allow(clippy::print_stdout, reason = "a child tells what it has seen")]

mod bus;
mod child;
mod pretender;

use std::time::Duration;

use rustix::process::Signal;

use bus::{Bus, Home};
use pretender::Conduct;

/// A keychain that does not answer is told in a second; the child needs a moment to start.
const SOON: Duration = Duration::from_millis(1900);

#[test]
fn an_open_keychain_keeps_secrets() {
    let home = Home::new();
    let bus = Bus::start(&home);
    let _keyring = bus.keyring(Some("secret"));
    let first = bus.child("obtain").good();
    assert_eq!(first.value("kind"), "Keychain");
    assert_eq!(bus.child("obtain").good().value("session"), first.value("session"));
    let rotated = bus.child("rotate").good();
    assert_ne!(rotated.value("session"), first.value("session"));
    bus.child("any-text").good();
    assert_eq!(bus.child("remove").good().value("removed"), "true");
    assert_eq!(bus.child("get").good().value("session"), "None");
}

#[test]
fn a_locked_keychain_is_said_at_once_and_nothing_is_made_anew() {
    let home = Home::new();
    let bus = Bus::start(&home);
    let keyring = bus.keyring(Some("secret"));
    let before = bus.child("obtain").good();
    drop(keyring);
    let locked = bus.keyring(None);
    for (what, trouble) in
        [("obtain-quietly", "Keychain(Locked)"), ("obtain", "Keychain(Dismissed)")]
    {
        let told = bus.child(what).bad();
        assert_eq!(told.value("error"), trouble);
        assert_eq!(told.value("choices"), "[TryAgain, UseFile, UsePassphrase]");
        assert!(told.took < SOON, "{what}: {:?}", told.took);
    }
    assert!(!home.has("data/secrets.sealed"));
    drop(locked);
    let _open = bus.keyring(Some("secret"));
    assert_eq!(bus.child("obtain").good().value("session"), before.value("session"));
}

#[test]
fn a_keychain_that_has_gone_is_an_error_for_who_used_it() {
    let home = Home::new();
    let bus = Bus::start(&home);
    let keyring = bus.keyring(Some("secret"));
    bus.child("obtain").good();
    drop(keyring);
    let told = bus.child("obtain").bad();
    assert!(told.value("error").starts_with("Keychain(NoService("), "{}", told.value("error"));
    assert!(told.took < SOON, "{:?}", told.took);
    drop(bus);
    let told = home.child_without_bus("obtain").bad();
    assert!(told.value("error").contains("there is no session bus"), "{}", told.value("error"));
    assert!(!home.has("data/secrets.sealed"));
    // What is chosen then is new, and said to be.
    let chosen = home.child_without_bus("anew").good();
    assert_eq!(chosen.value("kind"), "File");
    assert_eq!(home.child_without_bus("obtain").good().value("session"), chosen.value("session"));
}

#[test]
fn a_keychain_that_stands_still_is_given_up() {
    let home = Home::new();
    let bus = Bus::start(&home);
    let keyring = bus.keyring(Some("secret"));
    let before = bus.child("obtain").good();
    keyring.signal(Signal::STOP);
    let told = bus.child("obtain").bad();
    assert_eq!(told.value("error"), "Keychain(Silent)");
    assert!(told.took < SOON, "{:?}", told.took);
    keyring.signal(Signal::CONT);
    assert_eq!(bus.child("obtain").good().value("session"), before.value("session"));
}

#[test]
fn a_bus_that_stands_still_is_given_up() {
    let home = Home::new();
    let bus = Bus::start(&home);
    let keyring = bus.keyring(Some("secret"));
    bus.child("obtain").good();
    bus.signal(Signal::STOP);
    let told = bus.child("obtain").bad();
    bus.signal(Signal::CONT);
    assert_eq!(told.value("error"), "Keychain(Silent)");
    assert!(told.took < SOON, "{:?}", told.took);
    drop(keyring);
}

#[test]
fn without_a_keychain_the_first_start_makes_a_file() {
    let home = Home::new();
    let first = home.child_without_bus("obtain").good();
    assert_eq!(first.value("kind"), "File");
    let bus = Bus::start(&home);
    // Nothing provides the service, then one comes: the file stays in use.
    assert_eq!(bus.child("obtain").good().value("kind"), "File");
    let _keyring = bus.keyring(Some("secret"));
    let later = bus.child("obtain").good();
    assert_eq!((later.value("kind"), later.value("session")), ("File", first.value("session")));
}

#[test]
fn at_the_first_start_a_keychain_that_cannot_be_used_is_no_reason_to_choose_for_the_user() {
    let home = Home::new();
    let bus = Bus::start(&home);
    let _silent = bus.pretend(Conduct::Silent);
    let told = bus.child("obtain").bad();
    assert_eq!(told.value("error"), "Keychain(Silent)");
    assert!(told.took < SOON, "{:?}", told.took);
    assert!(!home.has("data/vault.json") && !home.has("data/secrets.sealed"));
}

#[test]
fn an_empty_service_without_a_collection_is_no_keychain() {
    let home = Home::new();
    let bus = Bus::start(&home);
    let _empty = bus.pretend(Conduct::Empty);
    assert_eq!(bus.child("obtain").good().value("kind"), "File");
}

#[test]
fn who_is_asked_to_unlock_may_take_longer_than_any_limit() {
    let home = Home::new();
    let bus = Bus::start(&home);
    for (conduct, error) in [
        (Conduct::Dismisses, "Keychain(Dismissed)"),
        (Conduct::VanishesWhileAsking, "Keychain(Vanished)"),
    ] {
        let pretender = bus.pretend(conduct);
        let told = bus.child("obtain").bad();
        assert_eq!((told.value("wait"), told.value("error")), ("Prompting", error));
        assert!(told.took > pretender::THINKING, "{:?}", told.took);
        assert!(told.waited < SOON, "it was said at once: {:?}", told.waited);
        drop(pretender);
    }
}
