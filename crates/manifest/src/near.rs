//! Finds the word that a misspelt one was meant to be.

/// Candidates beyond this number are ignored, so that a huge manifest is not slow.
const MOST_CANDIDATES: usize = 256;

/// A longer word is not a name that someone mistyped.
const LONGEST_WORD: usize = 64;

/// A shorter word is the ending of too many others.
const SHORTEST_PART: usize = 3;

/// Returns the candidate that `word` is most likely a misspelling of.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.is_empty() || word.len() > LONGEST_WORD {
        return None;
    }
    let folded = fold(word);
    candidates
        .into_iter()
        .take(MOST_CANDIDATES)
        .filter_map(|candidate| Some((slip(&folded, &fold(candidate))?, candidate)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Normalises words that differ in case or in how they are joined.
fn fold(word: &str) -> String {
    word.to_lowercase().replace('-', "_")
}

/// Returns the distance of two words, if one can be a misspelling of the other.
fn slip(word: &str, candidate: &str) -> Option<usize> {
    let longest = word.len().max(candidate.len());
    let allowed = (longest / 3).clamp(1, 3);
    if word.len().abs_diff(candidate.len()) > allowed {
        return is_part(word, candidate).then_some(allowed);
    }
    let distance = strsim::osa_distance(word, candidate);
    (distance <= allowed && distance < longest).then_some(distance)
}

/// Returns whether one word is the other without its beginning, as in `TERM` for `SIGTERM`.
fn is_part(word: &str, candidate: &str) -> bool {
    word.len() >= SHORTEST_PART && candidate.ends_with(word)
}
