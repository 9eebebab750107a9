//! Linux: WebKitGTK.

use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use ensconce_app::{Door, Entry};
use glib::prelude::*;
use glib::translate::{ToGlibPtr, ToGlibPtrMut};
use tauri::WebviewWindow;
use tokio::signal::unix::{Signal, SignalKind, signal};
use webkit2gtk::{
    AuthenticationRequest, AuthenticationRequestExt, Credential, CredentialPersistence, WebViewExt,
};

/// The webview reaches the app through the gateway as its proxy.
pub(crate) const DOOR: Door = Door::Window;

/// Turns off a way of drawing that leaves the window blank with some graphics drivers, unless the
/// user has decided otherwise.
pub(crate) fn prepare_environment() {
    const SWITCH: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
    if std::env::var_os(SWITCH).is_none() && drawing_may_fail() {
        // SAFETY: called first thing in `main`, when this is the only thread.
        #[allow(unsafe_code)]
        unsafe {
            std::env::set_var(SWITCH, "1");
        }
    }
}

/// NVIDIA's driver is the one that fails; without a render node there is nothing to gain either.
fn drawing_may_fail() -> bool {
    let nvidia = ["/proc/driver/nvidia/version", "/sys/module/nvidia"];
    nvidia.iter().any(|path| Path::new(path).exists()) || !Path::new("/dev/dri").exists()
}

/// Lets the webview answer when its proxy asks for credentials, and notes when the user acts.
pub(crate) fn prepare_webview(window: &WebviewWindow, entry: Option<&Entry>) -> tauri::Result<()> {
    let credentials = match entry {
        Some(Entry::Window { user, password, proxy, .. }) => {
            Some((user.clone(), password.clone(), *proxy))
        }
        _ => None,
    };
    window.with_webview(move |webview| {
        let webview = webview.inner();
        note_input(&webview);
        let Some((user, password, proxy)) = credentials else { return };
        webview.connect_authenticate(move |_, request| {
            // Only the proxy gets them: a page's server may ask as well.
            let asks = request.host().as_deref() == Some(&proxy.ip().to_string())
                && request.port() == u32::from(proxy.port());
            if asks {
                answer(request, &user, &password);
            }
            asks
        });
    })
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

/// When the user last pressed a key or a button in the window.
static LAST_INPUT: Mutex<Option<Instant>> = Mutex::new(None);

/// A page that goes elsewhere within this time after a click follows the click.
const FOLLOWS_INPUT: Duration = Duration::from_secs(1);

fn note_input(webview: &webkit2gtk::WebView) {
    for signal in ["button-release-event", "key-press-event"] {
        webview.connect_local(signal, false, |_| {
            if let Ok(mut last) = LAST_INPUT.lock() {
                *last = Some(Instant::now());
            }
            Some(false.to_value())
        });
    }
}

/// Tells whether the user has just clicked or typed: WebKit also asks about frames that a page
/// brings along by itself.
pub(crate) fn was_user_input() -> bool {
    let last = LAST_INPUT.lock().ok().and_then(|last| *last);
    last.is_some_and(|last| last.elapsed() < FOLLOWS_INPUT)
}

/// The signals that end the app in order.
pub(crate) struct Signals(Vec<Signal>);

impl Signals {
    pub(crate) fn new() -> Self {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        Self(kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect())
    }

    pub(crate) async fn next(&mut self) {
        std::future::poll_fn(|context| {
            let any = self.0.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
            if any { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
    }
}
