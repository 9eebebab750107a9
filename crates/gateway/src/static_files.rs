//! Files from a folder, and nothing from outside it.

mod etag_prefix;
mod names;

use std::io;
use std::path::{Path, PathBuf};

use http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_RANGE, LOCATION, RANGE,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use tower_http::services::ServeFile;

use crate::admission;
use crate::body::{self, Body};
use crate::failure::Failure;
use crate::path::RequestPath;
use crate::site::StaticSite;
use etag_prefix::EtagPrefix;
use names::PathRejection;

/// Endings of compressed copies beside a file.
const COMPRESSED: [&str; 3] = [".br", ".zst", ".gz"];

/// What a path leads to.
#[derive(Debug, PartialEq, Eq)]
enum FileLookup {
    File {
        file: PathBuf,
        compressed: bool,
    },
    /// A folder with an index, asked for without its slash.
    Folder,
    Nothing,
}

/// Answers from a folder.
pub(crate) async fn answer(
    site: &StaticSite,
    path: RequestPath,
    request: Request<()>,
) -> Result<Response<Body>, Failure> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(Failure::MethodNotAllowed);
    }
    let navigates = navigates(request.headers(), &path);
    let site = site.clone();
    let looking = tokio::task::spawn_blocking(move || find(&site, &path, navigates));
    match looking.await.unwrap_or(Ok(FileLookup::Nothing)) {
        Ok(FileLookup::File { file, compressed }) => send(&file, compressed, request).await,
        Ok(FileLookup::Folder) => Ok(add_slash(&request)),
        Ok(FileLookup::Nothing) => Err(Failure::NotFound),
        Err(error) => {
            tracing::debug!("A file could not be looked up: {error}");
            Err(Failure::NotFound)
        }
    }
}

/// A person goes to a page, whose path does not end like a file's.
fn navigates(headers: &HeaderMap, path: &RequestPath) -> bool {
    let html = headers
        .get_all(ACCEPT)
        .iter()
        .any(|value| value.to_str().unwrap_or_default().to_ascii_lowercase().contains("text/html"));
    html && !path.segments().last().is_some_and(|segment| names::is_asset(segment))
}

fn find(site: &StaticSite, path: &RequestPath, navigates: bool) -> io::Result<FileLookup> {
    let folder = site.folder.canonicalize()?;
    let found = match names::relative(path) {
        Ok(relative) => look(&folder, &relative, path)?,
        Err(PathRejection::Strange) => FileLookup::Nothing,
        Err(PathRejection::Hidden) => return Ok(FileLookup::Nothing),
    };
    match (&site.fallback, found) {
        (Some(fallback), FileLookup::Nothing) if navigates => file(&folder, &folder.join(fallback)),
        (_, found) => Ok(found),
    }
}

/// `x/` is `x/index.html`; `x` is itself, or a folder to go to, or `x.html`.
fn look(folder: &Path, relative: &Path, path: &RequestPath) -> io::Result<FileLookup> {
    let place = folder.join(relative);
    let is_folder = place.is_dir();
    if path.segments().last().is_some_and(Vec::is_empty) {
        return if is_folder {
            file(folder, &place.join("index.html"))
        } else {
            Ok(FileLookup::Nothing)
        };
    }
    if is_folder && file(folder, &place.join("index.html"))? != FileLookup::Nothing {
        return Ok(FileLookup::Folder);
    }
    match file(folder, &place)? {
        FileLookup::Nothing => file(folder, &with_ending(&place, ".html")),
        found => Ok(found),
    }
}

/// A file, unless it is none, or a link that leaves the folder.
fn file(folder: &Path, place: &Path) -> io::Result<FileLookup> {
    if !is_file_inside(folder, place) {
        return Ok(FileLookup::Nothing);
    }
    let copies = COMPRESSED.map(|ending| with_ending(place, ending));
    let compressed = copies.iter().any(|copy| is_file_inside(folder, copy));
    let safe = copies.iter().all(|copy| !copy.exists() || is_file_inside(folder, copy));
    Ok(FileLookup::File { file: place.to_owned(), compressed: compressed && safe })
}

fn is_file_inside(folder: &Path, place: &Path) -> bool {
    place.canonicalize().is_ok_and(|real| real.starts_with(folder) && real.is_file())
}

fn with_ending(place: &Path, ending: &str) -> PathBuf {
    let mut name = place.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

async fn send(
    file: &Path,
    compressed: bool,
    mut request: Request<()>,
) -> Result<Response<Body>, Failure> {
    let mut service = ServeFile::new(file).ignore_multi_range_requests(true);
    if compressed {
        service = service.precompressed_br().precompressed_zstd().precompressed_gzip();
    }
    let unread = |error| {
        tracing::debug!("A file could not be read: {error}");
        if admission::is_shortage(&error) { Failure::TooManyConnections } else { Failure::NotFound }
    };
    let metadata = tokio::fs::metadata(file).await.map_err(unread)?;
    let etag_prefix = EtagPrefix::of(&metadata, file);
    etag_prefix.take_from(request.headers_mut());
    if let Some(range) = request.headers().get(RANGE) {
        // A range in another unit, or of an older file, asks for the whole one.
        let is_bytes = range.as_bytes().starts_with(b"bytes=");
        if !is_bytes || !range_is_current(&mut service, &request).await.map_err(unread)? {
            request.headers_mut().remove(RANGE);
        }
    }
    let response = service.try_call(request).await.map_err(unread)?;
    let mut response = response.map(|body| body.map_err(Into::into).boxed_unsync());
    if response.status() == StatusCode::NOT_FOUND {
        return Err(Failure::NotFound);
    }
    etag_prefix.add_to(response.headers_mut());
    add_headers(response.headers_mut(), file);
    Ok(response)
}

/// Checks whether the file is still the one that `If-Range` names, if it names one.
async fn range_is_current(service: &mut ServeFile, request: &Request<()>) -> io::Result<bool> {
    let Some(named) = request.headers().get(IF_RANGE) else { return Ok(true) };
    let mut look = Request::new(());
    *look.method_mut() = Method::HEAD;
    if let Some(encodings) = request.headers().get(ACCEPT_ENCODING) {
        look.headers_mut().insert(ACCEPT_ENCODING, encodings.clone());
    }
    let file = service.try_call(look).await?;
    Ok(file.headers().get(ETAG) == Some(named))
}

fn add_headers(headers: &mut HeaderMap, file: &Path) {
    let caching = match file.file_name().and_then(|name| name.to_str()) {
        Some(name) if names::has_hash(name) => "public, max-age=31536000, immutable",
        _ => "no-cache",
    };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    let plain = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let text = plain.filter(|kind| kind.starts_with("text/") && !kind.contains("charset"));
    if let Some(Ok(kind)) = text.map(|kind| format!("{kind}; charset=utf-8").parse()) {
        headers.insert(CONTENT_TYPE, kind);
    }
}

/// Sends a folder's visitor to its slash, so that relative links work.
fn add_slash(request: &Request<()>) -> Response<Body> {
    let name = request.uri().path().rsplit('/').next().unwrap_or_default();
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut response = Response::new(body::empty());
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    // Relative, and with a dot in front, so that no name is taken for a host or a scheme.
    if let Ok(location) = format!("./{name}/{query}").parse() {
        response.headers_mut().insert(LOCATION, location);
    }
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
