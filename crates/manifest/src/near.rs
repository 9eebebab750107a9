//! Finds the word that was meant.

/// More candidates than this are not looked at, so that a huge manifest is not slow.
const MOST_CANDIDATES: usize = 256;

/// Longer words are not names that someone mistyped.
const LONGEST_WORD: usize = 64;

/// Shorter words end too many others.
const SHORTEST_PART: usize = 3;

/// Gives the candidate that `word` most likely is a slip of the pen for.
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

/// Makes words alike that differ in case or in how they are joined.
fn fold(word: &str) -> String {
    word.to_lowercase().replace('-', "_")
}

/// Tells how far two words are apart, when one can be a slip for the other.
fn slip(word: &str, candidate: &str) -> Option<usize> {
    let longest = word.len().max(candidate.len());
    let allowed = (longest / 3).clamp(1, 3);
    if word.len().abs_diff(candidate.len()) > allowed {
        return is_part(word, candidate).then_some(allowed);
    }
    let distance = strsim::osa_distance(word, candidate);
    (distance <= allowed && distance < longest).then_some(distance)
}

/// Tells whether one word is the other without its beginning, as in `TERM` for `SIGTERM`.
fn is_part(word: &str, candidate: &str) -> bool {
    word.len() >= SHORTEST_PART && candidate.ends_with(word)
}
