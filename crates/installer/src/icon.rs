//! Makes the icon's sizes from one picture.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat};

use crate::{InstallerError, Package};

/// The sizes that desktops look for.
const SIZES: [u32; 8] = [16, 24, 32, 48, 64, 128, 256, 512];

/// Software centres refuse smaller ones.
const SMALLEST: u32 = 128;

/// A decoder of pictures gets no more than this.
const LARGEST: u32 = 8192;

/// The icon as PNG in every size up to its own; none when the app has no icon.
pub(crate) fn sizes(package: &Package) -> Result<Vec<(u32, Vec<u8>)>, InstallerError> {
    let Some(path) = &package.icon else { return Ok(Vec::new()) };
    let picture = read(path)?;
    let sizes = SIZES.into_iter().filter(|size| *size <= picture.width());
    sizes.map(|size| Ok((size, png(path, &picture, size)?))).collect()
}

fn read(path: &Path) -> Result<DynamicImage, InstallerError> {
    let data = fs::read(path).map_err(InstallerError::file("read", path))?;
    let wrong = |reason: String| InstallerError::Icon { path: path.to_owned(), reason };
    if !data.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Err(wrong("is no PNG".to_owned()));
    }
    let mut reader = image::ImageReader::with_format(Cursor::new(data), ImageFormat::Png);
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(LARGEST);
    limits.max_image_height = Some(LARGEST);
    reader.limits(limits);
    let picture = reader.decode().map_err(|error| wrong(format!("cannot be read: {error}")))?;
    let (width, height) = (picture.width(), picture.height());
    if width != height {
        return Err(wrong(format!("is not square: it has {width} × {height} pixels")));
    }
    if width < SMALLEST {
        return Err(wrong(format!(
            "is too small: it has {width} × {height} pixels, and needs {SMALLEST} at least"
        )));
    }
    Ok(picture)
}

fn png(path: &Path, picture: &DynamicImage, size: u32) -> Result<Vec<u8>, InstallerError> {
    let mut made = Cursor::new(Vec::new());
    let scaled = DynamicImage::from(picture.to_rgba8());
    let scaled = if size == picture.width() {
        scaled
    } else {
        scaled.resize_exact(size, size, FilterType::Lanczos3)
    };
    scaled.write_to(&mut made, ImageFormat::Png).map_err(|error| InstallerError::Icon {
        path: path.to_owned(),
        reason: format!("cannot be written in {size} × {size} pixels: {error}"),
    })?;
    Ok(made.into_inner())
}
