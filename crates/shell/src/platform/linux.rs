//! Linux: WebKitGTK.

use std::path::Path;

use ensconce_app::Door;

/// The webview reaches the app through the gateway as its proxy.
pub(crate) const DOOR: Door = Door::Window;

/// Turns off a rendering path that leaves the window blank with some graphics drivers, unless the
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

/// Reports whether that is needed: NVIDIA's driver is the one that fails, and without a render node
/// there is nothing to gain either.
fn drawing_may_fail() -> bool {
    let nvidia = ["/proc/driver/nvidia/version", "/sys/module/nvidia"];
    nvidia.iter().any(|path| Path::new(path).exists()) || !Path::new("/dev/dri").exists()
}
