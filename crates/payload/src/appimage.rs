//! The runtime that AppImages begin with: a file of the app's developer, or a fetched one.

use std::path::PathBuf;

use crate::fetch::Fetch;
use crate::{PayloadError, PayloadRequest};

/// Returns the file of the AppImage runtime, when the manifest names one.
///
/// # Errors
/// When it is not there, or cannot be fetched as it is named.
pub fn appimage_runtime(request: &PayloadRequest<'_>) -> Result<Option<PathBuf>, PayloadError> {
    let Some(said) = &request.manifest.build.appimage else { return Ok(None) };
    let for_target = |text: &str| text.replace("{target}", request.target.triple);
    if let Some(path) = &said.path {
        let path = request.folder.join(for_target(path));
        if path.is_file() {
            return Ok(Some(path));
        }
        let message = format!("There is no file {}", path.display());
        let hint =
            "Take the runtime for this processor from the releases of AppImage's type2-runtime";
        return Err(PayloadError::manifest("build.appimage.path", message, hint));
    }
    let Some((url, sha256)) = said.url.as_ref().zip(said.sha256.as_ref()) else { return Ok(None) };
    request.progress.begin("Fetching the AppImage runtime");
    Fetch::new(request.cache, request.progress).file(&for_target(url), sha256).map(Some)
}
