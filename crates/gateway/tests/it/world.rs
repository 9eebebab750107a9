//! One app's gateway with everything around it.

use std::net::SocketAddr;

use base64::Engine;
use ensconce_gateway::{
    Address, Backend, Backends, Credentials, Door, Event, Gateway, Limits, Root, Route, Session,
    Site, StaticSite,
};
use tokio::net::TcpListener;
use tokio::sync::{broadcast, oneshot};
use tokio::task::JoinHandle;

use crate::client::{Answer, ask};

/// The origin of the pages in the window.
pub(crate) const ORIGIN: &str = "http://items.localhost";

/// A running gateway. Its one service is called `api`.
pub(crate) struct World {
    pub(crate) address: SocketAddr,
    pub(crate) backends: Backends,
    pub(crate) events: broadcast::Receiver<Event>,
    pub(crate) credentials: Credentials,
    pub(crate) session: Session,
    kind: Kind,
    gateway: Option<Gateway>,
    stop: Option<oneshot::Sender<()>>,
    task: Option<JoinHandle<()>>,
}

/// Which door a world has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Proxy,
    Browser,
}

/// A site whose every path leads to `api`.
pub(crate) fn site() -> Site {
    Site {
        app: "Items".to_owned(),
        origin: ORIGIN.parse().unwrap(),
        root: Root::Service("api".to_owned()),
        routes: Vec::new(),
        allow: Vec::new(),
        start_path: "/".to_owned(),
        settings: None,
        limits: Limits::default(),
    }
}

/// A route to `api`.
pub(crate) fn route(host: Option<&str>, path: &str, strip: bool) -> Route {
    let host = host.map(|host| host.parse().unwrap());
    Route { host, path: path.to_owned(), service: "api".to_owned(), strip }
}

/// A site of files.
pub(crate) fn files(folder: &std::path::Path) -> Site {
    let fallback = Some("index.html".to_owned());
    Site { root: Root::Static(StaticSite { folder: folder.to_owned(), fallback }), ..site() }
}

impl World {
    /// A world whose gateway does not serve yet, and the listener that it is to serve on.
    pub(crate) async fn bound(site: Site, kind: Kind) -> (Self, TcpListener) {
        let credentials = Credentials::generate().unwrap();
        let session = Session::new("com.example.items").unwrap();
        let door = match kind {
            Kind::Proxy => Door::Proxy(credentials.clone()),
            Kind::Browser => Door::Browser(session.clone()),
        };
        let backends = Backends::new(["api", "other"]);
        let gateway = Gateway::new(site, door, backends.clone());
        let events = gateway.events();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (gateway, stop, task) = (Some(gateway), None, None);
        let world =
            Self { address, backends, events, credentials, session, kind, gateway, stop, task };
        (world, listener)
    }

    /// Lets the gateway serve.
    pub(crate) fn serve(mut self, listener: TcpListener) -> Self {
        let (stop, stopped) = oneshot::channel();
        let gateway = self.gateway.take().unwrap();
        self.task = Some(tokio::spawn(gateway.serve(listener, async { drop(stopped.await) })));
        self.stop = Some(stop);
        self
    }

    pub(crate) async fn start(site: Site, kind: Kind) -> Self {
        let (world, listener) = Self::bound(site, kind).await;
        world.serve(listener)
    }

    /// A world whose `api` is ready.
    pub(crate) async fn ready(site: Site, kind: Kind, address: &Address) -> Self {
        let world = Self::start(site, kind).await;
        world.backends.publish("api", Backend::Ready(address.clone()));
        world
    }

    /// The header that lets a window in.
    pub(crate) fn authorization(&self) -> String {
        let Credentials { user, password } = &self.credentials;
        let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        format!("Proxy-Authorization: Basic {pair}")
    }

    /// The text of a window's request.
    pub(crate) fn proxied(&self, method: &str, url: &str, headers: &[&str]) -> String {
        let host = url.split('/').nth(2).unwrap();
        let headers = [&[self.authorization().as_str()], headers].concat().join("\r\n");
        format!("{method} {url} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n\r\n")
    }

    /// Asks as the window does.
    pub(crate) async fn window(&self, method: &str, url: &str, headers: &[&str]) -> Answer {
        ask(self.address, &self.proxied(method, url, headers)).await
    }

    /// The path of a fresh entry link.
    pub(crate) fn entry_path(&self) -> String {
        let link = self.session.entry_url(self.address).unwrap();
        link.strip_prefix(&format!("http://{}", self.address)).unwrap().to_owned()
    }

    /// Goes in by the door that there is, and asks for the first page.
    pub(crate) async fn let_in(&self) -> Answer {
        match self.kind {
            Kind::Proxy => self.window("GET", &format!("{ORIGIN}/"), &[]).await,
            Kind::Browser => {
                let cookie = self.enter().await;
                self.browser("GET", "/", &[&format!("Cookie: {cookie}")]).await
            }
        }
    }

    /// Uses a fresh entry link, and gives the cookie's pair.
    pub(crate) async fn enter(&self) -> String {
        let path = self.entry_path();
        let host = self.address;
        let answer =
            ask(self.address, &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n")).await;
        assert_eq!(answer.status, 303);
        answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned()
    }

    /// Asks as a browser does, with these headers only and the right host.
    pub(crate) async fn browser(&self, method: &str, path: &str, headers: &[&str]) -> Answer {
        let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.address);
        for header in headers {
            text.push_str(&format!("{header}\r\n"));
        }
        ask(self.address, &format!("{text}\r\n")).await
    }

    /// Stops the gateway and waits until it has returned.
    pub(crate) async fn stop(mut self) {
        self.begin_stop();
        self.stopped().await;
    }

    /// Tells the gateway to stop.
    pub(crate) fn begin_stop(&mut self) {
        drop(self.stop.take());
    }

    /// Waits until the gateway has returned.
    pub(crate) async fn stopped(self) {
        self.task.unwrap().await.unwrap();
    }
}
