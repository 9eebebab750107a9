//! What the title bar says: the app's title, and before it for a moment what has happened.

use std::path::Path;

use super::action::{Action, NoticeId, Timer};
use super::event::Download;

/// What the title says for as long as a service is away.
const RECONNECTING: &str = "Reconnecting…";

/// The window's title.
#[derive(Debug, Default)]
pub(crate) struct Title {
    /// The app's own, if there is an app.
    plain: Option<String>,
    /// What the title bar says.
    shown: Option<String>,
    notice: Option<Notice>,
    last: NoticeId,
}

/// Something that happened, and is said once.
#[derive(Debug)]
struct Notice {
    text: String,
    /// The service that it is about.
    service: Option<String>,
    state: NoticeState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NoticeState {
    /// Nobody can have read it yet.
    Waiting,
    /// It is in the title until its time is over.
    Shown(NoticeId),
}

impl Title {
    /// Makes the title of a window that was made with this one.
    pub(crate) fn new(plain: Option<String>) -> Self {
        Self { shown: plain.clone(), plain, ..Self::default() }
    }

    /// Changes the app's own title.
    pub(crate) fn rename(&mut self, title: String) {
        self.plain = Some(title);
    }

    /// Says that a service was given up.
    pub(crate) fn announce_failure(&mut self, service: &str) {
        let text = format!("{service} is not available");
        self.announce(text, Some(service.to_owned()));
    }

    /// Says what has become of a download.
    pub(crate) fn announce_download(&mut self, download: &Download) {
        let name = download.path.as_deref().and_then(Path::file_name).unwrap_or_default();
        let name = name.to_string_lossy();
        let text = if download.is_whole {
            format!("Downloaded {name}")
        } else {
            format!("The download of {name} failed")
        };
        self.announce(text, None);
    }

    /// The latest news is the most useful: it takes the place of what was said before.
    fn announce(&mut self, text: String, service: Option<String>) {
        self.notice = Some(Notice { text, service, state: NoticeState::Waiting });
    }

    /// Takes back that a service was given up: it is tried again.
    pub(crate) fn withdraw(&mut self, service: &str) {
        self.notice.take_if(|notice| notice.service.as_deref() == Some(service));
    }

    /// Notes that a notice's time is over. Another one may have taken its place by now.
    pub(crate) fn end_notice(&mut self, over: NoticeId) {
        self.notice.take_if(|notice| notice.state == NoticeState::Shown(over));
    }

    /// Brings the title bar up to date, in a window that can be seen. One without an app says in
    /// its page all there is.
    pub(crate) fn refresh(&mut self, is_reconnecting: bool) -> Vec<Action> {
        let Some(title) = self.wanted(is_reconnecting) else { return Vec::new() };
        let mut actions = Vec::new();
        if self.shown.as_ref() != Some(&title) {
            self.shown = Some(title.clone());
            actions.push(Action::SetTitle(title));
        }
        actions.extend(self.start_notice().map(Action::StartTimer));
        actions
    }

    fn wanted(&self, is_reconnecting: bool) -> Option<String> {
        let plain = self.plain.as_ref()?;
        let notice = self.notice.as_ref().map(|notice| notice.text.as_str());
        // It comes again when the notice is over; a notice would not.
        let before = notice.or(is_reconnecting.then_some(RECONNECTING));
        Some(before.map_or_else(|| plain.clone(), |before| format!("{before} – {plain}")))
    }

    fn start_notice(&mut self) -> Option<Timer> {
        let waiting = |notice: &&mut Notice| notice.state == NoticeState::Waiting;
        let notice = self.notice.as_mut().filter(waiting)?;
        self.last.0 += 1;
        notice.state = NoticeState::Shown(self.last);
        Some(Timer::NoticeOver(self.last))
    }
}
