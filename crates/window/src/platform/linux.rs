//! Linux: WebKitGTK.

#[path = "linux/dialog.rs"]
mod dialog;

use std::sync::{Arc, Mutex, PoisonError};

use ensconce_protocol::Entry;
use glib::translate::{ToGlibPtr, ToGlibPtrMut};
use gtk::gdk;
use gtk::prelude::{BinExt, BoxExt, Cast, ContainerExt, OverlayExt, WidgetExt};
use tauri::webview::WebviewBuilder;
use tauri::{AppHandle, LogicalPosition, Manager, Webview, WebviewWindow, Window, Wry};
use url::Url;
use webkit2gtk::{
    AuthenticationRequest, AuthenticationRequestExt, BackForwardListExt, BackForwardListItem,
    BackForwardListItemExt, Credential, CredentialPersistence, LoadEvent, WebView, WebViewExt,
};

pub(crate) use dialog::show_file_dialog;

use crate::driver::EventSender;
use crate::links::LinkRules;
use crate::model::{Event, SettingsEvent};
use crate::pages::{AppContext, open_in_browser};
use crate::program;

/// Lets a webview answer its proxy, send foreign pages to the browser, and go back by key.
pub(crate) fn prepare_webview(
    window: &WebviewWindow,
    context: &Arc<AppContext>,
) -> tauri::Result<()> {
    let (handle, context) = (window.app_handle().clone(), Arc::clone(context));
    window.with_webview(move |webview| {
        let webview = webview.inner();
        follow_pages(&webview);
        webview
            .connect_key_press_event(move |webview, event| on_key_press(webview, event, &handle));
        // Nobody can answer what a covered page asks, and its web process would wait for that.
        webview.connect_script_dialog(|page, _| !page.can_focus());
        answer_proxy(&webview, &context);
    })
}

/// Makes room over a window's page for another webview; without it, the two would share the space.
pub(crate) fn make_room(window: &WebviewWindow) -> tauri::Result<()> {
    window.with_webview(|webview| {
        let page = webview.inner();
        let Some(content) = content_of(&page) else { return };
        let layers = gtk::Overlay::new();
        content.remove(&page);
        layers.add(&page);
        content.pack_start(&layers, true, true, 0);
        layers.show();
    })
}

/// Adds a webview over a window's page, and gives it the keyboard.
///
/// Before anything is in the page, one web process for both is enough, and the start is faster.
/// Later the page may hang, or wait for the answer to a question of its own.
pub(crate) fn lay_over(
    window: &Window,
    page: &Webview,
    builder: WebviewBuilder<Wry>,
) -> tauri::Result<()> {
    let window = window.clone();
    page.with_webview(move |page| {
        let page = page.inner();
        let is_empty = page.uri().is_none();
        let builder = if is_empty { builder.with_related_view(page) } else { builder };
        let added = window
            .inner_size()
            .and_then(|size| window.add_child(builder, LogicalPosition::new(0, 0), size))
            .and_then(|cover| cover.with_webview(|cover| raise(&cover.inner())));
        if let Err(error) = added {
            program::warn(format!("Ensconce's own page cannot be shown: {error}"));
        }
    })
}

/// Moves a webview from where Tauri has put it, below the page, to above it.
fn raise(cover: &WebView) {
    let Some(content) = content_of(cover) else { return };
    let children = content.children().into_iter();
    let Some(layers) = children.filter_map(|child| child.downcast::<gtk::Overlay>().ok()).next()
    else {
        return;
    };
    content.remove(cover);
    layers.add_overlay(cover);
    // What is covered is not reached by the Tab key either.
    if let Some(page) = layers.child() {
        page.set_can_focus(false);
    }
    cover.grab_focus();
}

fn content_of(webview: &WebView) -> Option<gtk::Box> {
    webview.parent()?.downcast().ok()
}

/// Lets a page that is no longer covered have the keyboard.
pub(crate) fn give_focus(page: &Webview) -> tauri::Result<()> {
    page.with_webview(|page| {
        let page = page.inner();
        page.set_can_focus(true);
        page.grab_focus();
    })
}

fn answer_proxy(webview: &WebView, context: &AppContext) {
    let Some(Entry::Window { proxy, user, password, .. }) = context.entry.clone() else { return };
    webview.connect_authenticate(move |_, request| {
        // Only the proxy gets them: a page's server may ask as well.
        let asks = request.host().as_deref() == Some(&proxy.ip().to_string())
            && request.port() == u32::from(proxy.port());
        if asks {
            answer(request, &user, &password);
        }
        asks
    });
}

fn answer(request: &AuthenticationRequest, user: &str, password: &str) {
    let mut credential = Credential::new(user, password, CredentialPersistence::ForSession);
    // SAFETY: both pointers are to live objects, and the call copies the credential.
    #[allow(unsafe_code)]
    unsafe {
        webkit2gtk_sys::webkit_authentication_request_authenticate(
            request.to_glib_none().0,
            credential.to_glib_none_mut().0,
        );
    }
}

/// The web page of others that WebKit asked about last, if its last question was about one.
///
/// It asks before a window goes elsewhere and before a frame within its page does, and does not
/// say which. But only a window's own load *starts*, right after the question about it.
static ASKED_LAST: Mutex<Option<Url>> = Mutex::new(None);

/// Checks whether a navigation leaves for another program. Web pages of others are let go on here;
/// [`follow_pages`] catches those that are no frames.
pub(crate) fn navigation_leaves(links: &LinkRules, url: &Url) -> bool {
    let foreign = links.is_foreign(url);
    let is_web = matches!(url.scheme(), "http" | "https");
    *ASKED_LAST.lock().unwrap_or_else(PoisonError::into_inner) =
        (foreign && is_web).then(|| url.clone());
    foreign && !is_web
}

/// Sends the window's page, but no frame within it, to the browser when it is someone else's.
fn follow_pages(webview: &WebView) {
    webview.connect_load_changed(move |webview, event| {
        if !matches!(event, LoadEvent::Started | LoadEvent::Redirected) {
            return;
        }
        let foreign = ASKED_LAST.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(url) = foreign {
            webview.stop_loading();
            open_in_browser(&url);
        }
    });
}

/// Alt and an arrow go back and forward, F5 loads again, as in a browser; never out of the app.
/// Control and a comma open the settings.
fn on_key_press(webview: &WebView, event: &gdk::EventKey, handle: &AppHandle) -> glib::Propagation {
    use gdk::keys::constants as key;
    let control = event.state().contains(gdk::ModifierType::CONTROL_MASK);
    let alt = event.state().contains(gdk::ModifierType::MOD1_MASK);
    let list = webview.back_forward_list();
    let list = list.as_ref();
    let leads_on = |item: Option<BackForwardListItem>| is_page(item.and_then(|item| item.uri()));
    match event.keyval() {
        key::Left if alt && leads_on(list.and_then(|list| list.back_item())) => webview.go_back(),
        key::Right if alt && leads_on(list.and_then(|list| list.forward_item())) => {
            webview.go_forward();
        }
        key::F5 if is_page(webview.uri()) => webview.reload(),
        key::comma if control && is_page(webview.uri()) => {
            handle.state::<EventSender>().send(Event::Settings(SettingsEvent::Requested));
        }
        _ => return glib::Propagation::Proceed,
    }
    glib::Propagation::Stop
}

/// Checks whether an address is that of a page of the app, not of Ensconce's own.
fn is_page(uri: Option<glib::GString>) -> bool {
    uri.is_some_and(|uri| !uri.starts_with("tauri:") && uri != "about:blank")
}
