//! All that can happen to the window, sorted by what it is about.

use std::path::PathBuf;

use ensconce_protocol::AppStatus;

use super::action::{QuestionId, Timer};

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Event {
    /// About the window, and which page is seen in it.
    Display(DisplayEvent),
    /// About the app's page.
    Page(PageEvent),
    /// About set-up and settings.
    Settings(SettingsEvent),
    /// About closing.
    Closing(ClosingEvent),
    /// The app's state is another.
    StatusChanged(Box<AppStatus>),
    /// The user wants to start again what has failed.
    RetryRequested,
    /// A download has ended.
    DownloadEnded(Download),
    /// A timer that was started is over.
    TimerOver(Timer),
    /// Everything of the app has ended, and the window ends as well.
    AppEnded {
        /// What the process ends with.
        exit_code: i32,
    },
}

/// Something that happened to the window, or to Ensconce's own page in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DisplayEvent {
    /// The window is made: hidden, with Ensconce's own page over the app's, which is empty.
    WindowMade,
    /// Ensconce's own page has something to show.
    OwnPagePainted,
    /// Ensconce's own page is on the screen.
    OwnPageVisible,
    /// Somebody wants to see the window.
    FrontRequested,
}

/// Something that happened to the app's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PageEvent {
    /// The first page is another from now on, or has a new token, and the window another title.
    FirstPageChanged {
        /// Its address.
        url: String,
        /// The window's title.
        title: String,
    },
    /// A page of the app is wanted: its path, with the query.
    PageRequested(String),
    /// A page has begun to come.
    Arrived,
    /// A page has all that it asked for at first.
    Loaded,
    /// Something that the page cannot do without got no answer.
    Unanswered,
}

/// Something that happened to set-up or settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SettingsEvent {
    /// The user wants to see the settings.
    Requested,
    /// The user is done with set-up or settings.
    Closed,
}

/// Something that leads to the window's end, or away from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClosingEvent {
    /// The user wants to close the window; the page may have something against it.
    CloseRequested,
    /// The app is to end, whatever its page has against it.
    QuitRequested,
    /// The page was asked, and the user too if it had something against it.
    PageAnswered {
        /// What it was asked.
        question: QuestionId,
        /// Whether the window may be closed.
        may_close: bool,
    },
}

/// A download that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Download {
    /// Where it was saved, if that is known.
    pub(crate) path: Option<PathBuf>,
    /// Whether it was saved whole.
    pub(crate) is_whole: bool,
}
