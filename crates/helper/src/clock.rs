//! The time of day, as it is written into names of files.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Returns the time now in UTC, as in `20260131T235959Z`: sorts by time, and is a file name everywhere.
pub(crate) fn now() -> String {
    stamp(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs())
}

/// Writes a time of [`now`] as RFC 3339 has it: `2026-01-31T23:59:59Z`.
pub(crate) fn rfc3339(stamp: &str) -> String {
    let part = |range: std::ops::Range<usize>| stamp.get(range).unwrap_or_default();
    let date = format!("{}-{}-{}", part(0..4), part(4..6), part(6..8));
    format!("{date}T{}:{}:{}Z", part(9..11), part(11..13), part(13..15))
}

/// Turns days into a date as in Howard Hinnant's "chrono-compatible low-level date algorithms".
fn stamp(since_1970: u64) -> String {
    let (days, rest) = (since_1970 / 86_400, since_1970 % 86_400);
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_right() {
        assert_eq!(stamp(0), "19700101T000000Z");
        assert_eq!(stamp(951_827_696), "20000229T123456Z");
        assert_eq!(stamp(1_767_225_599), "20251231T235959Z");
        assert_eq!(stamp(4_107_542_400), "21000301T000000Z");
    }

    #[test]
    fn times_are_written_in_two_ways() {
        assert_eq!(rfc3339("20260131T235959Z"), "2026-01-31T23:59:59Z");
    }
}
