//! What the program of an app and its window tell each other: a window is opened with an [`Opening`], then each side tells what happens.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{AppRequest, AppStatus};

/// What a window needs to know before it opens.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Opening {
    /// The state of the app, or why there is none.
    pub status: AppStatus,
    /// The app, unless there is none.
    pub app: Option<Appearance>,
}

/// What the window of an app is like.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the manifest's words; docs/manifest.md has them")]
pub struct Appearance {
    pub id: String,
    pub name: String,
    pub version: String,
    pub icon: Option<PathBuf>,
    pub title: String,
    pub width: u32,
    pub height: u32,
    pub min_width: Option<u32>,
    pub min_height: Option<u32>,
    pub resizable: bool,
    pub maximized: bool,
    pub fullscreen: bool,
    /// How the webview gets to the app.
    pub entry: Entry,
    /// The app's own origins, as `http://items.localhost`.
    pub origins: Vec<String>,
    /// Remote origins that the manifest allows, as written there.
    pub allow: Vec<String>,
    /// Where the webview keeps what it stores.
    pub profile: PathBuf,
    /// Where the window's place and size are remembered.
    pub memory: PathBuf,
    /// The folder of the log files.
    pub logs: PathBuf,
    /// Whether the app has a Settings page.
    pub has_settings: bool,
}

/// Where the app's first page is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    /// For the window: its proxy, what that asks for, and the page.
    Window {
        /// The proxy's address.
        proxy: SocketAddr,
        /// The proxy's user.
        user: String,
        /// The proxy's password, made for this launch.
        password: String,
        /// The first page.
        url: String,
    },
    /// For a browser: an address that works once.
    Browser {
        /// The first page.
        url: String,
    },
}

impl Entry {
    /// The first page.
    pub fn url(&self) -> &str {
        match self {
            Self::Window { url, .. } | Self::Browser { url } => url,
        }
    }
}

/// What the window is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToWindow {
    /// The first message, and only that.
    Open(Box<Opening>),
    /// The state of the app has changed. The app's picture is only in the opening.
    Status(Box<AppStatus>),
    /// The first page has another address from now on, and the window another title.
    FirstPage {
        /// The page's address.
        url: String,
        /// The window's title.
        title: String,
    },
    /// What a page asked for got no answer, though it cannot do without.
    Unanswered,
    /// Somebody wants to see the window.
    ComeToFront,
    /// A page of the app is to be shown: its path, with the query.
    Go(String),
    /// The settings are to be shown.
    Settings,
    /// The response to a request of Ensconce's own pages.
    Response {
        /// The request's number.
        id: u64,
        /// The response.
        response: serde_json::Value,
    },
    /// Everything has ended; the window ends as well, with this exit code.
    Exit(i32),
}

/// What the window tells.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FromWindow {
    /// The address of the first page was used; one for a browser works only once.
    EntryUsed,
    /// Start again what has failed.
    Retry,
    /// One of Ensconce's own pages asks the app for something.
    Request {
        /// Tells its response from others.
        id: u64,
        /// What it asks for.
        request: AppRequest,
    },
    /// The user has closed the window: stop everything.
    Close,
    /// Something went wrong that is worth a line in the terminal.
    Trouble(String),
    /// The window cannot be opened, for this reason.
    Failed(String),
}
