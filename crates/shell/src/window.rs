//! Makes the one window, hidden until it has something to show.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use ensconce_app::{Entry, Plan};
use tauri::image::Image;
use tauri::utils::config::Color;
use tauri::webview::{DownloadEvent, NewWindowResponse, PageLoadEvent};
use tauri::{
    App as TauriApp, AppHandle, Context, Manager, RunEvent, Theme, WebviewUrl, WebviewWindow,
    WebviewWindowBuilder, WindowEvent,
};
use tauri_plugin_opener::OpenerExt;
use tauri_plugin_window_state::StateFlags;
use tokio::runtime::Runtime;
use url::Url;

use crate::conductor::{Conduct, Order};
use crate::launch::{Arguments, Launched};
use crate::links::Links;
use crate::{commands, platform};

/// The name of the window within Tauri.
pub(crate) const MAIN: &str = "main";

/// What Ensconce's own pages have as their background, so that nothing flashes before them.
const LIGHT: Color = Color(0xf7, 0xf7, 0xf8, 0xff);
const DARK: Color = Color(0x17, 0x18, 0x1b, 0xff);

/// Shows what was launched; returns when the window is closed and everything has ended.
pub(crate) fn run(
    arguments: Arguments,
    runtime: &Runtime,
    launched: Launched,
    plan: Option<Plan>,
) -> ExitCode {
    tauri::async_runtime::set(runtime.handle().clone());
    let mut context: Context = tauri::generate_context!();
    if let Some(plan) = &plan {
        become_app(&mut context, plan);
    }
    let entry = match &launched {
        Launched::App(app) => app.entry().ok(),
        Launched::Nothing(_) => None,
    };
    let exit_code = Arc::new(AtomicI32::new(0));
    let built = tauri::Builder::default()
        .plugin(tauri_plugin_opener::init())
        .plugin(remember_window(plan.as_ref()))
        .invoke_handler(tauri::generate_handler![
            commands::status,
            commands::retry,
            commands::open_logs,
            commands::quit,
            commands::painted
        ])
        .setup(move |app| {
            let links = links(plan.as_ref(), entry.as_ref());
            let conduct = Conduct::begin(app.handle(), launched, &arguments);
            app.manage(conduct);
            make(app, plan.as_ref(), entry.as_ref(), links)?;
            Ok(())
        })
        .build(context);
    match built {
        Ok(app) => {
            let code = Arc::clone(&exit_code);
            // Not `run`, which ends the process itself, and always with 0.
            app.run_return(move |handle, event| on_event(handle, &event, &code));
            ExitCode::from(u8::try_from(exit_code.load(Ordering::SeqCst)).unwrap_or(1))
        }
        Err(error) => {
            anstream::eprintln!("error: The window cannot be opened: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Takes the app's name, identifier and version, which Tauri otherwise knows from its build.
fn become_app(context: &mut Context, plan: &Plan) {
    let config = context.config_mut();
    config.identifier.clone_from(&plan.app.id);
    config.product_name = Some(plan.app.name.clone());
    config.version = Some(plan.app.version.clone());
}

/// Keeps size and place, but not whether it is visible: that is for its first page to say.
fn remember_window(plan: Option<&Plan>) -> tauri::plugin::TauriPlugin<tauri::Wry> {
    let what =
        StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED | StateFlags::FULLSCREEN;
    let builder = tauri_plugin_window_state::Builder::new().with_state_flags(what);
    match plan {
        // An absolute path takes the place of the plugin's own folder.
        Some(plan) => {
            let file = plan.folders.data.join(".ensconce").join("window.json");
            builder.with_filename(file.display().to_string()).build()
        }
        None => builder.with_denylist(&[MAIN]).build(),
    }
}

fn links(plan: Option<&Plan>, entry: Option<&Entry>) -> Links {
    let url = match entry {
        Some(Entry::Window { url, .. } | Entry::Browser { url }) => url.parse().ok(),
        None => None,
    };
    plan.zip(url).map(|(plan, url)| Links::of(plan, &url)).unwrap_or_default()
}

fn make(
    app: &TauriApp,
    plan: Option<&Plan>,
    entry: Option<&Entry>,
    links: Links,
) -> tauri::Result<()> {
    let mut builder =
        WebviewWindowBuilder::new(app, MAIN, WebviewUrl::App("index.html".into())).visible(false);
    if let Some(plan) = plan {
        builder = dress(builder, plan)?;
    }
    if let Some(Entry::Window { proxy, .. }) = entry
        && let Ok(url) = Url::parse(&format!("http://{proxy}"))
    {
        builder = builder.proxy_url(url);
    }
    let window = follow_links(builder, app.handle(), links).build()?;
    let dark = window.theme().is_ok_and(|theme| theme == Theme::Dark);
    window.set_background_color(Some(if dark { DARK } else { LIGHT }))?;
    // Before the first page of the app is loaded, so that no request goes without an answer.
    platform::prepare_webview(&window, entry)?;
    window.state::<Conduct>().order(Order::WindowMade);
    Ok(())
}

fn dress<'a>(
    builder: WebviewWindowBuilder<'a, tauri::Wry, TauriApp>,
    plan: &Plan,
) -> tauri::Result<WebviewWindowBuilder<'a, tauri::Wry, TauriApp>> {
    let window = &plan.window;
    let mut builder = builder
        .title(&window.title)
        .inner_size(window.width.into(), window.height.into())
        .resizable(window.resizable)
        .maximized(window.maximized)
        .fullscreen(window.fullscreen)
        .data_directory(plan.folders.data.join(".ensconce").join("webview"));
    if window.min_width.is_some() || window.min_height.is_some() {
        let (width, height) = (window.min_width.unwrap_or(0), window.min_height.unwrap_or(0));
        builder = builder.min_inner_size(width.into(), height.into());
    }
    match plan.app.icon.as_ref().map(Image::from_path) {
        Some(Ok(icon)) => builder.icon(icon),
        _ => Ok(builder),
    }
}

/// Keeps the app's own pages in the window and sends others to the user's browser.
fn follow_links<'a>(
    builder: WebviewWindowBuilder<'a, tauri::Wry, TauriApp>,
    handle: &AppHandle,
    links: Links,
) -> WebviewWindowBuilder<'a, tauri::Wry, TauriApp> {
    let (in_window, in_new) = (links.clone(), links);
    let (opener, popups) = (handle.clone(), handle.clone());
    builder
        .on_navigation(move |url| {
            // A frame that a page brings along is no click: the gateway answers it.
            let leaves = in_window.is_foreign(url) && platform::was_user_input();
            if leaves {
                open_in_browser(&opener, url);
            }
            !leaves
        })
        .on_new_window(move |url, _| {
            if in_new.is_foreign(&url) {
                open_in_browser(&popups, &url);
            } else if let Some(window) = popups.get_webview_window(MAIN) {
                let _ = window.navigate(url);
            }
            NewWindowResponse::Deny
        })
        .on_download(|_, event| {
            // The default destination is the user's downloads folder.
            !matches!(event, DownloadEvent::Requested { ref url, .. } if url.scheme() == "file")
        })
        .on_page_load(|window: WebviewWindow, payload| {
            if payload.event() == PageLoadEvent::Finished {
                window.state::<Conduct>().order(Order::PageLoaded(payload.url().clone()));
            }
        })
}

fn open_in_browser(handle: &AppHandle, url: &Url) {
    if let Err(error) = handle.opener().open_url(url.as_str(), None::<&str>) {
        tracing::warn!("Cannot open {url} in the browser: {error}");
    }
}

fn on_event(handle: &AppHandle, event: &RunEvent, exit_code: &AtomicI32) {
    match event {
        RunEvent::WindowEvent { event: WindowEvent::CloseRequested { api, .. }, .. } => {
            api.prevent_close();
            handle.state::<Conduct>().order(Order::Close);
        }
        RunEvent::ExitRequested { code: None, api, .. } => {
            api.prevent_exit();
            handle.state::<Conduct>().order(Order::Close);
        }
        RunEvent::ExitRequested { code: Some(code), .. } => {
            exit_code.store(*code, Ordering::SeqCst);
        }
        _ => {}
    }
}
