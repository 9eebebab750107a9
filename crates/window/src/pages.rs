//! How pages behave in any of the app's windows: links, windows of their own, downloads.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use ensconce_protocol::Entry;
use tauri::webview::{DownloadEvent, NewWindowFeatures, NewWindowResponse};
use tauri::{AppHandle, Manager, WebviewUrl, WebviewWindow, WebviewWindowBuilder, Wry};
use url::Url;

use crate::driver::EventSender;
use crate::links::LinkRules;
use crate::model::{Download, Event, SettingsEvent};
use crate::{platform, program};

/// What all windows of an app share.
pub(crate) struct AppContext {
    /// The app's name.
    pub(crate) name: String,
    /// How the webview gets to the app.
    pub(crate) entry: Option<Entry>,
    /// Which addresses are the app's.
    pub(crate) links: LinkRules,
    /// Where the webviews keep what they store; all of the app's share it.
    pub(crate) profile: Option<PathBuf>,
    /// The folder of the log files.
    pub(crate) logs: Option<PathBuf>,
}

/// Keeps the app's own pages in its windows, and sends others to the user's browser.
pub(crate) fn behave<'a, M: Manager<Wry>>(
    builder: WebviewWindowBuilder<'a, Wry, M>,
    handle: &AppHandle,
    context: &Arc<AppContext>,
) -> WebviewWindowBuilder<'a, Wry, M> {
    let (events, popups) = (handle.clone(), handle.clone());
    let (in_window, in_new) = (Arc::clone(context), Arc::clone(context));
    builder
        // Tauri would take the files that are dropped onto a page for itself.
        .disable_drag_drop_handler()
        .on_navigation(move |url| {
            if is_settings(url) {
                events.state::<EventSender>().send(Event::Settings(SettingsEvent::Requested));
                return false;
            }
            let leaves = platform::navigation_leaves(&in_window.links, url);
            if leaves {
                open_in_browser(url);
            }
            !leaves
        })
        .on_new_window(move |url, features| {
            if in_new.links.is_foreign(&url) {
                open_in_browser(&url);
                return NewWindowResponse::Deny;
            }
            match open_window(&popups, &in_new, features) {
                Ok(window) => NewWindowResponse::Create { window },
                Err(error) => {
                    program::warn(format!("A window for {url} cannot be opened: {error}"));
                    NewWindowResponse::Deny
                }
            }
        })
        .on_download(|webview, event| download(&webview.app_handle().clone(), event))
}

/// The address by which the app's pages lead to the settings.
fn is_settings(url: &Url) -> bool {
    url.path() == "/.ensconce/settings"
}

/// Opens a window for a page that asked for one, such as a login or a print preview. The page
/// that asked keeps what was typed, and the two can talk.
fn open_window(
    handle: &AppHandle,
    context: &Arc<AppContext>,
    features: NewWindowFeatures,
) -> tauri::Result<WebviewWindow> {
    static OPENED: AtomicU32 = AtomicU32::new(1);
    let label = format!("page-{}", OPENED.fetch_add(1, Ordering::Relaxed));
    let blank = WebviewUrl::External(Url::parse("about:blank").map_err(tauri::Error::InvalidUrl)?);
    let builder = WebviewWindowBuilder::new(handle, label, blank)
        .title(&context.name)
        .window_features(features)
        .on_document_title_changed(|window, title| {
            let _ = window.set_title(&title);
        });
    let window = behave(builder, handle, context).build()?;
    platform::prepare_webview(&window, context)?;
    Ok(window)
}

/// Opens an address in the user's browser, or in the program that it is for.
pub(crate) fn open_in_browser(url: &Url) {
    if let Err(error) = open::that_detached(url.as_str()) {
        program::warn(format!("Cannot open {url} in the browser: {error}"));
    }
}

fn download(handle: &AppHandle, event: DownloadEvent<'_>) -> bool {
    match event {
        DownloadEvent::Requested { destination, .. } if handle.path().download_dir().is_err() => {
            *destination = in_home(handle, destination);
        }
        DownloadEvent::Finished { path, success, .. } => {
            let download = Download { path, is_whole: success };
            handle.state::<EventSender>().send(Event::DownloadEnded(download));
        }
        _ => {}
    }
    true
}

/// Users without a downloads folder get one; what the webview takes instead is any folder.
fn in_home(handle: &AppHandle, destination: &std::path::Path) -> PathBuf {
    let name = destination.file_name().unwrap_or_default();
    let Ok(home) = handle.path().home_dir() else { return destination.to_owned() };
    let folder = home.join("Downloads");
    let _ = std::fs::create_dir_all(&folder);
    free_name(&folder.join(name))
}

/// Adds a number to a name that is taken, as browsers do.
fn free_name(wanted: &std::path::Path) -> PathBuf {
    let stem = wanted.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let ending = wanted.extension().map(|ending| format!(".{}", ending.to_string_lossy()));
    let ending = ending.unwrap_or_default();
    let numbered = (1..).map(|number| wanted.with_file_name(format!("{stem} ({number}){ending}")));
    let mut names = std::iter::once(wanted.to_owned()).chain(numbered);
    names.find(|path| !path.exists()).unwrap_or_else(|| wanted.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_download_takes_the_place_of_none() {
        let folder = tempfile::tempdir().unwrap();
        let wanted = folder.path().join("report.csv");
        assert_eq!(free_name(&wanted), wanted);
        std::fs::write(&wanted, "").unwrap();
        std::fs::write(folder.path().join("report (1).csv"), "").unwrap();
        assert_eq!(free_name(&wanted), folder.path().join("report (2).csv"));
    }
}
