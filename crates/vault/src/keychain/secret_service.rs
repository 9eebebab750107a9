//! Checks the state of the Secret Service before secrets are requested, and has it unlocked.
//!
//! The store itself waits for ever: for a bus that hangs, a service that was suspended, a prompt
//! that is never answered because the service died. So each call is made on a thread of its own,
//! which is abandoned when it takes too long. Only the user may take as long as they like: a prompt
//! ends when it is answered, or when the service goes away.

use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use zbus::blocking::{Connection, MessageIterator, connection};
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};
use zbus::{Error, Message};

use crate::{Opening, Trouble, Wait};

/// How long the service may take to report its state.
const ANSWER_LIMIT: Duration = Duration::from_secs(1);

/// How long the bus may take to start it.
const START_LIMIT: Duration = Duration::from_secs(5);

/// How long an open keychain may take to read or write one secret.
pub(super) const WORK_LIMIT: Duration = Duration::from_secs(5);

const BUS: &str = "org.freedesktop.DBus";
const BUS_PATH: &str = "/org/freedesktop/DBus";
const SERVICE: &str = "org.freedesktop.secrets";
const SERVICE_PATH: &str = "/org/freedesktop/secrets";
const SERVICE_INTERFACE: &str = "org.freedesktop.Secret.Service";
const COLLECTION_INTERFACE: &str = "org.freedesktop.Secret.Collection";
const PROMPT_INTERFACE: &str = "org.freedesktop.Secret.Prompt";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// The path that stands for nothing.
const NOTHING: &str = "/";

/// The state of the service.
enum Condition {
    /// It can be used.
    Open,
    /// This collection must be unlocked.
    Locked(OwnedObjectPath),
}

/// Makes sure that the keychain can be used without waiting.
pub(super) fn reach(opening: &Opening<'_>) -> Result<(), Trouble> {
    if !has_session_bus() {
        return Err(Trouble::NoService("there is no session bus".to_owned()));
    }
    let begun = Instant::now();
    let (bus, runs) = within(ANSWER_LIMIT, || {
        let bus = connection::Builder::session()?.method_timeout(START_LIMIT).build()?;
        let runs: bool = call(&bus, BUS, BUS_PATH, BUS, "NameHasOwner", &SERVICE)?;
        Ok((bus, runs))
    })?
    .map_err(|error: Error| no_service(&error))?;
    let left = if runs {
        ANSWER_LIMIT.saturating_sub(begun.elapsed())
    } else {
        opening.tell(Wait::Starting);
        let bus = bus.clone();
        within(START_LIMIT, move || start(&bus))??;
        ANSWER_LIMIT
    };
    let condition = within(left, {
        let bus = bus.clone();
        move || look(&bus)
    })??;
    match condition {
        Condition::Open => Ok(()),
        Condition::Locked(_) if !opening.ask => Err(Trouble::Locked),
        Condition::Locked(collection) => unlock(&bus, &collection, opening),
    }
}

/// Does something on a thread that is abandoned when it takes too long.
pub(super) fn within<T: Send + 'static>(
    limit: Duration,
    f: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Trouble> {
    let (sender, result) = channel();
    std::thread::spawn(move || drop(sender.send(f())));
    result.recv_timeout(limit).map_err(|_| Trouble::Silent)
}

/// Checks first: connecting to a bus that does not exist can take seconds.
fn has_session_bus() -> bool {
    let in_runtime_dir = |folder| std::path::Path::new(&folder).join("bus").exists();
    std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some_and(|address| !address.is_empty())
        || std::env::var_os("XDG_RUNTIME_DIR").is_some_and(in_runtime_dir)
}

/// Has the bus start the service, if it knows of one.
fn start(bus: &Connection) -> Result<(), Trouble> {
    let started: Result<u32, Error> =
        call(bus, BUS, BUS_PATH, BUS, "StartServiceByName", &(SERVICE, 0_u32));
    started.map(drop).map_err(|error| match &error {
        Error::MethodError(name, ..)
            if name.as_str() == "org.freedesktop.DBus.Error.ServiceUnknown" =>
        {
            Trouble::NoService("no program provides the Secret Service".to_owned())
        }
        error => Trouble::NoService(format!("its service cannot be started ({error})")),
    })
}

fn look(bus: &Connection) -> Result<Condition, Trouble> {
    let path: OwnedObjectPath =
        call(bus, SERVICE, SERVICE_PATH, SERVICE_INTERFACE, "ReadAlias", &"default")
            .map_err(|error| trouble(&error))?;
    if path.as_str() == NOTHING {
        return Err(Trouble::NoService("it has no default collection".to_owned()));
    }
    let locked: OwnedValue =
        call(bus, SERVICE, path.as_str(), PROPERTIES, "Get", &(COLLECTION_INTERFACE, "Locked"))
            .map_err(|error| trouble(&error))?;
    match bool::try_from(locked) {
        Ok(false) => Ok(Condition::Open),
        Ok(true) => Ok(Condition::Locked(path)),
        Err(error) => Err(Trouble::Refused(error.to_string())),
    }
}

