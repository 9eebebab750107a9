//! Set-up and settings: when Ensconce itself wants something of the user.

use ensconce_protocol::AppPhase;

/// What Ensconce asks the user.
#[derive(Debug)]
pub(crate) struct Questions {
    /// Whether there is anything to set.
    has_settings: bool,
    state: QuestionState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum QuestionState {
    /// Nothing is asked.
    Nothing,
    /// The settings are to be laid over the app as soon as it is seen.
    SettingsWanted,
    /// The settings lie over the app.
    SettingsOpen,
    /// The app asks what it cannot start without, or has just been told.
    Setup,
}

impl Questions {
    pub(crate) fn new(has_settings: bool, phase: AppPhase) -> Self {
        let mut questions = Self { has_settings, state: QuestionState::Nothing };
        questions.follow(phase);
        questions
    }

    /// Follows what the app is doing. Its set-up goes before settings that are wanted; those that
    /// are open stay until the user closes them, or the app.
    ///
    /// Set-up is not over with the last answer: it has a last page, until the user leaves it. But
    /// where the app's failure is shown, there is no set-up to leave any more.
    pub(crate) fn follow(&mut self, phase: AppPhase) {
        self.state = match (phase, self.state) {
            (AppPhase::Stopping, _) => QuestionState::Nothing,
            (_, QuestionState::SettingsOpen) => QuestionState::SettingsOpen,
            (AppPhase::Setup, _) => QuestionState::Setup,
            (AppPhase::Failed, QuestionState::Setup) => QuestionState::Nothing,
            (_, state) => state,
        };
    }

    /// Whether the user is asked something, so that the app cannot be seen.
    pub(crate) fn are_asked(&self) -> bool {
        matches!(self.state, QuestionState::SettingsOpen | QuestionState::Setup)
    }

    pub(crate) fn are_settings_open(&self) -> bool {
        self.state == QuestionState::SettingsOpen
    }

    /// Notes that the user wants to see the settings.
    pub(crate) fn request_settings(&mut self) {
        if self.has_settings && !self.are_asked() {
            self.state = QuestionState::SettingsWanted;
        }
    }

    /// Opens the settings, if they are wanted, over an app that is seen. Returns whether it did.
    pub(crate) fn open_settings(&mut self) -> bool {
        let is_wanted = self.state == QuestionState::SettingsWanted;
        if is_wanted {
            self.state = QuestionState::SettingsOpen;
        }
        is_wanted
    }

    /// Notes that the user is done. Set-up is only over when the app asks nothing any more.
    pub(crate) fn close(&mut self, phase: AppPhase) {
        if self.are_asked() {
            self.state = QuestionState::Nothing;
        }
        self.follow(phase);
    }
}
