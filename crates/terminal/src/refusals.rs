//! Remembers which refused addresses have been shown on the terminal.

use std::collections::HashSet;

use ensconce_app::refusal;

/// How many are shown. A page can request ever new names, and nobody reads more than these.
const MOST: usize = 100;

/// The addresses that have been shown.
#[derive(Debug, Default)]
pub struct ShownRefusals {
    origins: HashSet<String>,
    is_full: bool,
}

impl ShownRefusals {
    /// Returns the line to show for a refused address: once for each, and a last one when there
    /// are too many.
    pub fn line(&mut self, origin: &str) -> Option<String> {
        if self.is_full || self.origins.contains(origin) {
            return None;
        }
        if self.origins.len() == MOST {
            self.is_full = true;
            return Some(format!(
                "The pages have asked for more than {MOST} addresses that the manifest does not \
                 allow. No more of them are shown"
            ));
        }
        self.origins.insert(origin.to_owned());
        Some(refusal(origin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_is_shown_once_and_ever_new_ones_are_not() {
        let mut shown = ShownRefusals::default();
        assert_eq!(shown.line("https://a.test"), Some(refusal("https://a.test")));
        assert_eq!(shown.line("https://a.test"), None);
        let lines: Vec<String> =
            (0..10_000).filter_map(|number| shown.line(&format!("{number}.test:443"))).collect();
        assert_eq!(lines.len(), MOST);
        assert!(lines[MOST - 1].contains("No more of them"), "{}", lines[MOST - 1]);
        assert_eq!(shown.origins.len(), MOST);
        assert_eq!(shown.line("https://a.test"), None);
    }
}
