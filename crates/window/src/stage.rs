//! Does the model's actions, by Tauri.

use ensconce_protocol::FromWindow;
use tauri::{AppHandle, Emitter, Manager, Webview, Window};

use crate::cover::{COVER, cover, uncover};
use crate::driver::EventSender;
use crate::model::{Action, ClosingEvent, Event, MAY_CLOSE, QuestionId, Timer};
use crate::program;
use crate::status::LatestStatus;
use crate::window::MAIN;

/// What actions are done with.
pub(crate) struct Stage {
    handle: AppHandle,
    events: EventSender,
    status: LatestStatus,
}

impl Stage {
    pub(crate) fn new(handle: AppHandle, events: EventSender, status: LatestStatus) -> Self {
        Self { handle, events, status }
    }

    /// Does an action. What a window cannot do because it is gone is not missed.
    pub(crate) fn perform(&self, action: Action) {
        match action {
            Action::ShowWindow => self.with_window(show),
            Action::BringToFront => self.with_window(bring_to_front),
            Action::SetTitle(title) => self.with_window(|window| window.set_title(&title)),
            Action::CoverApp(view) => cover(&self.handle, view),
            Action::UncoverApp => uncover(&self.handle),
            Action::Navigate(url) => self.with_page(|page| page.navigate(url)),
            Action::RunScript(script) => self.with_page(|page| page.eval(script)),
            Action::AskToClose(question) => self.ask_to_close(question),
            Action::PublishStatus(status) => {
                // In this order, so that a page which asks after it has missed the event gets this one.
                let status = self.status.replace(*status);
                let _ = self.handle.emit_to(COVER, "status", &status);
            }
            Action::ReportEntryUsed => program::send(&FromWindow::EntryUsed),
            Action::RetryFailed => program::send(&FromWindow::Retry),
            Action::StopApp => program::send(&FromWindow::Close),
            Action::StartTimer(timer) => self.start_timer(timer),
            Action::Exit { exit_code } => self.handle.exit(exit_code),
        }
    }

    fn with_window(&self, action: impl FnOnce(&Window) -> tauri::Result<()>) {
        if let Some(window) = self.handle.get_window(MAIN) {
            warn_of_failure(action(&window));
        }
    }

    fn with_page(&self, action: impl FnOnce(&Webview) -> tauri::Result<()>) {
        if let Some(page) = self.handle.get_webview(MAIN) {
            warn_of_failure(action(&page));
        }
    }

    /// Asks the app's page. One that cannot be asked has nothing against it.
    fn ask_to_close(&self, question: QuestionId) {
        let events = self.events.clone();
        let answer = move |may_close| {
            events.send(Event::Closing(ClosingEvent::PageAnswered { question, may_close }));
        };
        let when_answered = answer.clone();
        let asked = self.handle.get_webview(MAIN).is_some_and(|page| {
            page.eval_with_callback(MAY_CLOSE, move |value| when_answered(value.trim() != "false"))
                .is_ok()
        });
        if !asked {
            answer(true);
        }
    }

    fn start_timer(&self, timer: Timer) {
        let events = self.events.clone();
        tauri::async_runtime::spawn(async move {
            tokio::time::sleep(timer.duration()).await;
            events.send(Event::TimerOver(timer));
        });
    }
}

fn show(window: &Window) -> tauri::Result<()> {
    all([window.show(), window.set_focus()])
}

fn bring_to_front(window: &Window) -> tauri::Result<()> {
    all([window.unminimize(), window.show(), window.set_focus()])
}

/// Returns the first failure. The steps after it were tried as well: one that a system does not
/// know must not keep a window from being shown.
fn all<const N: usize>(steps: [tauri::Result<()>; N]) -> tauri::Result<()> {
    steps.into_iter().collect()
}

fn warn_of_failure(done: tauri::Result<()>) {
    if let Err(error) = done {
        program::warn(format!("The window did not do what it should: {error}"));
    }
}
