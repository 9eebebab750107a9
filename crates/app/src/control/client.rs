//! Asks an app that runs.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use ensconce_protocol::{AppRequest, AppStatus, Challenge, Proof, Refusal, SetupAddress};
use ensconce_store::{Lasting, write_private};
use http::{Method, Request, StatusCode, header};
use http_body_util::Full;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;

use super::proof;
use super::token::random;
use crate::exchange::exchange;
use crate::launch::announcement::RunningApp;

/// How long an app may take to answer.
const LIMIT: Duration = Duration::from_secs(2);

/// Why an app has not done what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// Nobody answers there, or somebody else.
    #[error("it cannot be reached: {0}")]
    Unreachable(io::Error),
    /// A file cannot be written.
    #[error("{} cannot be written: {error}", path.display())]
    NoFile {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It said no.
    #[error("{}", .0.error)]
    Refused(Refusal),
}

impl RunningApp {
    /// Asks how the app is.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub async fn status(&self) -> Result<AppStatus, ControlError> {
        self.get("/status").await
    }

    /// Asks the app to come to the front.
    ///
    /// # Errors
    /// When it cannot be reached, or has no window.
    pub async fn focus(&self) -> Result<(), ControlError> {
        self.post("/focus", &()).await
    }

    /// Asks the app to come to the front and show what the desktop opens with it.
    ///
    /// # Errors
    /// When it cannot be reached, or has no window.
    pub async fn open(&self, opened: &[String]) -> Result<(), ControlError> {
        self.post("/open", &opened).await
    }

    /// Asks the app to come to the front and show its settings.
    ///
    /// # Errors
    /// When it cannot be reached, or has no window or no settings.
    pub async fn show_settings(&self) -> Result<(), ControlError> {
        self.post("/settings", &()).await
    }

    /// Asks for an address of the page of set-up and settings, which works once.
    ///
    /// # Errors
    /// When the app cannot be reached, or has no settings.
    pub async fn setup_page(&self) -> Result<String, ControlError> {
        self.get("/setup-page").await.map(|SetupAddress { url }| url)
    }

    /// Asks for an address of that page, and writes a file that leads a browser there: an address
    /// in a program's arguments could be read by others. The file is private, and replaces an
    /// earlier one.
    ///
    /// # Errors
    /// When the app cannot be reached, has no settings, or the file cannot be written.
    pub async fn setup_page_file(&self) -> Result<PathBuf, ControlError> {
        let address = self.setup_page().await?;
        let file = self.folder.setup_page();
        write_private(&file, redirect(&address).as_bytes(), Lasting::Process)
            .map_err(|error| ControlError::NoFile { path: file.clone(), error })?;
        Ok(file)
    }

    /// Asks the app to stop and start one of its tasks or services again; it has begun when this
    /// returns.
    ///
    /// # Errors
    /// When the app cannot be reached, or has no such task or service.
    pub async fn restart(&self, name: &str) -> Result<(), ControlError> {
        self.post(&format!("/services/{name}/restart"), &()).await
    }

    /// Asks the app to stop everything; it has begun when this returns.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub async fn stop(&self) -> Result<(), ControlError> {
        self.post("/stop", &()).await
    }

    /// Asks the app what one of Ensconce's own pages would ask; the request decides which type the
    /// response has. It may take its time.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub async fn request<T: DeserializeOwned>(
        &self,
        request: &AppRequest,
    ) -> Result<T, ControlError> {
        in_time(self.prove()).await?;
        let body = serde_json::to_vec(request).unwrap_or_default();
        let response = self.exchange(Method::POST, "/request", body.into()).await;
        read(response.map_err(ControlError::Unreachable)?)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ControlError> {
        let response = in_time(async {
            self.prove().await?;
            self.exchange(Method::GET, path, Bytes::new()).await
        });
        read(response.await?)
    }

    async fn post(&self, path: &str, body: &impl Serialize) -> Result<(), ControlError> {
        let body = serde_json::to_vec(body).unwrap_or_default();
        let response = in_time(async {
            self.prove().await?;
            self.exchange(Method::POST, path, body.into()).await
        });
        accept(response.await?).map(drop)
    }

    /// Makes sure that who listens there knows the token, before the token is sent: what was read
    /// may be what a killed copy has left, and its port somebody else's now.
    async fn prove(&self) -> io::Result<()> {
        let challenge = Challenge { nonce: random()? };
        let body = serde_json::to_vec(&challenge)?;
        let request = self.head(Method::POST, "/prove");
        let request = request.body(Full::new(body.into())).map_err(io::Error::other)?;
        let stream = TcpStream::connect(self.control.address).await?;
        let (_, body) = exchange(stream, request).await?;
        let proof = serde_json::from_slice::<Proof>(&body).map(|found| found.proof);
        match proof.is_ok_and(|sent| proof::holds(&self.control.token, &challenge.nonce, &sent)) {
            true => Ok(()),
            false => Err(io::Error::other("another program listens at its address")),
        }
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> io::Result<(StatusCode, Bytes)> {
        let request = self
            .head(method, path)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.control.token))
            .body(Full::new(body))
            .map_err(io::Error::other)?;
        exchange(TcpStream::connect(self.control.address).await?, request).await
    }

    fn head(&self, method: Method, path: &str) -> http::request::Builder {
        let host = self.control.address.to_string();
        Request::builder().method(method).uri(path).header(header::HOST, host)
    }
}

/// Returns a page that leads on to an address of [`super::page`], which needs no escaping.
fn redirect(address: &str) -> String {
    format!(
        "<!doctype html>\n<meta charset=\"utf-8\">\n<meta name=\"referrer\" \
         content=\"no-referrer\">\n<script>location.replace({})</script>\n",
        serde_json::Value::from(address)
    )
}

async fn in_time<T>(asking: impl Future<Output = io::Result<T>>) -> Result<T, ControlError> {
    let asked = tokio::time::timeout(LIMIT, asking).await;
    asked.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())).map_err(ControlError::Unreachable)
}

/// Returns the body of a response, unless it says no.
fn accept((status, body): (StatusCode, Bytes)) -> Result<Bytes, ControlError> {
    if status.is_success() {
        return Ok(body);
    }
    Err(match serde_json::from_slice::<Refusal>(&body) {
        Ok(refusal) => ControlError::Refused(refusal),
        Err(_) => ControlError::Unreachable(io::Error::other(format!("it answers {status}"))),
    })
}

fn read<T: DeserializeOwned>(response: (StatusCode, Bytes)) -> Result<T, ControlError> {
    let body = accept(response)?;
    serde_json::from_slice(&body).map_err(|error| ControlError::Unreachable(error.into()))
}
