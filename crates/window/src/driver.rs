//! Feeds events to the model one by one, and its actions to the stage.

use std::thread;

use ensconce_link::MessageReceiver;
use ensconce_protocol::{Opening, ToWindow};
use tauri::AppHandle;
use tokio::sync::mpsc;

use crate::model::{AppFacts, DisplayEvent, Event, PageEvent, SettingsEvent, WindowModel};
use crate::program;
use crate::stage::Stage;
use crate::status::LatestStatus;

/// Where events go. Tauri keeps one for whoever has something to report.
#[derive(Debug, Clone)]
pub(crate) struct EventSender(mpsc::UnboundedSender<Event>);

impl EventSender {
    /// Passes an event on to the model.
    pub(crate) fn send(&self, event: Event) {
        // When nobody listens any more, the window is about to end.
        let _ = self.0.send(event);
    }
}

/// Starts to handle events: what the program says, and what is sent by the returned sender.
pub(crate) fn start(
    handle: &AppHandle,
    opening: &Opening,
    said: MessageReceiver<ToWindow>,
    status: LatestStatus,
) -> EventSender {
    let (sender, mut events) = mpsc::unbounded_channel();
    let sender = EventSender(sender);
    let stage = Stage::new(handle.clone(), sender.clone(), status);
    let mut model = WindowModel::new(opening.status.phase, app_facts(opening));
    tauri::async_runtime::spawn(async move {
        while let Some(event) = events.recv().await {
            model.handle(event).into_iter().for_each(|action| stage.perform(action));
        }
    });
    let listener = sender.clone();
    // It blocks at the pipe, so it needs a thread of its own.
    thread::spawn(move || said.filter_map(event_of).for_each(|event| listener.send(event)));
    sender
}

fn app_facts(opening: &Opening) -> Option<AppFacts> {
    let app = opening.app.as_ref()?;
    Some(AppFacts {
        first_page: app.entry.url().parse().ok(),
        title: app.title.clone(),
        has_settings: app.has_settings,
    })
}

/// Returns the event that a message of the program stands for. A response is none: it goes straight
/// to the page that waits for it, and changes nothing for the window.
fn event_of(message: ToWindow) -> Option<Event> {
    let event = match message {
        ToWindow::Open(_) => return None,
        ToWindow::Response { id, response } => {
            program::deliver(id, response);
            return None;
        }
        ToWindow::Status(status) => Event::StatusChanged(status),
        ToWindow::FirstPage { url, title } => {
            Event::Page(PageEvent::FirstPageChanged { url, title })
        }
        ToWindow::Unanswered => Event::Page(PageEvent::Unanswered),
        ToWindow::ComeToFront => Event::Display(DisplayEvent::FrontRequested),
        ToWindow::Go(path) => Event::Page(PageEvent::PageRequested(path)),
        ToWindow::Settings => Event::Settings(SettingsEvent::Requested),
        ToWindow::Exit(exit_code) => Event::AppEnded { exit_code },
    };
    Some(event)
}
