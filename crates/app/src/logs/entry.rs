//! A line of a log: how it is written, and read again.

use std::fmt::{self, Display, Formatter};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ensconce_supervisor::Stream;
use time::OffsetDateTime;

/// Stands in the merged log for what no service has written.
const NOBODY: &str = "-";

/// Who wrote a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The service, to stdout.
    Stdout,
    /// The service, to stderr.
    Stderr,
    /// Ensconce itself, about the log.
    Ensconce,
}

impl Source {
    const ALL: [Self; 3] = [Self::Stdout, Self::Stderr, Self::Ensconce];

    /// The word for it in a log.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
            Self::Ensconce => "ensconce",
        }
    }
}

impl From<Stream> for Source {
    fn from(stream: Stream) -> Self {
        match stream {
            Stream::Stdout => Self::Stdout,
            Stream::Stderr => Self::Stderr,
        }
    }
}

/// A line of a log that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// When it was written, as in RFC 3339; `None` for a line that has no time.
    pub time: Option<String>,
    /// The task or service; `None` for what concerns all.
    pub service: Option<String>,
    /// Who wrote it.
    pub source: Source,
    /// What was written.
    pub text: String,
}

impl LogEntry {
    /// Reads a line of the log of a service, or of the merged one.
    pub(super) fn parse(line: &str, service: Option<&str>) -> Self {
        Self::parse_whole(line, service).unwrap_or_else(|| Self {
            time: None,
            service: service.map(str::to_owned),
            source: Source::Stdout,
            text: line.to_owned(),
        })
    }

    fn parse_whole(line: &str, service: Option<&str>) -> Option<Self> {
        let (time, rest) = line.split_once(' ')?;
        let is_time = time.len() == "2026-01-01T00:00:00.000Z".len() && time.ends_with('Z');
        let (name, rest) = match service {
            Some(name) => (name, rest),
            None => rest.split_once(' ')?,
        };
        let (word, text) = rest.split_once(' ')?;
        let source = Source::ALL.into_iter().find(|source| source.word() == word)?;
        is_time.then(|| Self {
            time: Some(time.to_owned()),
            service: (name != NOBODY).then(|| name.to_owned()),
            source,
            text: text.to_owned(),
        })
    }
}

/// Adds a line to what is to be written: to a service's log, or with its name to the merged one.
pub(super) fn write(
    to: &mut Vec<u8>,
    time: &str,
    service: Option<&str>,
    source: Source,
    text: &[u8],
) {
    for part in [Some(time), service, Some(source.word())].into_iter().flatten() {
        to.extend_from_slice(part.as_bytes());
        to.push(b' ');
    }
    to.extend_from_slice(text);
    to.push(b'\n');
}

/// Adds to a log how many lines it does not have.
pub(super) fn write_left_out(to: &mut Vec<u8>, time: &str, merged: bool, count: u64) {
    let lines = if count == 1 { "line" } else { "lines" };
    let text = format!("{count} {lines} left out here");
    write(to, time, merged.then_some(NOBODY), Source::Ensconce, text.as_bytes());
}

/// A time as it stands in logs: RFC 3339, UTC, milliseconds.
pub(crate) struct Stamp(OffsetDateTime);

impl Stamp {
    /// A clock that was set before 1970 gives 1970.
    pub(crate) fn of(time: SystemTime) -> Self {
        Self::at(time.duration_since(UNIX_EPOCH).unwrap_or_default())
    }

    fn at(since: Duration) -> Self {
        let time = i64::try_from(since.as_secs()).ok();
        let time = time.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
        let millisecond = u16::try_from(since.subsec_millis()).unwrap_or_default();
        let time = time.unwrap_or(OffsetDateTime::UNIX_EPOCH);
        Self(time.replace_millisecond(millisecond).unwrap_or(time))
    }
}

impl Display for Stamp {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (date, (hour, minute, second, millisecond)) =
            (self.0.date(), self.0.time().as_hms_milli());
        let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z"
        )
    }
}

/// Many lines have the same time; it is put into words once.
#[derive(Default)]
pub(super) struct Clock {
    milliseconds: Option<u64>,
    text: String,
}

impl Clock {
    /// A time, in milliseconds since 1970.
    pub(super) fn text(&mut self, milliseconds: u64) -> &str {
        if self.milliseconds != Some(milliseconds) {
            self.text = Stamp::at(Duration::from_millis(milliseconds)).to_string();
            self.milliseconds = Some(milliseconds);
        }
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_that_of_rfc_3339() {
        let at = |milliseconds| Stamp::at(Duration::from_millis(milliseconds)).to_string();
        assert_eq!(at(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(at(1_709_210_096_007), "2024-02-29T12:34:56.007Z");
    }

    #[test]
    fn what_was_written_is_read_again() {
        for (service, shown) in [(Some("api"), None), (Some("api"), Some("api")), (None, None)] {
            let entry = LogEntry {
                time: Some("2024-02-29T12:34:56.007Z".to_owned()),
                service: service.map(str::to_owned),
                source: Source::Stderr,
                text: " two  words ".to_owned(),
            };
            let mut line = Vec::new();
            let name = if shown.is_some() { None } else { service.or(Some(NOBODY)) };
            write(&mut line, "2024-02-29T12:34:56.007Z", name, Source::Stderr, b" two  words ");
            let line = String::from_utf8(line).unwrap();
            assert_eq!(LogEntry::parse(line.trim_end_matches('\n'), shown), entry);
        }
    }

    #[test]
    fn a_line_without_time_is_kept_as_it_is() {
        let entry = LogEntry::parse("Traceback (most recent call last):", Some("api"));
        assert_eq!((entry.time, entry.text.as_str()), (None, "Traceback (most recent call last):"));
    }
}
