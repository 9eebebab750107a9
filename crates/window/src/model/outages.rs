//! Which services are away while the app is up, and what the page is told of it.

use std::collections::BTreeMap;

use ensconce_protocol::{AppPhase, AppStatus, JobKind, JobState, JobStatus};
use serde::Serialize;

use super::action::AbsenceId;

/// The services that are not as they should be, by name.
#[derive(Debug, Default)]
pub(crate) struct Outages {
    services: BTreeMap<String, Outage>,
    last: AbsenceId,
}

/// What is wrong with a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outage {
    /// It has ended, and is on its way back; its requests wait.
    Away {
        absence: AbsenceId,
        /// Whether that takes so long that it is worth a word.
        is_long: bool,
    },
    /// It was given up.
    Failed,
}

/// Something that has become of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServiceNews {
    /// Its name.
    pub(crate) service: String,
    /// What has become of it.
    pub(crate) change: ServiceChange,
}

/// What has become of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServiceChange {
    /// It has ended, and is on its way back.
    Left(AbsenceId),
    /// It is there again.
    Returned,
    /// It was given up.
    Failed,
}

impl Outages {
    /// Follows the services, and returns what is new. Before the app is up, and when it has failed,
    /// Ensconce's own page says all there is.
    pub(crate) fn follow(&mut self, status: &AppStatus) -> Vec<ServiceNews> {
        if status.phase != AppPhase::Ready {
            self.services.clear();
            return Vec::new();
        }
        let services = status.jobs.iter().filter(|job| job.kind == JobKind::Service);
        services.filter_map(|service| self.follow_service(service)).collect()
    }

    fn follow_service(&mut self, service: &JobStatus) -> Option<ServiceNews> {
        let before = self.services.get(&service.name).copied();
        let change = match (service.state, before) {
            (JobState::Ready | JobState::Stopped, None) => return None,
            (JobState::Ready | JobState::Stopped, Some(_)) => ServiceChange::Returned,
            (JobState::Failed, Some(Outage::Failed)) => return None,
            (JobState::Failed, _) => ServiceChange::Failed,
            (_, Some(Outage::Away { .. })) => return None,
            (_, _) => ServiceChange::Left(self.next_absence()),
        };
        self.note(&service.name, change);
        Some(ServiceNews { service: service.name.clone(), change })
    }

    fn next_absence(&mut self) -> AbsenceId {
        self.last.0 += 1;
        self.last
    }

    fn note(&mut self, service: &str, change: ServiceChange) {
        let outage = match change {
            ServiceChange::Returned => {
                self.services.remove(service);
                return;
            }
            ServiceChange::Left(absence) => Outage::Away { absence, is_long: false },
            ServiceChange::Failed => Outage::Failed,
        };
        self.services.insert(service.to_owned(), outage);
    }

    /// Notes that a service has been away for a while, unless that absence is over by now.
    pub(crate) fn lengthen(&mut self, over: AbsenceId) {
        for outage in self.services.values_mut() {
            if let Outage::Away { absence, is_long } = outage {
                *is_long |= *absence == over;
            }
        }
    }

    /// Whether a service has been away for a while.
    pub(crate) fn are_long(&self) -> bool {
        self.services.values().any(|outage| matches!(outage, Outage::Away { is_long: true, .. }))
    }
}

/// What the page gets, as the detail of an `ensconce` event; see `docs/window.md`.
#[derive(Serialize)]
struct EventDetail<'a> {
    service: &'a str,
    state: &'static str,
}

impl ServiceNews {
    /// Returns the script that tells the page.
    pub(crate) fn script(&self) -> String {
        let state = match self.change {
            ServiceChange::Left(_) => "reconnecting",
            ServiceChange::Returned => "back",
            ServiceChange::Failed => "failed",
        };
        let detail = EventDetail { service: &self.service, state };
        let detail = serde_json::to_string(&detail).unwrap_or_default();
        format!("window.dispatchEvent(new CustomEvent(\"ensconce\", {{ detail: {detail} }}));")
    }
}