/// Has the user unlock a collection, which may take as long as they need.
fn unlock(
    bus: &Connection,
    collection: &OwnedObjectPath,
    opening: &Opening<'_>,
) -> Result<(), Trouble> {
    let prompt = within(ANSWER_LIMIT, {
        let (bus, collection) = (bus.clone(), collection.clone());
        move || begin_to_unlock(&bus, &collection)
    })?;
    let Some((prompt, messages)) = prompt.map_err(|error| trouble(&error))? else { return Ok(()) };
    opening.tell(Wait::Prompting);
    wait_for_answer(messages, &prompt)
}

/// Requests to unlock a collection; returns the prompt that the user has to answer, if there is
/// one.
fn begin_to_unlock(
    bus: &Connection,
    collection: &OwnedObjectPath,
) -> Result<Option<(OwnedObjectPath, MessageIterator)>, Error> {
    let (unlocked, prompt): (Vec<OwnedObjectPath>, OwnedObjectPath) =
        call(bus, SERVICE, SERVICE_PATH, SERVICE_INTERFACE, "Unlock", &vec![collection])?;
    if prompt.as_str() == NOTHING && !unlocked.is_empty() {
        return Ok(None);
    }
    // Subscribes before the call, so that no answer is missed.
    let messages = MessageIterator::from(bus);
    let answers =
        format!("type='signal',interface='{PROMPT_INTERFACE}',path='{}'", prompt.as_str());
    let departures = format!(
        "type='signal',sender='{BUS}',interface='{BUS}',member='NameOwnerChanged',arg0='{SERVICE}'"
    );
    for rule in [answers, departures] {
        call::<()>(bus, BUS, BUS_PATH, BUS, "AddMatch", &rule)?;
    }
    call::<()>(bus, SERVICE, prompt.as_str(), PROMPT_INTERFACE, "Prompt", &"")?;
    Ok(Some((prompt, messages)))
}

fn wait_for_answer(messages: MessageIterator, prompt: &OwnedObjectPath) -> Result<(), Trouble> {
    for message in messages {
        let Ok(message) = message else { return Err(Trouble::Vanished) };
        let header = message.header();
        let from_prompt = header.path().is_some_and(|path| path.as_str() == prompt.as_str());
        match header.member().map(|member| member.as_str()) {
            Some("Completed") if from_prompt => return answer(&message),
            Some("NameOwnerChanged") if has_departed(&message) => return Err(Trouble::Vanished),
            _ => {}
        }
    }
    Err(Trouble::Vanished)
}

fn answer(completed: &Message) -> Result<(), Trouble> {
    let body = completed.body();
    match body.deserialize::<(bool, Value<'_>)>() {
        Ok((false, _)) => Ok(()),
        Ok((true, _)) => Err(Trouble::Dismissed),
        Err(error) => Err(Trouble::Refused(error.to_string())),
    }
}

fn has_departed(changed: &Message) -> bool {
    let body = changed.body();
    let names = body.deserialize::<(&str, &str, &str)>();
    names.is_ok_and(|(name, _, owner)| name == SERVICE && owner.is_empty())
}

fn call<T: serde::de::DeserializeOwned + zbus::zvariant::Type>(
    bus: &Connection,
    destination: &str,
    path: &str,
    interface: &str,
    method: &str,
    body: &(impl serde::Serialize + zbus::zvariant::DynamicType),
) -> Result<T, Error> {
    let reply = bus.call_method(Some(destination), path, Some(interface), method, body)?;
    reply.body().deserialize()
}

/// What a failed connection means.
fn no_service(error: &Error) -> Trouble {
    Trouble::NoService(format!("the session bus cannot be reached ({error})"))
}

/// What a failed call to the service means.
fn trouble(error: &Error) -> Trouble {
    match error {
        Error::InputOutput(error) if error.kind() == std::io::ErrorKind::TimedOut => {
            Trouble::Silent
        }
        Error::InputOutput(_) => Trouble::Vanished,
        Error::MethodError(name, ..) => match name.as_str() {
            "org.freedesktop.DBus.Error.NoReply"
            | "org.freedesktop.DBus.Error.ServiceUnknown"
            | "org.freedesktop.DBus.Error.NameHasNoOwner" => Trouble::Vanished,
            _ => Trouble::Refused(error.to_string()),
        },
        error => Trouble::Refused(error.to_string()),
    }
}
