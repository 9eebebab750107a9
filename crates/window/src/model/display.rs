//! Whether there is a window, whether it is seen, and which of its two pages is.

use super::action::{Action, OwnPageView};

/// The window as the user sees it.
#[derive(Debug, Default)]
pub(crate) enum Display {
    /// It is not made yet, and nothing can be done with it.
    #[default]
    Unmade,
    /// It is made.
    Made {
        /// Whether it was shown.
        is_shown: bool,
        /// Which page is seen when it is.
        front: Front,
    },
}

/// The upper one of the two pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Front {
    /// Ensconce's own, which covers the app's.
    OwnPage(OwnPageView),
    /// The app's.
    AppPage,
}

impl Display {
    /// Notes that the window is made.
    pub(crate) fn make(&mut self) {
        *self = Self::Made { is_shown: false, front: Front::OwnPage(OwnPageView::Status) };
    }

    pub(crate) fn front(&self) -> Option<Front> {
        match self {
            Self::Unmade => None,
            Self::Made { front, .. } => Some(*front),
        }
    }

    pub(crate) fn has_app_in_front(&self) -> bool {
        self.front() == Some(Front::AppPage)
    }

    pub(crate) fn is_shown(&self) -> bool {
        matches!(self, Self::Made { is_shown: true, .. })
    }

    /// Shows the window if it was not. Once it is there, it must not jump to the front by itself.
    pub(crate) fn show(&mut self) -> Option<Action> {
        match self {
            Self::Made { is_shown, .. } if !*is_shown => {
                *is_shown = true;
                Some(Action::ShowWindow)
            }
            _ => None,
        }
    }

    /// Shows the window before all others.
    pub(crate) fn bring_to_front(&mut self) -> Option<Action> {
        let Self::Made { is_shown, .. } = self else { return None };
        *is_shown = true;
        Some(Action::BringToFront)
    }

    /// Lays Ensconce's own page over the app's, in place of another view that lies there.
    pub(crate) fn cover(&mut self, view: OwnPageView) -> Option<Action> {
        let Self::Made { front, .. } = self else { return None };
        *front = Front::OwnPage(view);
        Some(Action::CoverApp(view))
    }

    /// Takes Ensconce's own page away.
    pub(crate) fn uncover(&mut self) -> Option<Action> {
        let Self::Made { front, .. } = self else { return None };
        *front = Front::AppPage;
        Some(Action::UncoverApp)
    }
}
