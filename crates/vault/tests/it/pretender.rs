//! Something that pretends to be a Secret Service, and is no good at it.

use std::thread::JoinHandle;
use std::time::Duration;

use zbus::Message;
use zbus::blocking::{Connection, MessageIterator};
use zbus::zvariant::{ObjectPath, Value};

use crate::bus::SERVICE;

/// How long its user thinks about a password; longer than any limit.
pub(crate) const THINKING: Duration = Duration::from_millis(5500);

const PROMPT: &str = "/org/freedesktop/secrets/prompt/1";

/// What it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conduct {
    /// Answers nothing.
    Silent,
    /// Has no collection.
    Empty,
    /// Has a locked collection, asks, and takes no for an answer.
    Dismisses,
    /// Has a locked collection, asks, and is gone before it is answered.
    VanishesWhileAsking,
}

pub(crate) struct Pretender {
    bus: Connection,
    _life: JoinHandle<()>,
}

impl Pretender {
    pub(crate) fn begin(bus: Connection, conduct: Conduct) -> Self {
        let calls = MessageIterator::from(&bus);
        bus.request_name(SERVICE).unwrap();
        let life = std::thread::spawn({
            let bus = bus.clone();
            move || live(&bus, calls, conduct)
        });
        Self { bus, _life: life }
    }
}

impl Drop for Pretender {
    fn drop(&mut self) {
        let _ = self.bus.release_name(SERVICE);
    }
}

fn live(bus: &Connection, calls: MessageIterator, conduct: Conduct) {
    for call in calls.map_while(Result::ok) {
        if conduct != Conduct::Silent {
            answer(bus, &call, conduct);
        }
    }
}

fn answer(bus: &Connection, call: &Message, conduct: Conduct) {
    let header = call.header();
    let path = |path: &'static str| ObjectPath::try_from(path).unwrap();
    let collection = match conduct {
        Conduct::Empty => "/",
        _ => "/org/freedesktop/secrets/collection/login",
    };
    match header.member().map(|member| member.as_str()) {
        Some("ReadAlias") => bus.reply(&header, &path(collection)).unwrap(),
        Some("Get") => bus.reply(&header, &Value::from(true)).unwrap(),
        Some("Unlock") => {
            bus.reply(&header, &(Vec::<ObjectPath<'_>>::new(), path(PROMPT))).unwrap();
        }
        Some("Prompt") => {
            bus.reply(&header, &()).unwrap();
            std::thread::sleep(THINKING);
            if conduct == Conduct::VanishesWhileAsking {
                bus.release_name(SERVICE).unwrap();
            } else {
                let interface = "org.freedesktop.Secret.Prompt";
                let body = (true, Value::from(""));
                bus.emit_signal(None::<&str>, PROMPT, interface, "Completed", &body).unwrap();
            }
        }
        _ => {}
    }
}
