//! `ensconce secret list`.

use clap::Args;
use ensconce_app::KnownSecrets;
use ensconce_vault::{Listed, Origin, Overview, Vault};
use serde_json::{Value, json};

use crate::arguments::Target;
use crate::error::CommandError;
use crate::screen;

/// Lists the secrets. Opens no store, so that no keychain asks its user.
#[derive(Args)]
pub(super) struct List {
    #[command(flatten)]
    target: Target,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

/// One secret, as the manifest and the vault know it.
struct Row<'a> {
    name: &'a str,
    /// Whether it can be generated; `None` if the manifest does not have it.
    generated: Option<bool>,
    kept: Option<&'a Listed>,
}

impl List {
    pub(super) fn run(self) -> Result<(), CommandError> {
        let secrets = super::of(&self.target)?;
        let overview = Vault::overview(&secrets.location)?;
        let rows = rows(&secrets, &overview);
        let text = if self.json {
            let secrets: Vec<Value> = rows.iter().map(Row::json).collect();
            format!("{:#}\n", json!({ "store": overview.store, "secrets": secrets }))
        } else {
            let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
            rows.iter().map(|row| format!("{:width$}  {}\n", row.name, row.text())).collect()
        };
        screen::print(&text).map_err(CommandError::Output)?;
        match overview.store {
            _ if self.json => {}
            None if rows.is_empty() => screen::say(&format!("{} has no secrets", secrets.app)),
            None => screen::say("The first start decides where they are kept"),
            Some(store) => {
                screen::say(&format!("{} keeps its secrets in {}", secrets.app, store.text()));
            }
        }
        Ok(())
    }
}

fn rows<'a>(secrets: &'a KnownSecrets, overview: &'a Overview) -> Vec<Row<'a>> {
    let kept = |name: &str| overview.secrets.iter().find(|one| one.name == name);
    let known = secrets.known.iter().map(|one| Row {
        name: &one.name,
        generated: Some(one.recipe.is_some()),
        kept: kept(&one.name),
    });
    let is_known = |name: &str| secrets.known.iter().any(|one| one.name == name);
    let others = overview.secrets.iter().filter(|one| !is_known(&one.name));
    let others = others.map(|one| Row { name: &one.name, generated: None, kept: Some(one) });
    known.chain(others).collect()
}

impl Row<'_> {
    fn text(&self) -> String {
        let Some(kept) = self.kept else {
            return match self.generated {
                Some(true) => "not generated yet".to_owned(),
                _ => format!("not set; set it with: ensconce secret set {}", self.name),
            };
        };
        let origin = match kept.origin {
            Origin::Generated => "generated",
            Origin::Given => "given",
        };
        let unknown = if self.generated.is_none() { "; not in the manifest" } else { "" };
        format!("{origin}, in {}{unknown}", kept.kept.text())
    }

    fn json(&self) -> Value {
        json!({
            "name": self.name,
            "known": self.generated.is_some(),
            "generate": self.generated.unwrap_or(false),
            "set": self.kept.is_some(),
            "kept": self.kept.map(|kept| kept.kept),
            "origin": self.kept.map(|kept| kept.origin),
        })
    }
}
