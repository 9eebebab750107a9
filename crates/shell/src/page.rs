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
    /// Whether it asked for something before it was seen, and got no answer.
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
    /// An address is opened.
    pub(crate) fn open(&mut self, first: &Url) {
        *self = Self { opened: Some(first.clone()), ..Self::default() };
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
        self.spoiled = true;
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

    /// Tells what comes next when the app is up, and its first page is this one.
    ///
    /// A page that the user has seen is kept, with all that was typed into it.
    pub(crate) fn next(&self, first: &Url) -> Next {
        let is_other = self.opened.as_ref() != Some(first);
        if is_other || (self.spoiled && !self.seen) {
            Next::Open
        } else if self.arrived {
            Next::Show
        } else {
            Next::Wait
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first() -> Url {
        Url::parse("http://items.localhost/").unwrap()
    }

    fn opened() -> AppPage {
        let mut page = AppPage::default();
        page.open(&first());
        page
    }

    #[test]
    fn it_is_shown_as_soon_as_it_begins_to_come() {
        let mut page = AppPage::default();
        assert_eq!(page.next(&first()), Next::Open);
        page.open(&first());
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
        page.open(&first());
        assert_eq!(page.next(&first()), Next::Wait);
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
