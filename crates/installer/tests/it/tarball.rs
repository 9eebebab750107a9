//! tar unpacks; the desktop's own tools read what is in `share/`.

use std::fs;
use std::process::Command;

use ensconce_installer::BundleKind;

use crate::world::{World, assert_same_app, run, tool};

#[test]
fn it_runs_where_it_is_unpacked() {
    let world = World::new();
    let built = world.write(BundleKind::Tar);
    let name = format!("items-1.2.0-rc.1-linux-{}.tar.zst", std::env::consts::ARCH);
    assert_eq!(built.path.file_name().unwrap().to_str().unwrap(), name);
    assert_eq!(fs::metadata(&built.path).unwrap().len(), built.bytes);
    let sum = tool("sha256sum @", &built.path);
    assert!(sum.starts_with(&built.sha256), "{sum}");
    run(Command::new("tar").args(["--zstd", "-xf"]).arg(&built.path).current_dir(&world.folder));
    let unpacked = world.path("items-1.2.0-rc.1");
    assert_same_app(&world.package.folder, &unpacked);
    run(Command::new("./items").arg("0").current_dir(&unpacked));

    let share = unpacked.join("share");
    let desktop = share.join("applications/com.example.items.desktop");
    assert_eq!(tool("desktop-file-validate @", &desktop), "");
    let entry = fs::read_to_string(desktop).unwrap();
    assert!(entry.contains("MimeType=application/x-items;x-scheme-handler/items;"), "{entry}");
    assert!(entry.contains("Icon=com.example.items\n"), "{entry}");
    // What is opened is made by strangers, and must not be taken for an option.
    assert!(entry.contains("\nExec=items -- %U\n"), "{entry}");
    assert!(entry.contains("\nExec=items --settings\n"), "{entry}");
    tool(
        "appstreamcli validate --no-net @",
        &share.join("metainfo/com.example.items.metainfo.xml"),
    );
    let sizes = [16, 24, 32, 48, 64, 128, 256];
    for size in sizes {
        let icon = format!("icons/hicolor/{size}x{size}/apps/com.example.items.png");
        assert_eq!(image::image_dimensions(share.join(icon)).unwrap(), (size, size));
    }
    let types = fs::read_to_string(share.join("mime/packages/com.example.items.xml")).unwrap();
    assert!(types.contains("<glob pattern=\"*.items\"/>"), "{types}");
    assert!(types.contains("Items &lt;list&gt;"), "{types}");
}

#[test]
fn an_app_that_says_little_is_packed_too() {
    let mut world = World::new();
    let package = &mut world.package;
    package.icon = None;
    package.description = package.title.clone();
    package.file_types.clear();
    package.schemes.clear();
    package.categories.clear();
    (package.publisher, package.homepage, package.license) = (None, None, None);
    let built = world.write(BundleKind::Tar);
    run(Command::new("tar").args(["--zstd", "-xf"]).arg(&built.path).current_dir(&world.folder));
    let share = world.path("items-1.2.0-rc.1/share");
    let desktop = share.join("applications/com.example.items.desktop");
    tool("desktop-file-validate @", &desktop);
    let entry = fs::read_to_string(desktop).unwrap();
    assert!(!entry.contains("Icon"), "{entry}");
    assert!(entry.contains("Exec=items\n"), "{entry}");
    assert!(!share.join("icons").exists() && !share.join("mime").exists());
}
