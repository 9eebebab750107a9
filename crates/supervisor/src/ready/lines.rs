//! What a probe waits for in a service's output.

use regex::Regex;
use tokio::sync::watch;

use crate::{Job, Listen, Ready};

/// Looks through all output for what a probe waits for; it never holds the output up.
#[derive(Clone)]
pub(crate) struct LineWatch {
    pattern: Option<Regex>,
    announces_port: bool,
    seen: watch::Sender<OutputFindings>,
}

/// What was found in the output so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct OutputFindings {
    /// Whether a line matched.
    pub(crate) matched: bool,
    /// The port of the first `PORT:N`.
    pub(crate) port: Option<u16>,
}

impl LineWatch {
    /// Makes the watch that a job needs, and the end that its probe looks at.
    pub(crate) fn of(job: &Job) -> (Self, watch::Receiver<OutputFindings>) {
        let pattern = match &job.ready {
            Ready::Log(pattern) => Some(pattern.clone()),
            _ => None,
        };
        let (seen, lines) = watch::channel(OutputFindings::default());
        let announces_port = matches!(job.listen, Listen::Handshake(_));
        (Self { pattern, announces_port, seen }, lines)
    }

    /// Makes one that looks for nothing.
    pub(crate) fn for_nothing() -> Self {
        Self { pattern: None, announces_port: false, seen: watch::Sender::default() }
    }

    /// Looks at a line, as long as there is a probe.
    pub(crate) fn see(&self, line: &str) {
        if self.seen.is_closed() {
            return;
        }
        let before = *self.seen.borrow();
        let matches = || self.pattern.as_ref().is_some_and(|pattern| pattern.is_match(line));
        let port = || if self.announces_port { port_in_line(line) } else { None };
        let now = OutputFindings {
            matched: before.matched || matches(),
            port: before.port.or_else(port),
        };
        if now != before {
            self.seen.send_modify(|seen| {
                // The other stream may have found the other thing meanwhile.
                seen.matched |= now.matched;
                seen.port = seen.port.or(now.port);
            });
        }
    }
}

/// Returns the port of `PORT:N`, but not within a word such as `REPORT:1`.
fn port_in_line(line: &str) -> Option<u16> {
    line.match_indices("PORT:").find_map(|(start, label)| {
        let in_word = line[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let digits = line[start + label.len()..].trim_start();
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        digits[..end].parse().ok().filter(|port| *port != 0 && !in_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_read_from_a_line() {
        assert_eq!(port_in_line("PORT:4000"), Some(4000));
        assert_eq!(port_in_line("[info] PORT: 4001 (loopback)"), Some(4001));
        assert_eq!(port_in_line("PORT:0"), None);
        assert_eq!(port_in_line("PORT:70000"), None);
        assert_eq!(port_in_line("port 4000"), None);
        assert_eq!(port_in_line("EXPORT:1 DB_PORT:2"), None);
        assert_eq!(port_in_line("REPORT:1, PORT:4002"), Some(4002));
    }

    fn watch(
        pattern: Option<&str>,
        announces_port: bool,
    ) -> (LineWatch, watch::Receiver<OutputFindings>) {
        let (seen, lines) = watch::channel(OutputFindings::default());
        let pattern = pattern.map(|pattern| Regex::new(pattern).unwrap());
        (LineWatch { pattern, announces_port, seen }, lines)
    }

    #[test]
    fn the_first_port_and_any_match_are_seen() {
        let (watch, lines) = watch(Some("^up$"), true);
        for line in ["PORT:1", "up", "PORT:2", "down"] {
            watch.see(line);
        }
        assert_eq!(*lines.borrow(), OutputFindings { matched: true, port: Some(1) });
    }

    #[test]
    fn nothing_is_looked_for_that_nobody_waits_for() {
        let (watch, lines) = watch(None, false);
        watch.see("PORT:1");
        assert_eq!(*lines.borrow(), OutputFindings::default());
        drop(lines);
        watch.see("PORT:1");
    }
}
