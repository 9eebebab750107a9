//! Gives the program on Windows its icon, its version and today's controls.

fn main() {
    println!("cargo:rerun-if-changed=windows.manifest");
    println!("cargo:rerun-if-changed=../window/icons/icon.ico");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "windows") {
        let mut resource = tauri_winres::WindowsResource::new();
        resource.set_manifest(include_str!("windows.manifest"));
        resource.set_icon("../window/icons/icon.ico");
        if let Err(error) = resource.compile() {
            panic!("The program's resources cannot be compiled: {error}");
        }
    }
}
