//! unsquashfs reads the image behind the runtime.

use std::fs;
use std::path::Path;
use std::process::Command;

use ensconce_installer::BundleKind;

use crate::world::{World, assert_same_app, mode, run};

#[test]
fn the_image_lies_behind_the_runtime() {
    let world = World::new().with_runtime();
    let built = world.write(BundleKind::AppImage);
    let runtime = fs::read(world.runtime.as_ref().unwrap()).unwrap();
    assert!(fs::read(&built.path).unwrap().starts_with(&runtime));
    assert_eq!(mode(&built.path), 0o755);
    // The stand-in is `true`: what is behind it does not keep it from running.
    run(&mut Command::new(&built.path));
    let out = world.path("unpacked");
    let mut command = Command::new("unsquashfs");
    command.args(["-no-progress", "-offset", &runtime.len().to_string(), "-dest"]);
    run(command.arg(&out).arg(&built.path));
    assert_same_app(&world.package.folder, &out.join("usr/lib/items"));
    run(Command::new(out.join("AppRun")).arg("0"));
    let entry = fs::read_to_string(out.join("com.example.items.desktop")).unwrap();
    assert!(entry.contains("\nExec=items -- %U\n"), "{entry}");
    assert_eq!(fs::read_link(out.join(".DirIcon")).unwrap(), Path::new("com.example.items.png"));
    assert_eq!(image::image_dimensions(out.join("com.example.items.png")).unwrap(), (256, 256));
    assert_eq!(mode(&out), 0o755);
}

#[test]
fn a_runtime_that_is_missing_or_wrong_is_refused() {
    let mut world = World::new();
    let refused = |world: &World| {
        let error = world.try_write(BundleKind::AppImage).unwrap_err();
        assert!(error.hints()[0].contains("AppImage/type2-runtime"), "{:?}", error.hints());
        assert!(!world.path("out").exists());
        error.to_string()
    };
    assert!(refused(&world).contains("none was given"));
    world.runtime = Some(world.path("missing"));
    assert!(refused(&world).contains("cannot read"));
    world.runtime = Some("/bin/true".into());
    assert!(refused(&world).contains("is not a type-2 runtime"));
    let mut world = world.with_runtime();
    let path = world.runtime.clone().unwrap();
    let mut data = fs::read(&path).unwrap();
    data.push(0);
    fs::write(&path, data).unwrap();
    assert!(refused(&world).contains("trailing data"));
    world = world.with_runtime();
    world.package.arch = if cfg!(target_arch = "aarch64") { "x86_64" } else { "aarch64" }.into();
    assert!(refused(&world).contains("another processor"));
}
