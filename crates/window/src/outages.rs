//! Which services are away while the app is up, and what the page and the user are told of it.

use std::collections::BTreeMap;

use ensconce_link::{AppPhase, JobKind, JobState, Status};
use serde::Serialize;

/// What has become of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Turn {
    /// It has ended, and is on its way back; its requests wait.
    Reconnecting,
    /// It is there again.
    Back,
    /// It was given up.
    Failed,
}

/// What the page is told, as the detail of an `ensconce` event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct News {
    /// The service.
    pub(crate) service: String,
    /// What has become of it.
    pub(crate) state: Turn,
}

/// The services that are not as they should be.
#[derive(Debug, Default)]
pub(crate) struct Outages(BTreeMap<String, Turn>);

impl Outages {
    /// Takes in a status; gives what is new. Before the app is up, the splash tells.
    pub(crate) fn follow(&mut self, status: &Status) -> Vec<News> {
        if status.phase != AppPhase::Ready {
            self.0.clear();
            return Vec::new();
        }
        let services = status.steps.iter().filter(|step| step.kind == JobKind::Service);
        services.filter_map(|step| self.turn(&step.name, step.state)).collect()
    }

    fn turn(&mut self, name: &str, state: JobState) -> Option<News> {
        let now = match state {
            JobState::Ready | JobState::Stopped => None,
            JobState::Failed => Some(Turn::Failed),
            _ => Some(Turn::Reconnecting),
        };
        let before = match now {
            Some(turn) => self.0.insert(name.to_owned(), turn),
            None => self.0.remove(name),
        };
        let state = (before != now).then(|| now.unwrap_or(Turn::Back))?;
        Some(News { service: name.to_owned(), state })
    }

    /// Tells whether any service is on its way back.
    pub(crate) fn any(&self) -> bool {
        self.0.values().any(|turn| *turn == Turn::Reconnecting)
    }
}

impl News {
    /// The script that tells the page.
    pub(crate) fn script(&self) -> String {
        let detail = serde_json::to_string(self).unwrap_or_default();
        format!("window.dispatchEvent(new CustomEvent(\"ensconce\", {{ detail: {detail} }}));")
    }
}

#[cfg(test)]
mod tests {
    use ensconce_link::{AppIdentity, JobStatus};

    use super::*;

    fn status(phase: AppPhase, state: JobState) -> Status {
        let step = JobStatus {
            name: "api".to_owned(),
            kind: JobKind::Service,
            state,
            optional: false,
            elapsed_ms: 0,
            pid: None,
            why: None,
            back: false,
            progress: None,
            message: None,
        };
        let app = AppIdentity { name: "Notes".to_owned(), version: String::new(), icon: None };
        Status { app, phase, since_ms: 0, steps: vec![step], failure: None }
    }

    #[test]
    fn a_crash_is_told_once_and_so_is_its_end() {
        let mut outages = Outages::default();
        let mut turns = |state| {
            let news = outages.follow(&status(AppPhase::Ready, state));
            (news.first().map(|news| news.state), outages.any())
        };
        assert_eq!(turns(JobState::Ready), (None, false));
        assert_eq!(turns(JobState::Restarting), (Some(Turn::Reconnecting), true));
        assert_eq!(turns(JobState::Starting), (None, true));
        assert_eq!(turns(JobState::Ready), (Some(Turn::Back), false));
        assert_eq!(turns(JobState::Failed), (Some(Turn::Failed), false));
    }

    #[test]
    fn what_happens_before_the_app_is_up_is_no_news() {
        let mut outages = Outages::default();
        assert!(outages.follow(&status(AppPhase::Starting, JobState::Starting)).is_empty());
        assert!(outages.follow(&status(AppPhase::Ready, JobState::Ready)).is_empty());
        assert!(outages.follow(&status(AppPhase::Stopping, JobState::Stopping)).is_empty());
    }

    #[test]
    fn a_name_cannot_end_the_script() {
        let news = News { service: "a\"</script>".to_owned(), state: Turn::Back };
        assert!(news.script().contains(r#"{"service":"a\"</script>","state":"back"}"#));
    }
}
