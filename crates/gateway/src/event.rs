//! What the gateway reports to the rest of the app.

/// Something worth reporting. Sent on a bounded channel: whoever reads too slowly loses the oldest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A request was turned away because its target is not allowed.
    Refused {
        /// The origin that was asked for, as `allow` in a manifest names one.
        origin: String,
        /// Why, for people to read.
        why: String,
    },
    /// A request got a notice, because whoever was to answer it did not; or its service answered
    /// with an error of its own (5xx); or its client gave up waiting.
    Unanswered {
        /// The service that was asked; `None` for a remote host.
        service: Option<String>,
        /// Whether a person was to read the answer, as a page.
        page: bool,
    },
    /// The first page of the app itself is on its way to the window or the browser.
    FirstPage,
}
