//! What the desktop opens with the app: files, and addresses with a scheme of the app.

use std::ffi::OsStr;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

/// The placeholder for it in the manifest.
const PLACE: &str = "{opened}";

/// Makes an argument independent of the current folder: a file's absolute path, or the address as
/// it is.
pub(crate) fn whole(argument: &OsStr) -> String {
    let text = argument.to_string_lossy();
    // A single letter before the colon is a drive.
    let url = Url::parse(&text).ok().filter(|url| url.scheme().len() > 1);
    match url.map(|url| (url.scheme() == "file").then(|| url.to_file_path().ok()).flatten()) {
        Some(Some(path)) => path.display().to_string(),
        Some(None) => text.into_owned(),
        None => std::path::absolute(argument)
            .map_or_else(|_| text.into_owned(), |path| path.display().to_string()),
    }
}

/// Returns the path of the page that shows it.
pub(crate) fn path(page: &str, opened: &str) -> String {
    page.replace(PLACE, &utf8_percent_encode(opened, NON_ALPHANUMERIC).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_file_is_told_by_its_whole_path_and_an_address_as_it_is() {
        let whole = |text: &str| whole(OsStr::new(text));
        assert_eq!(whole("/a/b c.note"), "/a/b c.note");
        assert_eq!(whole("file:///a/b%20c.note"), "/a/b c.note");
        assert_eq!(whole("notes://open?id=1"), "notes://open?id=1");
        let here = std::env::current_dir().unwrap();
        assert_eq!(whole("b.note"), here.join("b.note").display().to_string());
    }

    #[test]
    fn nothing_in_it_changes_the_page() {
        let page = path("/open?target={opened}&x=1", "/a/b c&x=2#\u{e4}");
        assert_eq!(page, "/open?target=%2Fa%2Fb%20c%26x%3D2%23%C3%A4&x=1");
    }
}
