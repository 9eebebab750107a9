//! What tasks tell of long work: lines `PROGRESS:42 Copying notes`.

use std::collections::BTreeMap;

use ensconce_supervisor::LogLine;

/// What each step has told last.
pub(crate) type Progress = BTreeMap<String, Told>;

/// How far a step has come.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Told {
    /// From 0 to 1.
    pub(crate) part: f64,
    /// What it is doing.
    pub(crate) message: Option<String>,
}

/// Reads what a line tells.
pub(crate) fn told(line: &LogLine<'_>) -> Option<Told> {
    let rest = line.text.trim().strip_prefix("PROGRESS:")?;
    let (percent, message) = rest.split_once(' ').unwrap_or((rest, ""));
    let percent: f64 = percent.trim_end_matches('%').parse().ok()?;
    let message = message.trim();
    (0.0..=100.0).contains(&percent).then(|| Told {
        part: percent / 100.0,
        message: (!message.is_empty()).then(|| message.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ensconce_supervisor::Stream;

    fn part(text: &str) -> Option<f64> {
        told(&LogLine { job: "import", stream: Stream::Stdout, text }).map(|told| told.part)
    }

    #[test]
    fn lines_tell_how_far_it_is() {
        assert_eq!(part("PROGRESS:42 Copying notes"), Some(0.42));
        assert_eq!(part(" PROGRESS:100%"), Some(1.0));
        for other in
            ["PROGRESS: 42", "PROGRESS:101", "PROGRESS:-1", "PROGRESS:NaN", "at PROGRESS:42"]
        {
            assert_eq!(part(other), None, "{other}");
        }
    }
}
