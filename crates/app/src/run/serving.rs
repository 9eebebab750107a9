//! The gateway of a running app: its door, its address, and what it serves.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use ensconce_gateway::{Backends, Credentials, Gateway, Session, SettingsPage};
use ensconce_plan::{JobKind, Plan};
use ensconce_protocol::Entry;
use ensconce_supervisor::free_port;
use tokio::net::TcpListener;
use tokio::sync::{broadcast, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::site;
use super::state::SharedState;
use crate::control::page::PageAccess;
use crate::control::server::EntryMaker;
use crate::error::AppError;
use crate::launch::prepare::Door;

/// A gateway that serves.
pub(crate) struct Serving {
    pub(crate) address: SocketAddr,
    pub(crate) backends: watch::Sender<Backends>,
    listener: std::net::TcpListener,
    door: ensconce_gateway::Door,
    /// Makes addresses of the app's settings for a browser.
    page: PageAccess,
    events: broadcast::Sender<ensconce_gateway::Event>,
    shutdown: CancellationToken,
    tasks: JoinSet<()>,
}

impl Serving {
    pub(crate) fn begin(
        plan: &Plan,
        listener: std::net::TcpListener,
        door: ensconce_gateway::Door,
        page: PageAccess,
        events: broadcast::Sender<ensconce_gateway::Event>,
    ) -> Result<Self, AppError> {
        let address = listener.local_addr().map_err(AppError::Listen)?;
        let (backends, _) = watch::channel(Backends::default());
        let shutdown = CancellationToken::new();
        let tasks = JoinSet::new();
        let mut serving = Self { address, backends, listener, door, page, events, shutdown, tasks };
        serving.serve(plan)?;
        Ok(serving)
    }

    /// Serves a plan's site, at the same address as another one before.
    pub(crate) fn serve(&mut self, plan: &Plan) -> Result<(), AppError> {
        let listener = self.listener.try_clone().and_then(TcpListener::from_std);
        let listener = listener.map_err(AppError::Listen)?;
        let services = plan.jobs.iter().filter(|job| job.kind == JobKind::Service);
        let known = Backends::new(services.map(|job| job.name.clone()));
        let mut site = site::site(plan)?;
        let page = self.page.clone();
        let address = move |back: &str| page.address(back).ok();
        site.settings = plan.has_settings().then(|| SettingsPage::new(address));
        let gateway = Gateway::new(site, self.door.clone(), known.clone());
        self.backends.send_replace(known);
        tokio::spawn(pass_on(gateway.events(), self.events.clone()));
        let shutdown = CancellationToken::new();
        self.tasks.spawn(gateway.serve(listener, shutdown.clone().cancelled_owned()));
        std::mem::replace(&mut self.shutdown, shutdown).cancel();
        Ok(())
    }

    /// Makes an address of the first page; for a browser a new one each time, which works once.
    pub(crate) fn entry(&self, plan: &Plan) -> io::Result<Entry> {
        Ok(match &self.door {
            ensconce_gateway::Door::Proxy(credentials) => Entry::Window {
                proxy: self.address,
                user: credentials.user.clone(),
                password: credentials.password.clone(),
                url: first_page(plan),
            },
            ensconce_gateway::Door::Browser(session) => {
                Entry::Browser { url: session.entry_url(self.address)? }
            }
        })
    }

    /// Makes addresses of the first page for a browser; the window needs none.
    pub(crate) fn entry_maker(&self) -> EntryMaker {
        let (door, address) = (self.door.clone(), self.address);
        Arc::new(move || match &door {
            ensconce_gateway::Door::Browser(session) => session.entry_url(address).ok(),
            ensconce_gateway::Door::Proxy(_) => None,
        })
    }

    /// Lets requests in flight end.
    pub(crate) async fn stop(mut self) {
        self.shutdown.cancel();
        while self.tasks.join_next().await.is_some() {}
    }
}

async fn pass_on(
    mut told: broadcast::Receiver<ensconce_gateway::Event>,
    events: broadcast::Sender<ensconce_gateway::Event>,
) {
    loop {
        match told.recv().await {
            Ok(event) => drop(events.send(event)),
            Err(broadcast::error::RecvError::Lagged(_)) => {}
            Err(broadcast::error::RecvError::Closed) => return,
        }
    }
}

/// Binds the gateway's port: any for the window, whose origin does not show it; for a browser the
/// one that was used before, because browsers keep what they store by it.
pub(crate) fn listen(door: Door, state: &SharedState) -> io::Result<std::net::TcpListener> {
    let listener = match door {
        Door::Window => std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?,
        Door::Browser => listen_as_before(state)?,
    };
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn listen_as_before(state: &SharedState) -> io::Result<std::net::TcpListener> {
    let bind = |port| std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    if let Some(port) = state.get().port {
        match bind(port) {
            Ok(listener) => return Ok(listener),
            Err(error) => tracing::warn!(
                "Port {port}, which this app had before, cannot be used ({error}). It gets \
                 another one, where browsers do not see what they had stored for it"
            ),
        }
    }
    let listener = bind(free_port(&[])?)?;
    let port = listener.local_addr()?.port();
    if let Err(error) = state.update(|state| state.port = Some(port)) {
        tracing::warn!("Cannot remember the port of the app: {error}");
    }
    Ok(listener)
}

pub(crate) fn open_door(door: Door, plan: &Plan) -> io::Result<ensconce_gateway::Door> {
    Ok(match door {
        Door::Window => ensconce_gateway::Door::Proxy(Credentials::generate()?),
        Door::Browser => ensconce_gateway::Door::Browser(Session::new(&plan.app.id)?),
    })
}

/// The origin of the app's pages.
pub(crate) fn origin(door: Door, plan: &Plan, address: SocketAddr) -> String {
    match door {
        Door::Window => plan.ui.origin.clone(),
        Door::Browser => format!("http://{address}"),
    }
}

fn first_page(plan: &Plan) -> String {
    match &plan.ui.root {
        ensconce_plan::UiRoot::Url(url) => url.clone(),
        _ => format!("{}{}", plan.ui.origin, plan.ui.path),
    }
}
