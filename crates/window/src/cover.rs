//! Ensconce's own page, which covers the app's: the splash, what has failed, closing.
//!
//! It is a webview of its own, so that the app's page can load beneath it, and stays what it is
//! when something fails. It is there only while it is seen, for it takes memory.

use std::sync::Arc;

use tauri::utils::config::Color;
use tauri::webview::WebviewBuilder;
use tauri::{AppHandle, Manager, Theme, WebviewUrl, Window};
use url::Url;

use crate::model::OwnPageView;
use crate::pages::AppContext;
use crate::window::MAIN;
use crate::{platform, program};

/// The name of the webview within Tauri; `capabilities/` allows it what no other may.
pub(crate) const COVER: &str = "own";

/// What Ensconce's own pages have as their background, so that nothing flashes before them.
const LIGHT: Color = Color(0xf7, 0xf7, 0xf8, 0xff);
const DARK: Color = Color(0x17, 0x18, 0x1b, 0xff);
/// What the app's pages expect, as in a browser.
const WHITE: Color = Color(0xff, 0xff, 0xff, 0xff);

/// Lays Ensconce's own page over the app's, in place of another view that lies there.
pub(crate) fn cover(handle: &AppHandle, view: OwnPageView) {
    on_main_thread(handle, move |handle| lay(handle, view));
}

/// Takes Ensconce's own page away, so that the app's is seen.
pub(crate) fn uncover(handle: &AppHandle) {
    on_main_thread(handle, take_away);
}

/// All at once, so that nothing half-done is drawn.
fn on_main_thread(
    handle: &AppHandle,
    action: impl FnOnce(&AppHandle) -> tauri::Result<()> + Send + 'static,
) {
    let on_main = handle.clone();
    // Otherwise the window is gone, and nothing is to be shown.
    let _ = handle.run_on_main_thread(move || {
        if let Err(error) = action(&on_main) {
            program::warn(format!("The window cannot show what it should: {error}"));
        }
    });
}

/// Does what `cover` does; on the main thread.
pub(crate) fn lay(handle: &AppHandle, view: OwnPageView) -> tauri::Result<()> {
    let Some((window, page)) = handle.get_window(MAIN).zip(handle.get_webview(MAIN)) else {
        return Ok(());
    };
    // Not led on to the other address: a page with something unsaved could object to that.
    close(handle)?;
    let color = own_color(&window);
    window.set_background_color(Some(color))?;
    let mut builder = WebviewBuilder::new(COVER, WebviewUrl::App(address(view).into()))
        .background_color(color)
        .disable_drag_drop_handler()
        .on_navigation(is_own);
    if let Some(profile) = handle.state::<Arc<AppContext>>().profile.clone() {
        builder = builder.data_directory(profile);
    }
    platform::lay_over(&window, &page, builder)
}

fn address(view: OwnPageView) -> &'static str {
    match view {
        OwnPageView::Status => "index.html",
        OwnPageView::Settings => "index.html?view=settings",
    }
}

fn take_away(handle: &AppHandle) -> tauri::Result<()> {
    if let Some(window) = handle.get_window(MAIN) {
        window.set_background_color(Some(WHITE))?;
    }
    close(handle)?;
    handle.get_webview(MAIN).map_or(Ok(()), |page| platform::give_focus(&page))
}

fn close(handle: &AppHandle) -> tauri::Result<()> {
    handle.get_webview(COVER).map_or(Ok(()), |cover| cover.close())
}

fn own_color(window: &Window) -> Color {
    let is_dark = window.theme().is_ok_and(|theme| theme == Theme::Dark);
    if is_dark { DARK } else { LIGHT }
}

/// It never goes anywhere else.
fn is_own(url: &Url) -> bool {
    url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost")
}
