//! The app's page, which loads beneath Ensconce's own while the app starts.

use url::Url;

use super::action::Action;

/// Asks once more for a page in whose place the gateway's notice came. No reload, which would send
/// a form twice.
pub(crate) const LEAVE_NOTICE: &str = r##"
if (document.querySelector("script#notice[type='application/json']"))
  location.replace(location.href.split("#")[0]);
"##;

/// What is known of the app's page.
#[derive(Debug, Default)]
pub(crate) struct AppPage {
    /// The address of the app's first page, if it has one; in a browser's door it works once.
    first: Option<Url>,
    /// The page that is wanted as soon as the first one is there.
    wanted: Option<Url>,
    /// The page in the window, once one was opened.
    opened: Option<OpenedPage>,
}

/// A page that was opened.
#[derive(Debug)]
struct OpenedPage {
    /// Where it is, whatever the user has gone on to since.
    place: Url,
    progress: LoadProgress,
    content: PageContent,
}

/// How far a page has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LoadProgress {
    /// It was asked for.
    Requested,
    /// Its first bytes have come, so that there is something to see.
    Arrived,
    /// It has all that it asked for at first.
    Loaded,
}

/// What is in a page, and so whether it may be opened once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PageContent {
    /// The app was up all the time since it was opened: no other time would be better.
    Settled,
    /// The app was not up for some time; so far the page got all its answers.
    Provisional,
    /// Something that it asked for, while the app was not up, got no answer.
    Spoiled,
    /// The user has seen it, and what is in it is the user's.
    Seen,
}

/// What has to be done before the app's page can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageStep {
    /// It has to be opened, or opened again.
    Open,
    /// It is on its way.
    Wait,
    /// Nothing.
    Show,
}

impl AppPage {
    /// Makes the page of an app with this first page, or of none.
    pub(crate) fn new(first: Option<Url>) -> Self {
        Self { first, ..Self::default() }
    }

    pub(crate) fn is_opened(&self) -> bool {
        self.opened.is_some()
    }

    pub(crate) fn is_loaded(&self) -> bool {
        self.opened.as_ref().is_some_and(|page| page.progress == LoadProgress::Loaded)
    }

    /// Opens the first page, while the app is up or not.
    pub(crate) fn open(&mut self, is_up: bool) -> Vec<Action> {
        let Some(first) = &self.first else { return Vec::new() };
        let content = if is_up { PageContent::Settled } else { PageContent::Provisional };
        let place = without_query(first);
        self.opened = Some(OpenedPage { place, progress: LoadProgress::Requested, content });
        vec![Action::Navigate(first.clone()), Action::ReportEntryUsed]
    }

    /// Changes the first page's address. Returns whether it leads elsewhere than to what is open.
    ///
    /// The manifest was edited, or an address that works only once was used.
    pub(crate) fn change_first(&mut self, url: &str) -> bool {
        let Ok(first) = url.parse() else { return false };
        let is_elsewhere = self.opened.as_ref().is_some_and(|page| !page.is_at(&first));
        self.first = Some(first);
        is_elsewhere
    }

    /// Remembers which page of the app is wanted. No path leads out of the app.
    pub(crate) fn request(&mut self, path: &str) {
        let Some(first) = &self.first else { return };
        let target = first.join(path).ok();
        if let Some(target) = target.filter(|target| target.origin() == first.origin()) {
            self.wanted = Some(target);
        }
    }

    /// Goes on to the page that is wanted, if there is one, and the first one is there.
    pub(crate) fn go_on(&mut self) -> Option<Action> {
        let is_loaded = self.is_loaded();
        self.wanted.take_if(|_| is_loaded).map(Action::Navigate)
    }

    /// Notes that the app is not up any more, or not yet.
    pub(crate) fn unsettle(&mut self) {
        self.change_content(PageContent::Settled, PageContent::Provisional);
    }

    /// Notes that something that the page asked for got no answer.
    pub(crate) fn spoil(&mut self) {
        self.change_content(PageContent::Provisional, PageContent::Spoiled);
    }

    fn change_content(&mut self, from: PageContent, to: PageContent) {
        if let Some(page) = &mut self.opened
            && page.content == from
        {
            page.content = to;
        }
    }

    /// Notes that a page has begun to come.
    pub(crate) fn arrive(&mut self) {
        self.advance(LoadProgress::Requested, LoadProgress::Arrived);
    }

    /// Notes that a page is there. One that has not begun to come cannot be: what has ended is the
    /// load that was given up for it.
    pub(crate) fn load(&mut self) {
        self.advance(LoadProgress::Arrived, LoadProgress::Loaded);
    }

    fn advance(&mut self, from: LoadProgress, to: LoadProgress) {
        if let Some(page) = &mut self.opened
            && page.progress == from
        {
            page.progress = to;
        }
    }

    /// Notes that the user sees it.
    pub(crate) fn see(&mut self) {
        if let Some(page) = &mut self.opened {
            page.content = PageContent::Seen;
        }
    }

    /// Returns what comes next when the app is up.
    pub(crate) fn next_step(&self) -> PageStep {
        match (&self.first, &self.opened) {
            (None, _) => PageStep::Wait,
            (Some(first), Some(page)) if page.is_at(first) => page.next_step(),
            (Some(_), _) => PageStep::Open,
        }
    }
}

impl OpenedPage {
    fn is_at(&self, first: &Url) -> bool {
        self.place == without_query(first)
    }

    fn next_step(&self) -> PageStep {
        if self.content == PageContent::Spoiled {
            PageStep::Open
        } else if self.progress == LoadProgress::Requested {
            PageStep::Wait
        } else {
            PageStep::Show
        }
    }
}

/// Takes away the query: a browser's door has an entry token there, each time another.
fn without_query(url: &Url) -> Url {
    let mut place = url.clone();
    place.set_query(None);
    place
}
