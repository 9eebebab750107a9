//! Makes the one window, hidden until it has something to show.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use ensconce_app::{Entry, Plan};
use ensconce_terminal::{Screen, say};
use tauri::image::Image;
use tauri::webview::PageLoadEvent;
use tauri::{
    App as TauriApp, AppHandle, Context, Manager, RunEvent, WebviewUrl, WebviewWindowBuilder,
    WindowEvent,
};
use tauri_plugin_window_state::StateFlags;
use tokio::runtime::Runtime;
use url::Url;

use crate::conductor::{Conduct, Order};
use crate::launch::{Arguments, Launched};
use crate::links::Links;
use crate::pages::{Surroundings, behave};
use crate::{commands, cover, platform};

/// The name within Tauri of the window, and of the webview for the app's pages in it.
pub(crate) const MAIN: &str = "main";

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
            commands::painted,
            commands::shown
        ])
        .setup(move |app| {
            let around = Arc::new(surroundings(plan.as_ref(), entry));
            app.manage(Arc::clone(&around));
            app.manage(Conduct::begin(app.handle(), launched, &arguments, terminal));
            make(app, plan.as_ref(), &around)?;
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
    let profile = plan.map(|plan| plan.folders.data.join(".ensconce").join("webview"));
    Surroundings { name, entry, links, profile }
}

/// Makes the window: the app's page, which is opened later, and over it Ensconce's own.
fn make(app: &TauriApp, plan: Option<&Plan>, around: &Arc<Surroundings>) -> tauri::Result<()> {
    let blank = WebviewUrl::External(Url::parse("about:blank").map_err(tauri::Error::InvalidUrl)?);
    let mut builder = WebviewWindowBuilder::new(app, MAIN, blank).visible(false);
    if let Some(plan) = plan {
        builder = dress(builder, plan)?;
    }
    if let Some(profile) = &around.profile {
        builder = builder.data_directory(profile.clone());
    }
    if let Some(Entry::Window { proxy, .. }) = &around.entry
        && let Ok(url) = Url::parse(&format!("http://{proxy}"))
    {
        builder = builder.proxy_url(url);
    }
    let builder = behave(builder, app.handle(), around).on_page_load(|page, payload| {
        // What is there before the app's page was opened is none.
        if payload.url().scheme() == "about" {
            return;
        }
        page.state::<Conduct>().order(match payload.event() {
            PageLoadEvent::Started => Order::PageArrived,
            PageLoadEvent::Finished => Order::PageLoaded,
        });
    });
    let window = builder.build()?;
    platform::prepare_webview(&window, around)?;
    platform::make_room(&window)?;
    cover::lay(app.handle())?;
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
        .fullscreen(window.fullscreen);
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
