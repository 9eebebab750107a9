//! What the webviews and operating systems do differently.

#[cfg(target_os = "linux")]
#[path = "platform/linux.rs"]
mod imp;
#[cfg(not(target_os = "linux"))]
#[path = "platform/other.rs"]
mod imp;

pub(crate) use imp::{
    give_focus, lay_over, make_room, navigation_leaves, prepare_webview, show_file_dialog,
};
