//! Linux: WebKitGTK.

use std::path::Path;

use ensconce_app::Door;
use tokio::signal::unix::{Signal, SignalKind, signal};

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
