//! Tags of files that differ from one version to the next by more than size and time.
//!
//! All files of an installed app have the same time, in every version of it: packages are
//! reproducible. So the tags that `tower-http` makes get a prefix, which differs between two files
//! that were written by two installations, and conditions on dates are not heard.

use std::fs::Metadata;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use http::header::{
    ETAG, HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE,
    LAST_MODIFIED,
};
use http::{HeaderMap, HeaderValue};

/// What is put before a file's tag.
pub(super) struct EtagPrefix(String);

impl EtagPrefix {
    pub(super) fn of(metadata: &Metadata, file: &Path) -> Self {
        // An AppImage has neither changed inodes nor change times, but another place at each start.
        let mut place = DefaultHasher::new();
        file.hash(&mut place);
        Self(format!("{}.{:x}", written(metadata), place.finish()))
    }

    /// Takes the prefix off the tags that a request names; those of other editions stay as they
    /// are, and match nothing.
    pub(super) fn take_from(&self, request: &mut HeaderMap) {
        request.remove(IF_MODIFIED_SINCE);
        request.remove(IF_UNMODIFIED_SINCE);
        for name in [IF_NONE_MATCH, IF_MATCH, IF_RANGE] {
            change(request, name, |tags| tags.replace(&format!("\"{}-", self.0), "\""));
        }
    }

    /// Puts the prefix before an answer's tag.
    pub(super) fn add_to(&self, answer: &mut HeaderMap) {
        answer.remove(LAST_MODIFIED);
        change(answer, ETAG, |tag| tag.replacen('"', &format!("\"{}-", self.0), 1));
    }
}

fn change(headers: &mut HeaderMap, name: HeaderName, change: impl Fn(&str) -> String) {
    let changed = headers.get(&name).and_then(|value| change(value.to_str().ok()?).parse().ok());
    if let Some(changed) = changed {
        let changed: HeaderValue = changed;
        headers.insert(name, changed);
    }
}

/// When and where the file was put on the disk, which no package decides.
#[cfg(unix)]
fn written(metadata: &Metadata) -> String {
    use std::os::unix::fs::MetadataExt;
    let (device, number) = (metadata.dev(), metadata.ino());
    let (seconds, nanoseconds) = (metadata.ctime(), metadata.ctime_nsec());
    format!("{device:x}.{number:x}.{seconds:x}.{nanoseconds:x}")
}

#[cfg(not(unix))]
fn written(metadata: &Metadata) -> String {
    let created = metadata.created().ok();
    let age = created.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    format!("{:x}", age.unwrap_or_default().as_nanos())
}
