//! What a terminal shows of a running app, as text; printing it is for the front ends.

use std::borrow::Cow;
use std::sync::LazyLock;

use anstyle::{AnsiColor, Color, Style};
use ensconce_protocol::{AppStatus, JobKind, JobState, JobStatus};
use ensconce_supervisor::{LogLine, Stream};
use regex::{Captures, Regex};

use crate::logs::{LogEntry, Source};

/// Colours that can be told apart on dark and light terminals.
const COLORS: [AnsiColor; 6] = [
    AnsiColor::Cyan,
    AnsiColor::Magenta,
    AnsiColor::Green,
    AnsiColor::Blue,
    AnsiColor::Yellow,
    AnsiColor::BrightRed,
];

/// Names are filled up to this width, so that the lines of most apps stand in a column.
const NAME_WIDTH: usize = 10;

/// A line of the merged log, with its writer's name in the writer's colour.
pub fn log_line(line: LogLine<'_>) -> String {
    let style = style_of(line.job);
    let mark = if line.stream == Stream::Stderr { '!' } else { '|' };
    let LogLine { job, text, .. } = line;
    format!("{style}{job:<NAME_WIDTH$} {mark}{style:#} {}", without_controls(text))
}

/// A line that was read from a log, with its time.
pub fn stored_line(entry: &LogEntry) -> String {
    let name = entry.service.as_deref().unwrap_or_default();
    let (style, faint) = (style_of(name), Style::new().dimmed());
    let mark = match entry.source {
        Source::Stdout => '|',
        Source::Stderr => '!',
        Source::Ensconce => '*',
    };
    let time = entry.time.as_deref().unwrap_or_default();
    let text = without_controls(&entry.text);
    format!("{faint}{time:<24}{faint:#} {style}{name:<NAME_WIDTH$} {mark}{style:#} {text}")
}

/// What has changed from one status to the next, a line each.
pub fn progress(before: &AppStatus, after: &AppStatus) -> Vec<String> {
    let state_before =
        |name: &str| before.jobs.iter().find(|job| job.name == name).map(|job| job.state);
    let changed =
        |job: &&JobStatus| state_before(&job.name).unwrap_or(JobState::Waiting) != job.state;
    after.jobs.iter().filter(changed).map(line_of).collect()
}

/// Says that the pages asked for an origin that is not allowed, and how it is let in.
pub fn refusal(origin: &str) -> String {
    format!(
        "The pages asked for {origin}, which the manifest does not allow. To let it in: \
         [ui] allow = [\"{origin}\"]"
    )
}

fn line_of(job: &JobStatus) -> String {
    let style = style_of(&job.name);
    format!("{style}{:<NAME_WIDTH$} *{style:#} {}", job.name, job_word(job))
}

/// Says what a task or service is doing.
pub fn job_word(job: &JobStatus) -> String {
    let word = match (job.state, job.kind) {
        (JobState::Ready, JobKind::Task) => "done",
        (JobState::Waiting, _) => "waits",
        (JobState::Starting, _) => "starting",
        (JobState::Ready, _) if job.recovered => "works again",
        (JobState::Ready, _) => "ready",
        (JobState::Restarting, _) => {
            let why = job.reason.as_deref().unwrap_or("ended by itself");
            return format!("{why} and is started again");
        }
        (JobState::Failed, _) if job.optional => {
            let why = job.reason.as_deref().map_or(String::new(), |why| format!(": {why}"));
            return format!("failed; the app goes on without it{why}");
        }
        (JobState::Failed, _) => "failed",
        (JobState::Stopping, _) => "stopping",
        (JobState::Stopped, _) => match &job.reason {
            Some(why) => return format!("stopped: {why}"),
            None => "stopped",
        },
    };
    word.to_owned()
}

fn style_of(name: &str) -> Style {
    let sum =
        name.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    Style::new().fg_color(Some(Color::Ansi(COLORS[sum % COLORS.len()])))
}

/// Keeps the colours of a service's line, and nothing else that a terminal obeys: what moves the
/// cursor could hide other lines, and some terminals set the clipboard or answer as if typed.
fn without_controls(text: &str) -> Cow<'_, str> {
    static CONTROLS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"(?<colour>\x1b\[[0-9;:]*m)",
            // Control sequences, then strings for the terminal (OSC, DCS and their like), then
            // every other escape.
            r"|\x1b\[[0-?]*[ -/]*[@-~]",
            r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?",
            r"|\x1b[ -/]*[0-~]?",
            r"|[\p{Cc}&&[^\t]]",
        ))
        .expect("the pattern is a constant")
    });
    let kept = |found: &Captures<'_>| {
        found.name("colour").map_or(String::new(), |colour| colour.as_str().to_owned())
    };
    let clean = CONTROLS.replace_all(text, kept);
    // The colours of one line are not those of the next.
    if clean.contains('\u{1b}') { Cow::Owned(format!("{clean}{}", anstyle::Reset)) } else { clean }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_shows_who_wrote_it_and_where() {
        let line = LogLine { job: "api", stream: Stream::Stderr, text: "hello\u{7}" };
        let plain = anstyle_free(&log_line(line));
        assert_eq!(plain, "api        ! hello");
    }

    #[test]
    fn a_line_keeps_its_colours_and_moves_nothing() {
        for (text, shown) in [
            ("a\tb", "a\tb"),
            ("\u{1b}[1;31mred\u{1b}[0m", "\u{1b}[1;31mred\u{1b}[0m\u{1b}[0m"),
            ("\u{1b}[2J\u{1b}[Hgone", "gone"),
            ("\u{1b}[?1049hother", "other"),
            ("\u{1b}]52;c;aGk=\u{7}clipboard", "clipboard"),
            ("\u{1b}]0;title\u{1b}\\text", "text"),
            ("\u{1b}Pq#0\u{1b}\\picture", "picture"),
            ("\u{1b}cfresh \u{1b}(0lines", "fresh lines"),
            ("\u{9b}2Jone byte", "2Jone byte"),
            ("back\u{8}\r\u{7f}", "back"),
            ("cut \u{1b}", "cut "),
            ("cut \u{1b}[3", "cut 3"),
        ] {
            assert_eq!(without_controls(text), shown, "{text:?}");
        }
    }

    fn anstyle_free(text: &str) -> String {
        regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap().replace_all(text, "").into_owned()
    }
}
