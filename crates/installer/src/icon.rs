//! Renders all sizes of the icon from one picture.

use std::fs;
use std::io::{self, Cursor};
use std::path::Path;

use icns::{IconFamily, IconType, Image, PixelFormat};
use ico::{IconDir, IconDirEntry, IconImage, ResourceType};
use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat, RgbaImage};

use crate::{InstallerError, Package};

/// The sizes that desktops look for.
const SIZES: [u32; 8] = [16, 24, 32, 48, 64, 128, 256, 512];

/// The sizes that Windows looks for.
const SIZES_OF_WINDOWS: [u32; 7] = [16, 24, 32, 48, 64, 128, 256];

/// The sizes that macOS looks for; those with `2x` are for dense screens.
const SIZES_OF_MACOS: [(u32, IconType); 9] = [
    (16, IconType::RGBA32_16x16),
    (32, IconType::RGBA32_32x32),
    (32, IconType::RGBA32_16x16_2x),
    (64, IconType::RGBA32_32x32_2x),
    (128, IconType::RGBA32_128x128),
    (256, IconType::RGBA32_256x256),
    (256, IconType::RGBA32_128x128_2x),
    (512, IconType::RGBA32_512x512),
    (512, IconType::RGBA32_256x256_2x),
];

/// Software centres refuse smaller ones.
const SMALLEST: u32 = 128;

/// A decoder of pictures gets no more than this.
const LARGEST: u32 = 8192;

/// The icon as PNG in every size up to its own; none if the app has no icon.
pub(crate) fn sizes(package: &Package) -> Result<Vec<(u32, Vec<u8>)>, InstallerError> {
    let Some(path) = &package.icon else { return Ok(Vec::new()) };
    let picture = read(path)?;
    let sizes = SIZES.into_iter().filter(|size| *size <= picture.width());
    sizes.map(|size| Ok((size, png(path, &picture, size)?))).collect()
}

/// The icon for Windows, with all sizes in one file; none if the app has no icon.
pub(crate) fn ico(package: &Package) -> Result<Option<Vec<u8>>, InstallerError> {
    let Some(path) = &package.icon else { return Ok(None) };
    let wrong = |error| unwritable(path, "for Windows", error);
    let picture = read(path)?;
    let mut family = IconDir::new(ResourceType::Icon);
    for size in SIZES_OF_WINDOWS.into_iter().filter(|size| *size <= picture.width()) {
        let pixels = scaled(&picture, size).into_raw();
        let image = IconImage::from_rgba_data(size, size, pixels);
        // Only the largest is compressed: older programs know the others in one form alone.
        let entry = if size == 256 {
            IconDirEntry::encode_as_png(&image)
        } else {
            IconDirEntry::encode_as_bmp(&image)
        };
        family.add_entry(entry.map_err(wrong)?);
    }
    let mut made = Vec::new();
    family.write(&mut made).map_err(wrong)?;
    Ok(Some(made))
}

/// The icon for macOS, with all sizes in one file; none if the app has no icon.
pub(crate) fn icns(package: &Package) -> Result<Option<Vec<u8>>, InstallerError> {
    let Some(path) = &package.icon else { return Ok(None) };
    let wrong = |error| unwritable(path, "for macOS", error);
    let picture = read(path)?;
    let mut family = IconFamily::new();
    for (size, kind) in SIZES_OF_MACOS {
        if size > picture.width() {
            continue;
        }
        let pixels = scaled(&picture, size).into_raw();
        let image = Image::from_data(PixelFormat::RGBA, size, size, pixels).map_err(wrong)?;
        family.add_icon_with_type(&image, kind).map_err(wrong)?;
    }
    let mut made = Vec::new();
    family.write(&mut made).map_err(wrong)?;
    Ok(Some(made))
}

fn unwritable(path: &Path, what: &str, error: io::Error) -> InstallerError {
    let reason = format!("cannot be written {what}: {error}");
    InstallerError::Icon { path: path.to_owned(), reason }
}

fn read(path: &Path) -> Result<DynamicImage, InstallerError> {
    let data = fs::read(path).map_err(InstallerError::file("read", path))?;
    let wrong = |reason: String| InstallerError::Icon { path: path.to_owned(), reason };
    if !data.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Err(wrong("is not a PNG".to_owned()));
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
            "is too small: it has {width} × {height} pixels, but needs at least {SMALLEST}"
        )));
    }
    Ok(picture)
}

fn png(path: &Path, picture: &DynamicImage, size: u32) -> Result<Vec<u8>, InstallerError> {
    let mut made = Cursor::new(Vec::new());
    scaled(picture, size).write_to(&mut made, ImageFormat::Png).map_err(|error| {
        InstallerError::Icon {
            path: path.to_owned(),
            reason: format!("cannot be written in {size} × {size} pixels: {error}"),
        }
    })?;
    Ok(made.into_inner())
}

fn scaled(picture: &DynamicImage, size: u32) -> RgbaImage {
    let whole = picture.to_rgba8();
    if size == picture.width() {
        return whole;
    }
    image::imageops::resize(&whole, size, size, FilterType::Lanczos3)
}
