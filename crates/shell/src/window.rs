//! Makes the one window, hidden until it has something to show.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use ensconce_app::{Entry, Plan};
use ensconce_terminal::{Screen, say};
use tauri::image::Image;
use tauri::utils::config::Color;
use tauri::webview::PageLoadEvent;
use tauri::{
    App as TauriApp, AppHandle, Context, Manager, RunEvent, Theme, WebviewUrl, WebviewWindow,
    WebviewWindowBuilder, WindowEvent,
};
use tauri_plugin_window_state::StateFlags;
use tokio::runtime::Runtime;
use url::Url;

use crate::conductor::{Conduct, Order, Showing};
use crate::launch::{Arguments, Launched};
use crate::links::Links;
use crate::pages::{Surroundings, behave};
use crate::{commands, platform};

/// The name of the window within Tauri.
pub(crate) const MAIN: &str = "main";

/// What Ensconce's own pages have as their background, so that nothing flashes before them.
const LIGHT: Color = Color(0xf7, 0xf7, 0xf8, 0xff);
const DARK: Color = Color(0x17, 0x18, 0x1b, 0xff);
const WHITE: Color = Color(0xff, 0xff, 0xff, 0xff);

/// Shows what was launched; returns when the window is closed and everything has ended.
pub(crate) fn run(
    arguments: Arguments,
    runtime: &Runtime,
    screen: &Screen,
    launched: Launched,
    plan: Option<Plan>,
) -> ExitCode {
    let terminal = screen.clone();
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
        // Without its script, which would swallow the clicks on links to new windows.
        .plugin(tauri_plugin_opener::Builder::new().open_js_links_on_click(false).build())
        .plugin(remember_window(plan.as_ref()))
        .invoke_handler(tauri::generate_handler![
            commands::status,
            commands::retry,
            commands::open_logs,
            commands::quit,
            commands::painted
        ])
        .setup(move |app| {
            app.manage(Conduct::begin(app.handle(), launched, &arguments, terminal));
            make(app, plan.as_ref(), &Arc::new(surroundings(plan.as_ref(), entry)))?;
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
            say(&format!("error: The window cannot be opened: {error}"));
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
            let builder = builder.with_filter(|label| label == MAIN);
            builder.with_filename(file.display().to_string()).build()
        }
        None => builder.with_denylist(&[MAIN]).build(),
    }
}

fn surroundings(plan: Option<&Plan>, entry: Option<Entry>) -> Surroundings {
    let first_page: Option<Url> = match &entry {
        Some(Entry::Window { url, .. } | Entry::Browser { url }) => url.parse().ok(),
        None => None,
    };
    let links = plan.zip(first_page).map(|(plan, url)| Links::of(plan, &url)).unwrap_or_default();
    let name = plan.map(|plan| plan.app.name.clone()).unwrap_or_default();
    Surroundings { name, entry, links }
}

fn make(app: &TauriApp, plan: Option<&Plan>, around: &Arc<Surroundings>) -> tauri::Result<()> {
    let own = WebviewUrl::App("index.html".into());
    let mut builder = WebviewWindowBuilder::new(app, MAIN, own).visible(false);
    if let Some(plan) = plan {
        builder = dress(builder, plan)?;
    }
    if let Some(Entry::Window { proxy, .. }) = &around.entry
        && let Ok(url) = Url::parse(&format!("http://{proxy}"))
    {
        builder = builder.proxy_url(url);
    }
    let builder = behave(builder, app.handle(), around).on_page_load(|window, payload| {
        if payload.event() == PageLoadEvent::Finished {
            window.state::<Conduct>().order(Order::PageLoaded(payload.url().clone()));
        }
    });
    let window = builder.build()?;
    paint(&window, Showing::Own);
    // Before the first page of the app is loaded, so that no request goes without an answer.
    platform::prepare_webview(&window, around)?;
    window.state::<Conduct>().order(Order::WindowMade);
    Ok(())
}

/// Gives the window the background of what it shows: the app's pages expect a browser's white.
pub(crate) fn paint(window: &WebviewWindow, showing: Showing) {
    let dark = || window.theme().is_ok_and(|theme| theme == Theme::Dark);
    let color = match showing {
        Showing::App => WHITE,
        Showing::Own if dark() => DARK,
        Showing::Own => LIGHT,
    };
    let _ = window.set_background_color(Some(color));
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

fn on_event(handle: &AppHandle, event: &RunEvent, exit_code: &AtomicI32) {
    match event {
        RunEvent::WindowEvent { label, event: WindowEvent::CloseRequested { api, .. }, .. }
            if label == MAIN =>
        {
            api.prevent_close();
            handle.state::<Conduct>().order(Order::CloseWish);
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
