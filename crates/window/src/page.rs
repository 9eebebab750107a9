//! What is known of the app's page, which loads beneath Ensconce's own while the app starts.

use url::Url;

/// The app's page in the window.
#[derive(Debug, Default)]
pub(crate) struct AppPage {
    /// The address that was opened, whatever the user has gone on to since.
    opened: Option<Url>,
    /// Whether its first bytes have come, so that there is something to see.
    arrived: bool,
    /// Whether it has all that it asked for at first.
    loaded: bool,
    /// Whether the user has seen it. What is in it since is the user's.
    seen: bool,
    /// Whether the app was up all the time since it was opened: then no other time would be better.
    settled: bool,
    /// Whether it asked for something before it was seen and the app was up, and got no answer.
    spoiled: bool,
}

/// What has to be done before the app's page can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// It has to be opened, or opened again.
    Open,
    /// It is on its way.
    Wait,
    /// Nothing.
    Show,
}

impl AppPage {
    /// An address is opened, while the app is up or not.
    pub(crate) fn open(&mut self, first: &Url, is_up: bool) {
        *self = Self { opened: Some(place(first)), settled: is_up, ..Self::default() };
    }

    /// The app is not up any more, or not yet.
    pub(crate) fn unsettle(&mut self) {
        self.settled = false;
    }

    /// A page has begun to come.
    pub(crate) fn arrive(&mut self) {
        self.arrived = true;
    }

    /// A page is there.
    pub(crate) fn load(&mut self) {
        self.loaded = true;
    }

    /// Something that the page asked for got no answer.
    pub(crate) fn spoil(&mut self) {
        self.spoiled |= !self.settled;
    }

    /// The user sees it.
    pub(crate) fn show(&mut self) {
        self.seen = true;
    }

    pub(crate) fn is_opened(&self) -> bool {
        self.opened.is_some()
    }

    pub(crate) fn is_loaded(&self) -> bool {
        self.loaded
    }

    /// Tells whether another address was opened.
    pub(crate) fn is_other(&self, first: &Url) -> bool {
        self.opened.as_ref() != Some(&place(first))
    }

    /// Tells what comes next when the app is up, and its first page is this one.
    ///
    /// A page that the user has seen is kept, with all that was typed into it.
    pub(crate) fn next(&self, first: &Url) -> Next {
        if self.is_other(first) || (self.spoiled && !self.seen) {
            Next::Open
        } else if self.arrived {
            Next::Show
        } else {
            Next::Wait
        }
    }
}

/// An address without its query: a browser's door has an entry token there, each time another.
fn place(url: &Url) -> Url {
    let mut place = url.clone();
    place.set_query(None);
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first() -> Url {
        Url::parse("http://items.localhost/").unwrap()
    }

    fn opened() -> AppPage {
        let mut page = AppPage::default();
        page.open(&first(), false);
        page
    }

    #[test]
    fn it_is_shown_as_soon_as_it_begins_to_come() {
        let mut page = AppPage::default();
        assert_eq!(page.next(&first()), Next::Open);
        page.open(&first(), false);
        assert_eq!(page.next(&first()), Next::Wait);
        page.arrive();
        assert_eq!(page.next(&first()), Next::Show);
    }

    #[test]
    fn without_an_answer_it_is_opened_once_more() {
        let mut page = opened();
        page.arrive();
        page.spoil();
        assert_eq!(page.next(&first()), Next::Open);
        page.open(&first(), false);
        assert_eq!(page.next(&first()), Next::Wait);
    }

    #[test]
    fn what_stays_without_an_answer_though_the_app_is_up_is_shown() {
        let mut page = AppPage::default();
        page.open(&first(), true);
        page.spoil();
        page.arrive();
        assert_eq!(page.next(&first()), Next::Show);
    }

    #[test]
    fn a_page_opened_before_the_app_failed_is_opened_again() {
        let mut page = AppPage::default();
        page.open(&first(), true);
        page.arrive();
        page.unsettle();
        page.spoil();
        assert_eq!(page.next(&first()), Next::Open);
    }

    #[test]
    fn another_entry_token_is_no_other_address() {
        let with_token = |token| first().join(&format!("/?ensconce_token={token}")).unwrap();
        let mut page = AppPage::default();
        page.open(&with_token("one"), false);
        page.arrive();
        assert_eq!(page.next(&with_token("two")), Next::Show);
    }

    #[test]
    fn what_the_user_has_seen_is_kept() {
        let mut page = opened();
        page.arrive();
        page.show();
        page.spoil();
        assert_eq!(page.next(&first()), Next::Show);
    }

    #[test]
    fn another_address_is_opened_in_any_case() {
        let mut page = opened();
        page.arrive();
        page.show();
        let other = Url::parse("http://other.localhost/").unwrap();
        assert_eq!(page.next(&other), Next::Open);
    }
}
