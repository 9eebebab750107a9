//! What a service or task is on a platform and in a mode: its settings with the changes applied.

use serde::{Deserialize, Serialize};

use crate::model::{Service, ServiceSettings, Task, TaskSettings};

/// An operating system that a manifest can have changes for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    /// Linux.
    Linux,
    /// macOS.
    Macos,
    /// Windows.
    Windows,
}

/// Whether the app's developer works on it, or a user runs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// `ensconce run`, and the installed app.
    Run,
    /// `ensconce dev`.
    Dev,
}

impl Service {
    /// Returns the settings for a platform and a mode; the mode's win over the platform's.
    pub fn resolve(&self, platform: Platform, mode: Mode) -> ServiceSettings {
        let on_platform = pick(platform, &self.linux, &self.macos, &self.windows);
        let in_mode = (mode == Mode::Dev).then_some(self.dev.as_ref()).flatten();
        [on_platform, in_mode]
            .into_iter()
            .flatten()
            .fold(self.settings.clone(), ServiceSettings::changed_by)
    }
}

impl Task {
    /// Returns the settings for a platform and a mode; the mode's win over the platform's.
    pub fn resolve(&self, platform: Platform, mode: Mode) -> TaskSettings {
        let on_platform = pick(platform, &self.linux, &self.macos, &self.windows);
        let in_mode = (mode == Mode::Dev).then_some(self.dev.as_ref()).flatten();
        [on_platform, in_mode]
            .into_iter()
            .flatten()
            .fold(self.settings.clone(), TaskSettings::changed_by)
    }
}

fn pick<'a, T>(
    platform: Platform,
    linux: &'a Option<T>,
    macos: &'a Option<T>,
    windows: &'a Option<T>,
) -> Option<&'a T> {
    match platform {
        Platform::Linux => linux.as_ref(),
        Platform::Macos => macos.as_ref(),
        Platform::Windows => windows.as_ref(),
    }
}

impl ServiceSettings {
    fn changed_by(mut self, change: &Self) -> Self {
        self.env.extend(change.env.clone());
        Self {
            command: change.command.clone().or(self.command),
            cwd: change.cwd.clone().or(self.cwd),
            env: self.env,
            needs: change.needs.clone().or(self.needs),
            listen: change.listen.or(self.listen),
            port: change.port.or(self.port),
            handshake: change.handshake.clone().or(self.handshake),
            ready: change.ready.clone().or(self.ready),
            start: change.start.clone().or(self.start),
            stop: change.stop.clone().or(self.stop),
            restart: change.restart.clone().or(self.restart),
            on_dependency_exit: change.on_dependency_exit.or(self.on_dependency_exit),
            liveness: change.liveness.clone().or(self.liveness),
            memory_limit: change.memory_limit.or(self.memory_limit),
            optional: change.optional.or(self.optional),
        }
    }
}

impl TaskSettings {
    fn changed_by(mut self, change: &Self) -> Self {
        self.env.extend(change.env.clone());
        Self {
            command: change.command.clone().or(self.command),
            cwd: change.cwd.clone().or(self.cwd),
            env: self.env,
            needs: change.needs.clone().or(self.needs),
            when: change.when.or(self.when),
            unless: change.unless.clone().or(self.unless),
            optional: change.optional.or(self.optional),
            timeout: change.timeout.or(self.timeout),
        }
    }
}
