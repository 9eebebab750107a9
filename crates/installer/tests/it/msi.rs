//! Packages of Windows Installer, as msitools reads them.

use std::fs;
use std::path::Path;
use std::process::Command;

use ensconce_installer::BundleKind;

use crate::world::{World, run};

fn table(package: &Path, name: &str) -> String {
    run(Command::new("msiinfo").arg("export").arg(package).arg(name))
}

/// Looks for a row that begins like this, with `|` for the tabs.
#[track_caller]
fn assert_row(table: &str, row: &str) {
    let row = row.replace('|', "\t");
    assert!(table.lines().any(|line| line.starts_with(&row)), "{row:?} in\n{table}");
}

#[test]
fn it_holds_the_app() {
    let world = World::for_windows();
    let built = world.write(BundleKind::Msi);
    assert_eq!(built.path.file_name().unwrap(), "items-1.2.0-rc.1-x86_64.msi");
    let into = world.path("extracted");
    run(Command::new("msiextract").arg("-C").arg(&into).arg(&built.path));
    let home = into.join("LocalAppDataFolder/Programs/items");
    let home = if home.is_dir() { home } else { into.join("Programs/items") };
    for file in ["items.exe", "ensconce-guard.exe", "app/main.py", "app/näïve file – ü.txt"] {
        let (one, other) = (world.ready(file), home.join(file));
        assert!(fs::read(one).unwrap() == fs::read(&other).unwrap(), "{}", other.display());
    }
    let large = "runtime/python/lib/large.bin";
    assert!(fs::read(world.ready(large)).unwrap() == fs::read(home.join(large)).unwrap());
    assert_eq!(fs::read(home.join("items.ico")).unwrap()[..6], [0, 0, 1, 0, 7, 0]);
}

#[test]
fn windows_is_told_what_the_app_is() {
    let mut world = World::for_windows();
    world.package.title = "Nötes [1]".into();
    let built = world.write(BundleKind::Msi);
    let properties = table(&built.path, "Property");
    assert_row(&properties, "ProductName|Nötes [1]");
    assert_row(&properties, "ProductVersion|1.2.0");
    assert_row(&properties, "Manufacturer|Example");
    let registry = table(&built.path, "Registry");
    assert_row(
        &registry,
        "v0|1|Software\\Classes\\.items\\OpenWithProgids|com.example.items.items||",
    );
    assert_row(
        &registry,
        "v3|1|Software\\Classes\\com.example.items.items\\shell\\open\\command||\"[INSTALLDIR]items.exe\" -- \"%1\"",
    );
    assert_row(&registry, "v4|1|Software\\Classes\\items||URL:Nötes [\\[]1[\\]]");
    assert_row(&registry, "v5|1|Software\\Classes\\items|URL Protocol|");
    let shortcuts = table(&built.path, "Shortcut");
    assert!(
        shortcuts.contains("MENU|Nötes [1]\tc_INSTALLDIR\t[INSTALLDIR]items.exe"),
        "{shortcuts}"
    );
    let streams = run(Command::new("msiinfo").arg("streams").arg(&built.path));
    assert!(streams.contains("app.cab") && streams.contains("Icon.app.ico"), "{streams}");
    let summary = run(Command::new("msiinfo").arg("suminfo").arg(&built.path));
    assert!(summary.contains("Template: x64;1033"), "{summary}");
    assert!(summary.contains("Source: 10 (a)"), "for one user, compressed: {summary}");
}

#[test]
fn each_package_replaces_the_others_of_its_app() {
    let mut world = World::for_windows();
    let property = |world: &World, name: &str| {
        let text = table(&world.write(BundleKind::Msi).path, "Property");
        let line = text.lines().find(|line| line.starts_with(&format!("{name}\t"))).unwrap();
        line.to_owned()
    };
    let (product, upgrade) = (property(&world, "ProductCode"), property(&world, "UpgradeCode"));
    let code = upgrade.trim_end().rsplit('\t').next().unwrap();
    let row = table(&world.path("out/items-1.2.0-rc.1-x86_64.msi"), "Upgrade");
    assert_row(&row, &format!("{code}|0.0.0|||257||OLDER"));
    assert_eq!(property(&world, "ProductCode"), product, "the same contents");
    fs::write(world.ready("app/main.py"), "print('other')\n").unwrap();
    assert_ne!(property(&world, "ProductCode"), product);
    assert_eq!(property(&world, "UpgradeCode"), upgrade);
    world.package.version = "1.3.0".into();
    assert_eq!(property(&world, "UpgradeCode"), upgrade);
}
