//! Two small Tauri programs that Ensconce is measured against.
//!
//! Without arguments: one window with one static page. With `--by-hand`: what people write when
//! they put a web app into Tauri themselves. It runs the migration, starts the server on a fixed
//! port, asks its health check every 100 ms, and then opens the window on it.

mod by_hand;
mod events;

use tauri::{WebviewUrl, WebviewWindow, WebviewWindowBuilder};

/// The page's load event has come.
#[tauri::command]
fn loaded(window: WebviewWindow) {
    events::note(if window.is_visible().unwrap_or(false) { "loaded" } else { "loaded-hidden" });
}

fn main() {
    let by_hand = std::env::args().any(|argument| argument == "--by-hand");
    tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![loaded])
        .setup(move |app| {
            if by_hand {
                by_hand::begin(app.handle().clone());
            } else {
                open(app, WebviewUrl::App("index.html".into()))?;
            }
            Ok(())
        })
        .run(tauri::generate_context!())
        .expect("the window opens");
}

/// Opens a window of the size of the example's.
fn open<M: tauri::Manager<tauri::Wry>>(manager: &M, url: WebviewUrl) -> tauri::Result<()> {
    WebviewWindowBuilder::new(manager, "main", url).inner_size(1100.0, 750.0).build()?;
    Ok(())
}
