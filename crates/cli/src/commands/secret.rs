//! `ensconce secret`.

mod input;
mod list;

use std::path::Path;

use clap::{Args, Subcommand, ValueEnum};
use ensconce_app::{KnownSecrets, secrets_of};
use ensconce_vault::{Opening, SecretValue, StoreKind, Vault, Wait, Wanted};

use super::running;
use crate::arguments::Target;
use crate::error::CommandError;
use crate::prompt::Prompter;
use crate::screen::say;

/// Looks after the app's secrets.
#[derive(Args)]
pub(crate) struct SecretCommand {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Shows the names of the secrets and where each is kept, never a value
    #[command(
        after_help = "Examples:\n  ensconce secret list\n  ensconce secret list --json | jq \
                            -r '.secrets[] | select(.set | not).name'"
    )]
    List(list::List),
    /// Keeps a value, from stdin or typed without being shown
    #[command(
        after_help = "Examples:\n  ensconce secret set api-key\n  ensconce secret set api-key \
                            < key.txt\n  printf %s \"$KEY\" | ensconce secret set api-key"
    )]
    Set(Named),
    /// Forgets a value
    #[command(after_help = "Example:\n  ensconce secret rm api-key")]
    Rm(Named),
    /// Generates a secret anew
    #[command(after_help = "Example:\n  ensconce secret rotate session")]
    Rotate(Named),
    /// Moves the app's secrets to another store
    #[command(
        after_help = "Examples:\n  ensconce secret use passphrase\n  ensconce secret use file \
                            --anew examples/items"
    )]
    Use(Use),
}

/// One secret of an app.
#[derive(Args)]
struct Named {
    /// The secret
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    target: Target,
}

/// Another store.
#[derive(Args)]
struct Use {
    /// The store: the system's keychain, an encrypted file, or one that opens with a passphrase
    #[arg(value_name = "STORE")]
    store: Store,
    #[command(flatten)]
    target: Target,
    /// Moves nothing, because the present store cannot be used; what is in it stays there
    #[arg(long)]
    anew: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Store {
    Keychain,
    File,
    Passphrase,
}

impl SecretCommand {
    /// Runs the subcommand.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        running::keep_to_oneself();
        let prompter = Prompter::at_terminal();
        let prompter = prompter.as_ref();
        match self.command {
            Command::List(list) => list.run(),
            Command::Set(named) => named.set(prompter),
            Command::Rm(named) => named.remove(prompter),
            Command::Rotate(named) => named.rotate(prompter),
            Command::Use(store) => store.run(prompter),
        }
    }
}

impl Named {
    fn set(self, prompter: Option<&Prompter>) -> Result<(), CommandError> {
        let secrets = of(&self.target)?;
        self.known(&secrets)?;
        let value = input::value(prompter, &self.name)?;
        let mut vault = open(&secrets, prompter)?;
        vault.set(&self.name, value)?;
        say(&format!("{} is kept in {}", self.name, vault.kind().text()));
        self.tell_when()
    }

    fn remove(self, prompter: Option<&Prompter>) -> Result<(), CommandError> {
        let secrets = of(&self.target)?;
        // A secret that was removed from the manifest may still be kept.
        let kept = Vault::overview(&secrets.location)?.secrets;
        if !kept.iter().any(|one| one.name == self.name) {
            self.known(&secrets)?;
        }
        if !open(&secrets, prompter)?.remove(&self.name)? {
            say(&format!("{} is not set", self.name));
            return Ok(());
        }
        say(&format!("{} was removed", self.name));
        self.tell_when()
    }

    fn rotate(self, prompter: Option<&Prompter>) -> Result<(), CommandError> {
        let secrets = of(&self.target)?;
        let Some(recipe) = self.known(&secrets)?.recipe else {
            return Err(CommandError::NotGenerated(self.name));
        };
        let mut vault = open(&secrets, prompter)?;
        vault.rotate(&self.name, recipe)?;
        say(&format!("{} was generated anew, and is kept in {}", self.name, vault.kind().text()));
        self.tell_when()
    }

    /// Finds the secret in the manifest.
    fn known<'a>(&self, secrets: &'a KnownSecrets) -> Result<&'a Wanted, CommandError> {
        let found = secrets.known.iter().find(|one| one.name == self.name);
        found.ok_or_else(|| CommandError::NoSecret {
            name: self.name.clone(),
            names: secrets.known.iter().map(|one| one.name.clone()).collect(),
        })
    }

    /// Says that running processes keep the value that they were started with.
    fn tell_when(&self) -> Result<(), CommandError> {
        if let (name, Some(_)) = running::find(&self.target)? {
            say(&format!("{name} is running, and uses the former value until its next start"));
        }
        Ok(())
    }
}

impl Use {
    fn run(self, prompter: Option<&Prompter>) -> Result<(), CommandError> {
        let secrets = of(&self.target)?;
        if let (name, Some(running)) = running::find(&self.target)? {
            return Err(CommandError::StillRunning { name, pid: running.pid });
        }
        let kind = match self.store {
            Store::Keychain => StoreKind::Keychain,
            Store::File => StoreKind::File,
            Store::Passphrase => StoreKind::Passphrase,
        };
        let so_far = if self.anew { None } else { Some(open(&secrets, prompter)?) };
        let passphrase = match kind {
            StoreKind::Passphrase => Some(input::new_passphrase(prompter)?),
            StoreKind::Keychain | StoreKind::File => None,
        };
        let opening = Opening { passphrase, ask: true, on_wait: Some(&tell_wait) };
        let vault = match so_far {
            Some(vault) => vault.move_to(kind, &opening)?,
            None => Vault::begin_anew(&secrets.location, kind, &opening)?,
        };
        say(&format!("{} keeps its secrets in {}", secrets.app, vault.kind().text()));
        Ok(())
    }
}

fn of(target: &Target) -> Result<KnownSecrets, CommandError> {
    Ok(secrets_of(&target.manifest, target.data_dir.as_deref())?)
}

fn open(secrets: &KnownSecrets, prompter: Option<&Prompter>) -> Result<Vault, CommandError> {
    let passphrase = match Vault::overview(&secrets.location)?.store {
        Some(StoreKind::Passphrase) => passphrase(prompter)?,
        _ => None,
    };
    let opening = Opening { passphrase, ask: true, on_wait: Some(&tell_wait) };
    Ok(Vault::open_with(&secrets.location, &opening)?)
}

fn passphrase(prompter: Option<&Prompter>) -> Result<Option<SecretValue>, CommandError> {
    match ensconce_app::passphrase_from_file()? {
        Some(passphrase) => Ok(Some(passphrase)),
        None => input::passphrase(prompter),
    }
}

/// Reads the passphrase of an export: from a file, or typed.
pub(super) fn passphrase_of(file: Option<&Path>) -> Result<SecretValue, CommandError> {
    match file {
        Some(file) => input::passphrase_in(file),
        None => {
            input::passphrase(Prompter::at_terminal().as_ref())?.ok_or(CommandError::NoPassphrase)
        }
    }
}

/// Reads a new passphrase for an export: from a file, or typed twice.
pub(super) fn new_passphrase_of(file: Option<&Path>) -> Result<SecretValue, CommandError> {
    match file {
        Some(file) => input::passphrase_in(file),
        None => input::typed_twice(Prompter::at_terminal().as_ref()),
    }
}

fn tell_wait(wait: Wait) {
    match wait {
        Wait::Starting => say("Waiting for the keychain to start"),
        Wait::Prompting => say("Waiting for the keychain to be unlocked; it asks for its password"),
    }
}
