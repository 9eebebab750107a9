//! Items as a Tauri app whose back end is a sidecar made by PyInstaller: starts it on a free port,
//! asks its health check every 100 ms, and then opens the window on it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use tauri::{AppHandle, Manager, RunEvent, WebviewUrl, WebviewWindowBuilder};
use tauri_plugin_shell::ShellExt;
use tauri_plugin_shell::process::CommandChild;

const POLL: Duration = Duration::from_millis(100);
const HEALTH: &str = "/api/v1/utils/health-check/";

#[derive(Default)]
struct Server(Mutex<Option<CommandChild>>);

fn main() {
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_shell::init())
        .manage(Server::default())
        .setup(|app| begin(app.handle()))
        .build(tauri::generate_context!())
        .expect("the app is built");
    app.run(|handle, event| {
        if let RunEvent::Exit = event {
            end(handle);
        }
    });
}

fn begin(handle: &AppHandle) -> Result<(), Box<dyn std::error::Error>> {
    let port = free_port()?;
    let data = handle.path().app_data_dir()?;
    std::fs::create_dir_all(&data)?;
    let sidecar = handle.shell().sidecar("items-server")?.arg(port.to_string()).env("DATA_DIR", data);
    let (_output, server) = sidecar.spawn()?;
    handle.state::<Server>().0.lock().expect("nobody panics").replace(server);
    let handle = handle.clone();
    thread::spawn(move || show_when_healthy(&handle, port));
    Ok(())
}

fn show_when_healthy(handle: &AppHandle, port: u16) {
    while !is_healthy(port) {
        thread::sleep(POLL);
    }
    let url = format!("http://127.0.0.1:{port}/").parse().expect("an address");
    let window = WebviewWindowBuilder::new(handle, "main", WebviewUrl::External(url));
    window.title("Items").inner_size(1100.0, 750.0).build().expect("the window opens");
}

fn end(handle: &AppHandle) {
    if let Some(server) = handle.state::<Server>().0.lock().expect("nobody panics").take() {
        // Fails only when it has ended already.
        let _ = server.kill();
    }
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn is_healthy(port: u16) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        let request = format!("GET {HEALTH} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}
