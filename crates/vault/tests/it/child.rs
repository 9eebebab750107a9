//! What happens inside a session: a child does it, and tells.

use std::cell::Cell;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ensconce_vault::{
    KeychainWait, SecretEncoding, SecretRecipe, SecretValue, StoreKind, Vault, VaultError,
    VaultLocation, VaultOptions, WantedSecret,
};

use crate::bus::Home;

/// Names what the child is to do, and in which folder.
const TASK: &str = "ENSCONCE_TEST_TASK";
const FOLDER: &str = "ENSCONCE_TEST_FOLDER";

/// Lines of the child begin with it; the others are the test harness's own.
const MARK: &str = "told: ";

/// What the child has told.
pub(crate) struct Told {
    lines: Vec<(String, String)>,
    /// How long it took.
    pub(crate) took: Duration,
    /// How long until it told that it waits.
    pub(crate) waited: Duration,
}

impl Told {
    pub(crate) fn of(home: &Home, bus: Option<&str>, task: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "child::task", "--ignored", "--nocapture", "--test-threads=1"])
            .env_clear()
            .env(TASK, task)
            .env(FOLDER, home.path(""))
            .stdin(Stdio::null());
        if let Some(bus) = bus {
            command.env("DBUS_SESSION_BUS_ADDRESS", bus);
        }
        let output = command.output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<(String, String)> = text
            .lines()
            .filter_map(|line| line.split_once(MARK)?.1.split_once(' '))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !lines.is_empty(), "{text}\n{stderr}");
        let millis = |key: &str| {
            let found = lines.iter().find(|(known, _)| known == key);
            Duration::from_millis(found.map_or(0, |(_, value)| value.parse().unwrap()))
        };
        let (took, waited) = (millis("took"), millis("waited"));
        Self { lines, took, waited }
    }

    #[track_caller]
    pub(crate) fn good(self) -> Self {
        let error = self.lines.iter().find(|(key, _)| key == "error");
        assert!(error.is_none(), "{error:?}");
        self
    }

    #[track_caller]
    pub(crate) fn bad(self) -> Self {
        assert!(self.lines.iter().any(|(key, _)| key == "error"), "{:?}", self.lines);
        self
    }

    #[track_caller]
    pub(crate) fn value(&self, key: &str) -> &str {
        let found = self.lines.iter().find(|(known, _)| known == key);
        found.map(|(_, value)| value.as_str()).unwrap_or_else(|| panic!("{key}: {:?}", self.lines))
    }
}

#[test]
#[ignore = "is started by the other tests"]
fn task() {
    let (task, folder) = (std::env::var(TASK).unwrap(), std::env::var(FOLDER).unwrap());
    let folder = std::path::PathBuf::from(folder);
    let location = VaultLocation {
        app: "com.example.test".to_owned(),
        instance: String::new(),
        folder: folder.join("data"),
        key_file: folder.join("keys/vault.key"),
    };
    let begun = Instant::now();
    let result = run(&task, &location, begun);
    if let Err(error) = result {
        tell("choices", format!("{:?}", error.choices()));
        tell("error", format!("{error:?}"));
    }
    tell("took", begun.elapsed().as_millis());
}

fn run(task: &str, location: &VaultLocation, begun: Instant) -> Result<(), VaultError> {
    let recipe = SecretRecipe { bytes: 32, encoding: SecretEncoding::Hex };
    let wanted = [WantedSecret { name: "session".to_owned(), recipe: Some(recipe) }];
    let told = Cell::new(false);
    let on_wait = |wait: KeychainWait| {
        tell("wait", format!("{wait:?}"));
        if !told.replace(true) {
            tell("waited", begun.elapsed().as_millis());
        }
    };
    let opening = VaultOptions {
        ask: task != "obtain-quietly",
        on_wait: Some(&on_wait),
        ..VaultOptions::default()
    };
    let mut vault = match task {
        "anew" => Vault::begin_anew(location, StoreKind::File, &opening)?,
        _ => Vault::open_with(location, &opening)?,
    };
    match task {
        "rotate" => vault.rotate("session", recipe)?,
        "remove" => tell("removed", vault.remove("session")?),
        "any-text" => any_text(&mut vault)?,
        _ => {}
    }
    if matches!(task, "get" | "remove") {
        let session = vault.get("session")?;
        tell("session", format!("{session:?}"));
        return Ok(());
    }
    let secrets = vault.obtain(&wanted)?;
    tell("kind", format!("{:?}", vault.kind()));
    tell("session", secrets["session"].reveal());
    Ok(())
}

fn any_text(vault: &mut Vault) -> Result<(), VaultError> {
    let long = "é\n".repeat(32 * 1024);
    for value in ["", " ", "quotes \" ' `", "lines\r\n\tand\u{0}more", "💡 {secret.x}", &long] {
        vault.set("text", SecretValue::new(value.to_owned()))?;
        let kept = vault.get("text")?.expect("it has just been kept");
        assert_eq!(kept.reveal(), value);
    }
    vault.remove("text").map(drop)
}

fn tell(key: &str, value: impl std::fmt::Display) {
    println!("\n{MARK}{key} {value}");
}
