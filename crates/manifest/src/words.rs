//! Formats names and lists for messages.

/// Longer names are truncated in messages.
const LONGEST_SHOWN: usize = 60;

/// Formats a name of the manifest between backticks, in one line and without control characters.
pub(crate) fn quote(name: &str) -> String {
    let mut shown: String = name.chars().take(LONGEST_SHOWN).flat_map(visible).collect();
    if name.chars().nth(LONGEST_SHOWN).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// Formats `a`, `b` and `c`: each name between backticks, in one line.
pub fn and_list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    join(names, "and")
}

/// Formats `a`, `b` or `c`.
pub(crate) fn or_list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    join(names, "or")
}

fn join<'a>(names: impl IntoIterator<Item = &'a str>, word: &str) -> String {
    let mut quoted: Vec<String> = names.into_iter().map(quote).collect();
    match (quoted.pop(), quoted.is_empty()) {
        (None, _) => String::new(),
        (Some(only), true) => only,
        (Some(last), false) => format!("{} {word} {last}", quoted.join(", ")),
    }
}

fn visible(c: char) -> Vec<char> {
    if c.is_control() || is_direction_mark(c) { c.escape_debug().collect() } else { vec![c] }
}

/// Returns whether a character can make a terminal show the text in another order.
fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
