//! What the pages of set-up and of the settings show.

use ensconce_manifest::{Choice, Field, FieldKind, Scalar as WrittenScalar};
use ensconce_plan::{SetupPage, SetupPlan};
use ensconce_protocol::{
    AppIdentity, FieldChoice, FieldDescription, FieldType, Heading, OldSettings, PageDescription,
    Purpose, Scalar, SecretStore, SecretStoreKind, SetupDescription,
};
use serde_json::Value;

use crate::answers::old_settings::OldValues;
use crate::answers::shown::Answers;
use crate::answers::valid;
use crate::secrets::state::SecretsState;

/// What is described.
pub(super) struct Situation<'a> {
    pub(super) identity: &'a AppIdentity,
    pub(super) setup: &'a SetupPlan,
    pub(super) answers: &'a Answers,
    /// Whether the app needs answers, rather than that the user looks at them.
    pub(super) is_asking: bool,
    /// How it stands with the secrets, if the app asks for any.
    pub(super) secrets: Option<SecretsState>,
    pub(super) old: Option<OldValues>,
}

/// Describes what an app asks, and what was answered so far.
pub(super) fn describe(situation: &Situation<'_>) -> SetupDescription {
    let Situation { identity, setup, answers, is_asking, secrets, old } = situation;
    let name = &identity.name;
    let usual_welcome = || format!("A few answers, and {name} is ready.");
    let usual_done = || "You can change your answers in the settings.".to_owned();
    let no_secrets = SecretStore { kind: SecretStoreKind::None, trouble: None };
    SetupDescription {
        app: (*identity).clone(),
        purpose: if *is_asking { Purpose::Setup } else { Purpose::Settings },
        welcome: Heading {
            title: format!("Welcome to {name}"),
            text: setup.welcome.clone().unwrap_or_else(usual_welcome),
        },
        done: Heading {
            title: format!("{name} is ready"),
            text: setup.done.clone().unwrap_or_else(usual_done),
        },
        pages: pages(setup, answers),
        store: secrets.as_ref().map_or(no_secrets, SecretsState::describe),
        old_settings: old.as_ref().filter(|_| *is_asking).map(|old| old_settings(old, setup)),
        data: None,
    }
}

fn old_settings(old: &OldValues, setup: &SetupPlan) -> OldSettings {
    let label = |name: &String| setup.fields().find(|field| field.name == *name);
    let labels = old.values.keys().filter_map(|name| Some(label(name)?.label.clone()));
    OldSettings { path: old.path.display().to_string(), fields: labels.collect() }
}

fn pages(setup: &SetupPlan, answers: &Answers) -> Vec<PageDescription> {
    let missing: Vec<&str> =
        answers.missing(setup).iter().map(|field| field.name.as_str()).collect();
    let page = |(index, page): (usize, &SetupPage)| PageDescription {
        name: index.to_string(),
        title: page.title.clone(),
        text: page.text.clone(),
        complete: !page.fields.iter().any(|one| missing.contains(&one.field.name.as_str())),
        has_check: page.check.is_some() || page.fields.iter().any(|one| one.check.is_some()),
        fields: page.fields.iter().map(|one| field(&one.field, answers)).collect(),
    };
    setup.pages.iter().enumerate().map(page).collect()
}

fn field(field: &Field, answers: &Answers) -> FieldDescription {
    let is_secret = field.kind.is_secret();
    let show_if = field.show_if.iter();
    FieldDescription {
        name: field.name.clone(),
        kind: field_type(field.kind),
        label: field.label.clone(),
        help: field.help.clone(),
        placeholder: field.placeholder.clone(),
        required: field.required,
        pattern: field.pattern.clone(),
        pattern_help: field.pattern_help.clone(),
        min: field.min,
        max: field.max,
        choices: field.choices.iter().map(choice).collect(),
        extensions: field.extensions.clone(),
        show_if: show_if
            .map(|(name, values)| (name.clone(), values.values().iter().map(scalar).collect()))
            .collect(),
        value: match is_secret {
            true => Value::Null,
            false => answers.value(field).unwrap_or(Value::Null),
        },
        is_set: match is_secret {
            true => answers.secret.contains(&field.name),
            false => answers.plain.contains_key(&field.name) && valid::default(field).is_none(),
        },
        env: field.env.clone(),
    }
}

fn choice(choice: &Choice) -> FieldChoice {
    match choice {
        Choice::Plain(value) => {
            FieldChoice { value: value.clone(), label: value.clone(), help: None }
        }
        Choice::Labelled(choice) => FieldChoice {
            value: choice.value.clone(),
            label: choice.label.clone(),
            help: choice.help.clone(),
        },
    }
}

fn field_type(kind: FieldKind) -> FieldType {
    match kind {
        FieldKind::Text => FieldType::Text,
        FieldKind::Secret => FieldType::Secret,
        FieldKind::Url => FieldType::Url,
        FieldKind::Email => FieldType::Email,
        FieldKind::Number => FieldType::Number,
        FieldKind::Choice => FieldType::Choice,
        FieldKind::Switch => FieldType::Switch,
        FieldKind::File => FieldType::File,
        FieldKind::Folder => FieldType::Folder,
        FieldKind::Database => FieldType::Database,
    }
}

#[expect(clippy::cast_precision_loss, reason = "JSON's numbers have no more")]
fn scalar(written: &WrittenScalar) -> Scalar {
    match written {
        WrittenScalar::String(text) => Scalar::Text(text.clone()),
        WrittenScalar::Boolean(flag) => Scalar::Boolean(*flag),
        WrittenScalar::Integer(number) => Scalar::Number(*number as f64),
        WrittenScalar::Float(number) => Scalar::Number(*number),
    }
}
