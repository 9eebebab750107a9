//! Makes the one window, hidden until it has something to show.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use ensconce_link::MessageReceiver;
use ensconce_protocol::{Appearance, Entry, FromWindow, Opening, ToWindow};
use tauri::image::Image;
use tauri::webview::PageLoadEvent;
use tauri::{
    App as TauriApp, AppHandle, Context, Manager, RunEvent, WebviewUrl, WebviewWindowBuilder,
    WindowEvent,
};
use tauri_plugin_window_state::StateFlags;
use url::Url;

use crate::driver::EventSender;
use crate::links::LinkRules;
use crate::model::{ClosingEvent, DisplayEvent, Event, OwnPageView, PageEvent};
use crate::pages::{AppContext, behave};
use crate::status::LatestStatus;
use crate::{commands, cover, driver, platform, program};

/// The name within Tauri of the window, and of the webview for the app's pages in it.
pub(crate) const MAIN: &str = "main";

/// Shows an app, or why there is none; returns the exit code when the program has said it.
pub(crate) fn run(opening: Opening, said: MessageReceiver<ToWindow>) -> i32 {
    let mut context: Context = tauri::generate_context!();
    if let Some(app) = &opening.app {
        take_identity(&mut context, app);
    }
    let exit_code = Arc::new(AtomicI32::new(0));
    let built = tauri::Builder::default()
        .plugin(remember_window(opening.app.as_ref()))
        .invoke_handler(tauri::generate_handler![
            commands::status,
            commands::retry,
            commands::open_logs,
            commands::quit,
            commands::painted,
            commands::shown,
            commands::send,
            commands::pick,
            commands::close_settings
        ])
        .setup(move |tauri| Ok(set_up(tauri, &opening, said)?))
        .build(context);
    let code = match built {
        Ok(app) => {
            let code = Arc::clone(&exit_code);
            // Not `run`, which ends the process itself, and always with 0.
            app.run_return(move |handle, event| on_event(handle, &event, &code));
            exit_code.load(Ordering::SeqCst)
        }
        Err(error) => {
            program::send(&FromWindow::Failed(error.to_string()));
            1
        }
    };
    program::disconnect();
    code
}

/// Starts to handle events, and makes the window.
fn set_up(
    tauri: &TauriApp,
    opening: &Opening,
    said: MessageReceiver<ToWindow>,
) -> tauri::Result<()> {
    let context = Arc::new(app_context(opening.app.as_ref()));
    tauri.manage(Arc::clone(&context));
    let status = LatestStatus::new(opening.status.clone());
    tauri.manage(status.clone());
    tauri.manage(driver::start(tauri.handle(), opening, said, status));
    make(tauri, opening.app.as_ref(), &context)
}

/// Takes the app's name, identifier and version, which Tauri would otherwise have from its build.
fn take_identity(context: &mut Context, app: &Appearance) {
    let config = context.config_mut();
    config.identifier.clone_from(&app.id);
    config.product_name = Some(app.name.clone());
    config.version = Some(app.version.clone());
}

/// Remembers size and place, but not whether it is visible: that is for its first page to say.
fn remember_window(app: Option<&Appearance>) -> tauri::plugin::TauriPlugin<tauri::Wry> {
    let what =
        StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED | StateFlags::FULLSCREEN;
    let builder = tauri_plugin_window_state::Builder::new().with_state_flags(what);
    match app {
        // An absolute path takes the place of the plugin's own folder.
        Some(app) => {
            let builder = builder.with_filter(|label| label == MAIN);
            builder.with_filename(app.memory.display().to_string()).build()
        }
        None => builder.with_denylist(&[MAIN]).build(),
    }
}

fn app_context(app: Option<&Appearance>) -> AppContext {
    AppContext {
        name: app.map(|app| app.name.clone()).unwrap_or_default(),
        entry: app.map(|app| app.entry.clone()),
        links: app.map(LinkRules::of).unwrap_or_default(),
        profile: app.map(|app| app.profile.clone()),
        logs: app.map(|app| app.logs.clone()),
    }
}

/// Makes the window: the app's page, which is opened later, and over it Ensconce's own.
fn make(
    tauri: &TauriApp,
    app: Option<&Appearance>,
    context: &Arc<AppContext>,
) -> tauri::Result<()> {
    let blank = WebviewUrl::External(Url::parse("about:blank").map_err(tauri::Error::InvalidUrl)?);
    let mut builder = WebviewWindowBuilder::new(tauri, MAIN, blank).visible(false);
    if let Some(app) = app {
        builder = with_appearance(builder, app)?;
    }
    if let Some(profile) = &context.profile {
        builder = builder.data_directory(profile.clone());
    }
    if let Some(Entry::Window { proxy, .. }) = &context.entry
        && let Ok(url) = Url::parse(&format!("http://{proxy}"))
    {
        builder = builder.proxy_url(url);
    }
    let builder = behave(builder, tauri.handle(), context).on_page_load(|page, payload| {
        // What is there before the app's page was opened is none.
        if payload.url().scheme() == "about" {
            return;
        }
        page.state::<EventSender>().send(Event::Page(match payload.event() {
            PageLoadEvent::Started => PageEvent::Arrived,
            PageLoadEvent::Finished => PageEvent::Loaded,
        }));
    });
    let window = builder.build()?;
    platform::prepare_webview(&window, context)?;
    platform::make_room(&window)?;
    cover::lay(tauri.handle(), OwnPageView::Status)?;
    window.state::<EventSender>().send(Event::Display(DisplayEvent::WindowMade));
    Ok(())
}

/// Applies the title, size and icon of an app to its window.
fn with_appearance<'a>(
    builder: WebviewWindowBuilder<'a, tauri::Wry, TauriApp>,
    app: &Appearance,
) -> tauri::Result<WebviewWindowBuilder<'a, tauri::Wry, TauriApp>> {
    let mut builder = builder
        .title(&app.title)
        .inner_size(app.width.into(), app.height.into())
        .resizable(app.resizable)
        .maximized(app.maximized)
        .fullscreen(app.fullscreen);
    if app.min_width.is_some() || app.min_height.is_some() {
        let (width, height) = (app.min_width.unwrap_or(0), app.min_height.unwrap_or(0));
        builder = builder.min_inner_size(width.into(), height.into());
    }
    match app.icon.as_ref().map(Image::from_path) {
        Some(Ok(icon)) => builder.icon(icon),
        _ => Ok(builder),
    }
}

fn on_event(handle: &AppHandle, event: &RunEvent, exit_code: &AtomicI32) {
    match event {
        RunEvent::WindowEvent { label, event: WindowEvent::CloseRequested { api, .. }, .. }
            if label == MAIN =>
        {
            api.prevent_close();
            send_closing(handle, ClosingEvent::CloseRequested);
        }
        RunEvent::ExitRequested { code: None, api, .. } => {
            api.prevent_exit();
            send_closing(handle, ClosingEvent::QuitRequested);
        }
        RunEvent::ExitRequested { code: Some(code), .. } => {
            exit_code.store(*code, Ordering::SeqCst);
        }
        _ => {}
    }
}

fn send_closing(handle: &AppHandle, event: ClosingEvent) {
    handle.state::<EventSender>().send(Event::Closing(event));
}
