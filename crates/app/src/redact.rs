//! Takes secrets out of what is logged: by their values, however they are written, and by the
//! shapes of well-known ones.

mod forms;
mod shapes;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use aho_corasick::{AhoCorasick, AhoCorasickBuilder};
use ensconce_supervisor::{Clean, Redactor, floor_char_boundary};

use shapes::Block;

/// What must not be seen, for all streams of an app.
#[derive(Clone, Default)]
pub(crate) struct Redaction(Arc<Known>);

#[derive(Default)]
struct Known {
    /// Counts up with each new secret, so that streams look for news without a lock.
    version: AtomicU64,
    state: RwLock<State>,
}

#[derive(Default)]
struct State {
    /// Names and values. None is ever forgotten: what is no longer used can still be logged.
    secrets: BTreeSet<(String, String)>,
    values: Arc<Values>,
}

/// All forms of all values, to be found in one pass.
#[derive(Default)]
struct Values {
    finder: Option<AhoCorasick>,
    /// Of each form: the name of its secret, and whether it is base64.
    forms: Vec<(String, forms::Form)>,
}

/// Something that must not be seen.
struct Found {
    /// Where what shows that it is a secret begins and ends: nothing is cut in between.
    whole: (usize, usize),
    /// What is taken out.
    hidden: (usize, usize),
    name: String,
}

impl Redaction {
    /// Learns secrets, by name and value. Must come before anyone is given them.
    pub(crate) fn learn<'a>(&self, secrets: impl IntoIterator<Item = (&'a str, &'a str)>) {
        let mut state = self.0.state.write().unwrap_or_else(PoisonError::into_inner);
        let before = state.secrets.len();
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        state.secrets.extend(secrets.into_iter().map(owned));
        if state.secrets.len() > before {
            state.values = Arc::new(Values::of(&state.secrets));
            self.0.version.fetch_add(1, Ordering::Release);
        }
    }

    /// Makes what cleans one stream of lines.
    pub(crate) fn stream(&self) -> StreamRedactor {
        let mut stream = StreamRedactor {
            redaction: self.clone(),
            version: u64::MAX,
            values: Arc::default(),
            block: None,
            carried: false,
        };
        stream.refresh();
        stream
    }

    /// Cleans a whole text.
    pub(crate) fn clean(&self, text: &str) -> String {
        let mut stream = self.stream();
        let lines = text.split('\n').map(|line| stream.redact(line, usize::MAX).text.into_owned());
        lines.collect::<Vec<_>>().join("\n")
    }
}

impl Values {
    fn of(secrets: &BTreeSet<(String, String)>) -> Self {
        let mut forms = Vec::new();
        let mut texts = Vec::new();
        for (name, value) in secrets {
            for (text, form) in forms::forms(value) {
                texts.push(text);
                forms.push((name.clone(), form));
            }
        }
        // The texts are bounded by what a vault holds; one too large to compile is never met.
        let finder = AhoCorasickBuilder::new().build(&texts).ok().filter(|_| !texts.is_empty());
        Self { finder, forms }
    }

    fn may_be_in(&self, text: &str) -> bool {
        self.finder.as_ref().is_some_and(|finder| finder.is_match(text))
    }

    fn find(&self, text: &str, found: &mut Vec<Found>) {
        let Some(finder) = &self.finder else { return };
        // Overlapping, so that of two secrets that share some characters neither shows the rest.
        for matched in finder.find_overlapping_iter(text) {
            let (name, form) = &self.forms[matched.pattern().as_usize()];
            let place = (matched.start(), matched.end());
            let place = if *form == forms::Form::Base64 { forms::word(text, place) } else { place };
            found.push(Found { whole: place, hidden: place, name: name.clone() });
        }
    }
}

/// Cleans one stream of lines; remembers what began in an earlier line.
pub(crate) struct StreamRedactor {
    redaction: Redaction,
    version: u64,
    values: Arc<Values>,
    /// A private key of several lines that has begun.
    block: Option<Block>,
    /// Whether the part before this one ended within a secret that is longer than can be looked at.
    carried: bool,
}

impl StreamRedactor {
    fn refresh(&mut self) {
        let version = self.redaction.0.version.load(Ordering::Acquire);
        if version != self.version {
            let state = self.redaction.0.state.read().unwrap_or_else(PoisonError::into_inner);
            self.values = Arc::clone(&state.values);
            self.version = version;
        }
    }

    fn find(&mut self, text: &str) -> Vec<Found> {
        let mut found = Vec::new();
        if std::mem::take(&mut self.carried) {
            let end = forms::word(text, (0, 0)).1;
            found.push(Found { whole: (0, end), hidden: (0, end), name: "token".to_owned() });
        }
        if let Some(end) = self.block.as_ref().and_then(|block| block.hides(text)) {
            found.push(Found { whole: (0, end), hidden: (0, end), name: shapes::KEY.to_owned() });
        }
        self.values.find(text, &mut found);
        shapes::find(text, &mut found);
        // What is known by its value is called by its name.
        found.sort_by_key(|one| (one.hidden.0, std::cmp::Reverse(one.hidden.1)));
        found
    }
}

impl Redactor for StreamRedactor {
    fn redact<'a>(&mut self, text: &'a str, limit: usize) -> Clean<'a> {
        self.refresh();
        let plain = self.block.is_none() && !self.carried && text.len() <= limit;
        if plain && !shapes::may_be_in(text) && !self.values.may_be_in(text) {
            return Clean { text: Cow::Borrowed(text), used: text.len() };
        }
        let found = self.find(text);
        let used = end_of_part(text, limit, &found);
        // Only what is hidden to its end is taken whole although it is too long.
        self.carried = text.len() > limit && used == text.len();
        self.block = Block::after(self.block.take(), &text[..used]);
        if found.iter().all(|one| one.hidden.0 >= used) {
            return Clean { text: Cow::Borrowed(&text[..used]), used };
        }
        Clean { text: Cow::Owned(without(&text[..used], &found)), used }
    }
}

/// Where a text that may be too long is to be cut, not within what was found in it.
fn end_of_part(text: &str, limit: usize, found: &[Found]) -> usize {
    if text.len() <= limit {
        return text.len();
    }
    let mut end = floor_char_boundary(text, limit.max(4));
    let crossing = |end: usize| found.iter().find(|one| one.whole.0 < end && end < one.whole.1);
    while let Some(one) = crossing(end) {
        if one.whole.0 == 0 {
            // It fills all that can be looked at, and goes as a whole.
            while let Some(longer) = crossing(end) {
                end = longer.whole.1;
            }
            return end;
        }
        end = one.whole.0;
    }
    end
}

/// The text with a mark in the place of each secret; one mark where they overlap.
fn without(text: &str, found: &[Found]) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut shown = 0;
    for one in found.iter().filter(|one| one.hidden.0 < text.len()) {
        let (from, to) = (one.hidden.0, one.hidden.1.min(text.len()));
        if from >= shown {
            clean.push_str(&text[shown..from]);
            clean.push_str(&format!("<secret {}>", one.name));
        }
        shown = shown.max(to);
    }
    clean.push_str(&text[shown..]);
    clean
}

#[cfg(test)]
mod tests;
