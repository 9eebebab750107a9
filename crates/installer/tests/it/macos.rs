//! Apps and disk images of macOS, as unzip and xorriso read them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ensconce_installer::BundleKind;
use expect_test::expect;

use crate::world::{World, mode, run};

fn unzip(world: &World, archive: &Path) -> PathBuf {
    let into = world.path("unpacked");
    run(Command::new("unzip").arg("-q").arg(archive).arg("-d").arg(&into));
    into.join("Items & Things.app/Contents")
}

/// The same files as before they were packed, with modes and links.
fn assert_app(world: &World, contents: &Path) {
    let resources = contents.join("Resources");
    for folder in ["app", "runtime"] {
        run(Command::new("diff").arg("-r").arg(world.ready(folder)).arg(resources.join(folder)));
    }
    for program in ["items", "ensconce-guard"] {
        let (one, other) = (world.ready(program), contents.join("MacOS").join(program));
        assert!(fs::read(one).unwrap() == fs::read(&other).unwrap(), "{program}");
        assert_eq!(mode(&other) & 0o111, 0o111, "{program}");
    }
    let link = resources.join("runtime/python/bin/python3");
    assert_eq!(fs::read_link(link).unwrap(), Path::new("python3.12"));
    assert_eq!(mode(&resources.join("app/main.py")) & 0o111, 0);
}

#[test]
fn an_app_unzips_to_a_bundle() {
    let world = World::for_macos();
    let built = world.write(BundleKind::App);
    assert_eq!(built.path.file_name().unwrap(), "items-1.2.0-rc.1-macos-aarch64.zip");
    let contents = unzip(&world, &built.path);
    assert_app(&world, &contents);
    let icon = fs::read(contents.join("Resources/icon.icns")).unwrap();
    assert_eq!(icon[..4], *b"icns");
    assert_eq!(u32::from_be_bytes(icon[4..8].try_into().unwrap()) as usize, icon.len());
    assert_eq!(fs::read_to_string(contents.join("PkgInfo")).unwrap(), "APPL????");
    let info = fs::read_to_string(contents.join("Info.plist")).unwrap();
    expect![[r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
        <plist version="1.0">
        <dict>
        	<key>CFBundleDevelopmentRegion</key>
        	<string>en</string>
        	<key>CFBundleDisplayName</key>
        	<string>Items &amp; Things</string>
        	<key>CFBundleExecutable</key>
        	<string>items</string>
        	<key>CFBundleIconFile</key>
        	<string>icon.icns</string>
        	<key>CFBundleIdentifier</key>
        	<string>com.example.items</string>
        	<key>CFBundleInfoDictionaryVersion</key>
        	<string>6.0</string>
        	<key>CFBundleName</key>
        	<string>Items &amp; Things</string>
        	<key>CFBundlePackageType</key>
        	<string>APPL</string>
        	<key>CFBundleShortVersionString</key>
        	<string>1.2.0</string>
        	<key>CFBundleVersion</key>
        	<string>1.2.0</string>
        	<key>CFBundleURLTypes</key>
        	<array>
        		<dict>
        			<key>CFBundleURLName</key>
        			<string>com.example.items</string>
        			<key>CFBundleURLSchemes</key>
        			<array>
        				<string>items</string>
        			</array>
        		</dict>
        	</array>
        	<key>CFBundleDocumentTypes</key>
        	<array>
        		<dict>
        			<key>CFBundleTypeExtensions</key>
        			<array>
        				<string>items</string>
        			</array>
        			<key>CFBundleTypeMIMETypes</key>
        			<array>
        				<string>application/x-items</string>
        			</array>
        			<key>CFBundleTypeName</key>
        			<string>Items &lt;list&gt;</string>
        			<key>CFBundleTypeRole</key>
        			<string>Editor</string>
        			<key>LSHandlerRank</key>
        			<string>Alternate</string>
        		</dict>
        	</array>
        	<key>LSMinimumSystemVersion</key>
        	<string>11.0</string>
        	<key>NSAppTransportSecurity</key>
        	<dict>
        		<key>NSAllowsLocalNetworking</key>
        		<true/>
        	</dict>
        	<key>NSHighResolutionCapable</key>
        	<true/>
        	<key>NSHumanReadableCopyright</key>
        	<string>Example</string>
        </dict>
        </plist>
    "#]].assert_eq(&info);
}

#[test]
fn an_app_adds_to_what_macos_knows_of_it() {
    let mut world = World::for_macos();
    let more = world.path("Info.plist");
    let dictionary = "<key>NSMicrophoneUsageDescription</key><string>To record</string>\
                      <key>LSMinimumSystemVersion</key><string>13.0</string>";
    fs::write(&more, format!("<plist version=\"1.0\"><dict>{dictionary}</dict></plist>")).unwrap();
    world.package.info_plist = Some(more.clone());
    let info = unzip(&world, &world.write(BundleKind::App).path).join("Info.plist");
    let info = fs::read_to_string(info).unwrap();
    assert!(info.contains("<string>To record</string>"), "{info}");
    assert!(info.contains("<string>13.0</string>") && !info.contains("11.0"), "{info}");
    fs::write(&more, "no property list").unwrap();
    let error = world.try_write(BundleKind::App).unwrap_err();
    assert!(error.to_string().contains("Info.plist cannot be used"), "{error}");
    assert!(error.is_mistake());
}

#[test]
fn a_disk_image_holds_the_app_and_a_link() {
    let world = World::for_macos();
    let built = world.write(BundleKind::Dmg);
    assert_eq!(built.path.file_name().unwrap(), "items-1.2.0-rc.1-macos-aarch64.dmg");
    let into = world.path("mounted");
    let mut command = Command::new("xorriso");
    command.args(["-osirrox", "on", "-indev"]).arg(&built.path).args(["-extract", "/"]).arg(&into);
    run(&mut command);
    // What is extracted can be removed only when its folders can be written to.
    run(Command::new("chmod").args(["-R", "u+w"]).arg(&into));
    assert_app(&world, &into.join("Items & Things.app/Contents"));
    assert_eq!(fs::read_link(into.join("Applications")).unwrap(), Path::new("/Applications"));
}

#[test]
fn titles_that_no_bundle_can_have() {
    for (title, expected) in [("a/b", "neither `/` nor `:`"), (".hidden", "begins with a dot")] {
        let mut world = World::for_macos();
        world.package.title = title.into();
        let error = world.try_write(BundleKind::App).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert!(!world.path("out").exists());
    }
}
