//! All that can be done in answer to an event. The [stage](crate::stage) does it.

use std::time::Duration;

use ensconce_protocol::AppStatus;
use url::Url;

/// How long a window without a splash stays hidden while its page is loading. Some pages never
/// have all that they ask for.
const LATEST_SHOW: Duration = Duration::from_secs(1);
/// A service that is away for less than this is not talked about.
const BLINK: Duration = Duration::from_secs(1);
/// How long the title says something that happened.
const NOTICE: Duration = Duration::from_secs(6);

/// Something to do.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Action {
    /// Shows the window, which is hidden, and gives it the keyboard.
    ShowWindow,
    /// Shows the window before all others, though it may be minimised.
    BringToFront,
    /// Changes what the window's title bar says.
    SetTitle(String),
    /// Lays Ensconce's own page over the app's, in place of another view that lies there.
    CoverApp(OwnPageView),
    /// Takes Ensconce's own page away, so that the app's is seen.
    UncoverApp,
    /// Leads the app's page to an address.
    Navigate(Url),
    /// Runs a script in the app's page.
    RunScript(String),
    /// Asks the app's page whether something would be lost if the window was closed.
    AskToClose(QuestionId),
    /// Passes the app's state on to Ensconce's own page.
    PublishStatus(Box<AppStatus>),
    /// Lets the program know that the first page's address was used; it may work only once.
    ReportEntryUsed,
    /// Lets the program start again what has failed.
    RetryFailed,
    /// Lets the program stop everything. It says when that is done.
    StopApp,
    /// Lets an event come after a time.
    StartTimer(Timer),
    /// Ends the window.
    Exit {
        /// What the process ends with.
        exit_code: i32,
    },
}

/// What Ensconce's own page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OwnPageView {
    /// What the app is doing: the splash, set-up, what has failed.
    Status,
    /// The settings.
    Settings,
}

/// Something that happens after a time. Those that may be out of date by then have a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timer {
    /// The app's page has had its time to load before the window is shown.
    LatestShow,
    /// A service has been away for so long that it is worth a word.
    LongAway(AbsenceId),
    /// The title has said for long enough what happened.
    NoticeOver(NoticeId),
}

impl Timer {
    /// Returns the time after which it is over.
    pub(crate) fn duration(self) -> Duration {
        match self {
            Self::LatestShow => LATEST_SHOW,
            Self::LongAway(_) => BLINK,
            Self::NoticeOver(_) => NOTICE,
        }
    }
}

/// The number of a time at which a service was away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct AbsenceId(pub(crate) u64);

/// The number of a notice in the title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct NoticeId(pub(crate) u64);

/// The number of a question to the app's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct QuestionId(pub(crate) u64);
