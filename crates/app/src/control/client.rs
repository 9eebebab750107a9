//! Asks an app that runs.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use ensconce_link::Status;
use http::{Method, Request, StatusCode, header};
use http_body_util::Full;
use serde::Deserialize;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::RunningApp;

/// How long an app may take to answer.
const LIMIT: Duration = Duration::from_secs(2);

/// Why an app has not done what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// Nobody answers there.
    #[error("it cannot be reached: {0}")]
    Unreachable(io::Error),
    /// It said no.
    #[error("{error}")]
    Refused {
        /// Why.
        error: String,
        /// What can be done.
        hint: Option<String>,
    },
}

#[derive(Deserialize)]
struct Refused {
    error: String,
    hint: Option<String>,
}

#[derive(Deserialize)]
struct SetupPage {
    url: String,
}

/// Asks how an app is.
///
/// # Errors
/// When it cannot be reached.
pub async fn ask_status(app: &RunningApp) -> Result<Status, ControlError> {
    let body = ask(app, Method::GET, "/status").await?;
    serde_json::from_slice(&body).map_err(|error| ControlError::Unreachable(error.into()))
}

/// Asks a running copy to come to the front.
///
/// # Errors
/// When it cannot be reached, or has no window.
pub async fn ask_to_focus(app: &RunningApp) -> Result<(), ControlError> {
    ask(app, Method::POST, "/focus").await.map(drop)
}

/// Asks a running copy to come to the front and show what the desktop opens with it.
///
/// # Errors
/// When it cannot be reached, or has no window.
pub async fn ask_to_open(app: &RunningApp, opened: &[String]) -> Result<(), ControlError> {
    let body = serde_json::to_vec(opened).unwrap_or_default();
    ask_with(app, Method::POST, "/open", body.into()).await.map(drop)
}

/// Asks a running copy to come to the front and show its settings.
///
/// # Errors
/// When it cannot be reached, or has no window or no settings.
pub async fn ask_for_settings(app: &RunningApp) -> Result<(), ControlError> {
    ask(app, Method::POST, "/settings").await.map(drop)
}

/// Asks where a browser finds the page of set-up and settings.
///
/// # Errors
/// When it cannot be reached, or has no settings.
pub async fn ask_for_setup_page(app: &RunningApp) -> Result<String, ControlError> {
    let body = ask(app, Method::GET, "/setup-page").await?;
    let found = serde_json::from_slice::<SetupPage>(&body);
    found.map(|page| page.url).map_err(|error| ControlError::Unreachable(error.into()))
}

/// Asks an app to stop and start one of its tasks or services again; it has begun when this returns.
///
/// # Errors
/// When the app cannot be reached, or has no such part.
pub async fn ask_to_restart(app: &RunningApp, name: &str) -> Result<(), ControlError> {
    ask(app, Method::POST, &format!("/services/{name}/restart")).await.map(drop)
}

/// Asks an app to stop everything; it has begun when this returns.
///
/// # Errors
/// When it cannot be reached.
pub async fn ask_to_stop(app: &RunningApp) -> Result<(), ControlError> {
    ask(app, Method::POST, "/stop").await.map(drop)
}

/// Asks an app what one of its pages of set-up and settings would ask, and gives the answer.
///
/// # Errors
/// When it cannot be reached.
pub async fn ask_setup(app: &RunningApp, request: &Value) -> Result<Value, ControlError> {
    let body = serde_json::to_vec(request).unwrap_or_default();
    let answer = exchange(app, Method::POST, "/setup", body.into()).await;
    let (status, body) = answer.map_err(ControlError::Unreachable)?;
    if !status.is_success() {
        let error = format!("it answers {status}");
        return Err(ControlError::Unreachable(io::Error::other(error)));
    }
    serde_json::from_slice(&body).map_err(|error| ControlError::Unreachable(error.into()))
}

async fn ask(app: &RunningApp, method: Method, path: &str) -> Result<Bytes, ControlError> {
    ask_with(app, method, path, Bytes::new()).await
}

async fn ask_with(
    app: &RunningApp,
    method: Method,
    path: &str,
    body: Bytes,
) -> Result<Bytes, ControlError> {
    let answer = tokio::time::timeout(LIMIT, exchange(app, method, path, body)).await;
    let answer = answer.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    let (status, body) = answer.map_err(ControlError::Unreachable)?;
    if status.is_success() {
        return Ok(body);
    }
    Err(match serde_json::from_slice::<Refused>(&body) {
        Ok(Refused { error, hint }) => ControlError::Refused { error, hint },
        Err(_) => ControlError::Unreachable(io::Error::other(format!("it answers {status}"))),
    })
}

async fn exchange(
    app: &RunningApp,
    method: Method,
    path: &str,
    body: Bytes,
) -> io::Result<(StatusCode, Bytes)> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, app.control.to_string())
        .header(header::AUTHORIZATION, format!("Bearer {}", app.token))
        .body(Full::new(body))
        .map_err(io::Error::other)?;
    crate::web::exchange(TcpStream::connect(app.control).await?, request).await
}
