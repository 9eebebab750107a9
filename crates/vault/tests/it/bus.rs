//! A session bus, and gnome-keyring on it.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use ensconce_testkit::{TempDir, eventually, temp_dir};
use rustix::process::{Pid, Signal, kill_process};
use zbus::blocking::{Connection, connection, fdo::DBusProxy};

use crate::child::Told;
use crate::pretender::{Conduct, Pretender};

pub(crate) const SERVICE: &str = "org.freedesktop.secrets";

/// Starts nothing by itself, so that what has gone stays away.
const CONFIGURATION: &str = r#"<!DOCTYPE busconfig PUBLIC
 "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// The folders of a user.
pub(crate) struct Home {
    folder: TempDir,
}

impl Home {
    pub(crate) fn new() -> Self {
        let folder = temp_dir();
        for name in ["home", "run"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    pub(crate) fn child_without_bus(&self, what: &str) -> Told {
        Told::of(self, None, what)
    }
}

/// A process that ends with its value.
pub(crate) struct Running(Child);

impl Running {
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.0), signal).unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A session bus.
pub(crate) struct Bus<'a> {
    home: &'a Home,
    daemon: Running,
    address: String,
}

impl<'a> Bus<'a> {
    pub(crate) fn start(home: &'a Home) -> Self {
        let configuration = home.path("bus.conf");
        fs::write(&configuration, CONFIGURATION).unwrap();
        let mut command = Command::new("dbus-daemon");
        command.arg(format!("--config-file={}", configuration.display()));
        command.args(["--nofork", "--print-address"]).stdout(Stdio::piped());
        let mut daemon = spawn(command);
        let mut lines = BufReader::new(daemon.stdout.take().unwrap()).lines();
        let address = lines.next().expect("the bus tells its address").unwrap();
        Self { home, daemon: Running(daemon), address }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        self.daemon.signal(signal);
    }

    pub(crate) fn child(&self, what: &str) -> Told {
        Told::of(self.home, Some(&self.address), what)
    }

    pub(crate) fn connect(&self) -> Connection {
        connection::Builder::address(self.address.as_str()).unwrap().build().unwrap()
    }

    pub(crate) fn pretend(&self, conduct: Conduct) -> Pretender {
        self.wait_until_owned(false);
        Pretender::begin(self.connect(), conduct)
    }

    /// Starts gnome-keyring, unlocked with a password, or as it is.
    pub(crate) fn keyring(&self, password: Option<&str>) -> Running {
        self.wait_until_owned(false);
        let mut command = Command::new("gnome-keyring-daemon");
        command
            .args(["--foreground", "--components=secrets"])
            .args(password.map(|_| "--unlock"))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.home.path("home"))
            .env("XDG_RUNTIME_DIR", self.home.path("run"))
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut daemon = spawn(command);
        let mut stdin = daemon.stdin.take().unwrap();
        stdin.write_all(password.unwrap_or_default().as_bytes()).unwrap();
        drop(stdin);
        let daemon = Running(daemon);
        self.wait_until_owned(true);
        daemon
    }

    fn wait_until_owned(&self, owned: bool) {
        let bus = self.connect();
        let proxy = DBusProxy::new(&bus).unwrap();
        eventually("the service comes, or goes", || {
            proxy.name_has_owner(SERVICE.try_into().unwrap()).unwrap() == owned
        });
    }
}

fn spawn(mut command: Command) -> Child {
    command.spawn().unwrap_or_else(|error| {
        let program = command.get_program().display();
        panic!("{program} cannot be run ({error}): scripts/setup --tests installs it")
    })
}
