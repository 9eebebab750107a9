//! The way to the window's end: a page with something unsaved is asked once.

use super::action::{Action, QuestionId};
use super::event::ClosingEvent;

/// Does what a browser does before it leaves a page, and has whether it may be left as its value.
/// A real `BeforeUnloadEvent` reaches handlers of all kinds.
pub(crate) const MAY_CLOSE: &str = r#"(() => {
  const event = document.createEvent("BeforeUnloadEvent");
  event.initEvent("beforeunload", false, true);
  const allowed = window.dispatchEvent(event) && !event.returnValue;
  return allowed || window.confirm("Close? Changes that you have not saved may be lost.");
})()"#;

/// How far closing has come.
#[derive(Debug, Default)]
pub(crate) struct Closing {
    state: ClosingState,
    /// The last question to the app's page.
    asked: QuestionId,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum ClosingState {
    /// Nobody wants to close the window.
    #[default]
    Open,
    /// The page was asked, and has not answered. It may never do so: it may hang.
    Asked,
    /// So it is, but another page has come since, which was not asked.
    AnotherCame,
    /// The program was told.
    Told,
}

impl Closing {
    /// Handles an event. Only an app that is in front has a page that the user could answer for.
    pub(crate) fn handle(&mut self, event: ClosingEvent, has_app_in_front: bool) -> Option<Action> {
        match event {
            ClosingEvent::CloseRequested => self.request(has_app_in_front),
            ClosingEvent::QuitRequested => self.stop(),
            ClosingEvent::PageAnswered { question, may_close } => self.hear(question, may_close),
        }
    }

    /// Asks, or closes at once if there is nobody to ask. The second request in a row is not asked
    /// about, so that no page can keep its window open.
    fn request(&mut self, has_app_in_front: bool) -> Option<Action> {
        let may_ask = matches!(self.state, ClosingState::Open | ClosingState::AnotherCame);
        if !has_app_in_front || !may_ask {
            return self.stop();
        }
        self.state = ClosingState::Asked;
        self.asked.0 += 1;
        Some(Action::AskToClose(self.asked))
    }

    /// Hears an answer, unless it comes too late: the window is being closed, or the page was asked
    /// again.
    fn hear(&mut self, question: QuestionId, may_close: bool) -> Option<Action> {
        let waits = matches!(self.state, ClosingState::Asked | ClosingState::AnotherCame);
        if !waits || question != self.asked {
            return None;
        }
        if may_close {
            return self.stop();
        }
        self.state = ClosingState::Open;
        None
    }

    fn stop(&mut self) -> Option<Action> {
        self.state = ClosingState::Told;
        Some(Action::StopApp)
    }

    /// Notes that another page is there, which was not asked.
    pub(crate) fn replace_page(&mut self) {
        if self.state == ClosingState::Asked {
            self.state = ClosingState::AnotherCame;
        }
    }
}
