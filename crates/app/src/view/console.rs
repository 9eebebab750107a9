//! What a terminal shows of a running app, as text; printing it is for the front ends.

use anstyle::{AnsiColor, Color, Style};
use ensconce_protocol::{AppStatus, JobKind, JobState, JobStatus};
use ensconce_supervisor::{LogLine, Stream};

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

/// Says that the pages asked for an address that is not allowed, and how it is let in.
///
/// `target` is a host and a port.
pub fn refusal(target: &str) -> String {
    let origin = match target.rsplit_once(':') {
        Some((host, "443")) => format!("https://{host}"),
        Some((host, "80")) => format!("http://{host}"),
        _ => format!("https://{target}"),
    };
    format!(
        "The pages asked for {target}, which the manifest does not allow. To let it in: \
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

/// Leaves colours to the service, but lets it not move the cursor or ring the bell.
fn without_controls(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || *c == '\t' || *c == '\u{1b}').collect()
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

    fn anstyle_free(text: &str) -> String {
        regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap().replace_all(text, "").into_owned()
    }
}
