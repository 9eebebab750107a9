//! What the pages of the wizard and of the settings are made of.

use std::collections::BTreeMap;

use ensconce_link::AppIdentity;
use ensconce_manifest::{Choice, Field, FieldKind, Scalar};
use ensconce_plan::SetupPlan;
use serde::Serialize;
use serde_json::Value;

use super::answers::Answers;
use super::valid;

/// All that the pages show.
#[derive(Debug, Serialize)]
pub(crate) struct Description {
    pub(crate) app: AppIdentity,
    pub(crate) purpose: Purpose,
    pub(crate) welcome: Option<Words>,
    pub(crate) done: Option<Words>,
    pub(crate) steps: Vec<StepView>,
    pub(crate) store: StoreView,
    pub(crate) importable: Option<Importable>,
    pub(crate) data: Option<DataView>,
}

/// Why it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Purpose {
    /// The app needs answers.
    Setup,
    /// The user wants to change some.
    Settings,
}

/// A heading and a text.
#[derive(Debug, Serialize)]
pub(crate) struct Words {
    pub(crate) title: String,
    pub(crate) text: String,
}

/// A page of the wizard.
#[derive(Debug, Serialize)]
pub(crate) struct StepView {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) text: Option<String>,
    pub(crate) complete: bool,
    pub(crate) has_check: bool,
    pub(crate) check_label: Option<String>,
    pub(crate) fields: Vec<FieldView>,
}

/// Something that is asked.
#[derive(Debug, Serialize)]
pub(crate) struct FieldView {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: FieldKind,
    pub(crate) label: String,
    pub(crate) help: Option<String>,
    pub(crate) placeholder: Option<String>,
    pub(crate) required: bool,
    pub(crate) pattern: Option<String>,
    pub(crate) pattern_help: Option<String>,
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
    pub(crate) step: Option<f64>,
    pub(crate) choices: Vec<ChoiceView>,
    pub(crate) extensions: Vec<String>,
    pub(crate) show_if: BTreeMap<String, Vec<Scalar>>,
    pub(crate) value: Value,
    pub(crate) is_set: bool,
    /// The environment variable that the answer is given to the app in.
    pub(crate) env: Option<String>,
}

/// An answer to choose.
#[derive(Debug, Serialize)]
pub(crate) struct ChoiceView {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) help: Option<String>,
}

/// Where secrets are kept.
#[derive(Debug, Serialize)]
pub(crate) struct StoreView {
    pub(crate) kind: &'static str,
    pub(crate) trouble: Option<TroubleView>,
}

/// Why secrets cannot be kept now, and what can be done.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct TroubleView {
    pub(crate) title: String,
    pub(crate) message: String,
    pub(crate) choices: Vec<&'static str>,
}

/// A settings file of earlier times.
#[derive(Debug, Serialize)]
pub(crate) struct Importable {
    pub(crate) path: String,
    pub(crate) fields: Vec<String>,
}

/// What can be done for the user's data.
#[derive(Debug, Serialize)]
pub(crate) struct DataView {
    pub(crate) databases: Vec<String>,
    pub(crate) can_export: bool,
}

/// What came of a request.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Outcome {
    pub(crate) ok: bool,
    pub(crate) message: Option<String>,
    /// What is wrong with a field, by its name.
    pub(crate) fields: BTreeMap<String, String>,
}

impl Outcome {
    pub(crate) fn done(message: Option<String>) -> Self {
        Self { ok: true, message, fields: BTreeMap::new() }
    }

    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self { ok: false, message: Some(message.into()), fields: BTreeMap::new() }
    }

    pub(crate) fn wrong(fields: BTreeMap<String, String>) -> Self {
        Self { ok: false, message: None, fields }
    }
}

/// Makes the views of all steps.
pub(crate) fn steps(setup: &SetupPlan, answers: &Answers) -> Vec<StepView> {
    let missing: Vec<&str> =
        answers.missing(setup).iter().map(|field| field.name.as_str()).collect();
    let view = |(index, step): (usize, &ensconce_plan::SetupPage)| StepView {
        name: index.to_string(),
        title: step.title.clone(),
        text: step.text.clone(),
        complete: !step.fields.iter().any(|one| missing.contains(&one.field.name.as_str())),
        has_check: step.check.is_some() || step.fields.iter().any(|one| one.check.is_some()),
        check_label: None,
        fields: step.fields.iter().map(|one| field(&one.field, answers)).collect(),
    };
    setup.steps.iter().enumerate().map(view).collect()
}

fn field(field: &Field, answers: &Answers) -> FieldView {
    let show_if = field.show_if.iter();
    FieldView {
        name: field.name.clone(),
        kind: field.kind,
        label: field.label.clone(),
        help: field.help.clone(),
        placeholder: field.placeholder.clone(),
        required: field.required,
        pattern: field.pattern.clone(),
        pattern_help: field.pattern_help.clone(),
        min: field.min,
        max: field.max,
        step: None,
        choices: field.choices.iter().map(choice).collect(),
        extensions: field.extensions.clone(),
        show_if: show_if.map(|(name, values)| (name.clone(), values.values().to_vec())).collect(),
        value: match field.kind.is_secret() {
            true => Value::Null,
            false => answers.value(field).unwrap_or(Value::Null),
        },
        env: field.env.clone(),
        is_set: match field.kind.is_secret() {
            true => answers.secret.contains(&field.name),
            false => answers.plain.contains_key(&field.name) && valid::default(field).is_none(),
        },
    }
}

fn choice(choice: &Choice) -> ChoiceView {
    match choice {
        Choice::Plain(value) => {
            ChoiceView { value: value.clone(), label: value.clone(), help: None }
        }
        Choice::Labelled(choice) => ChoiceView {
            value: choice.value.clone(),
            label: choice.label.clone(),
            help: choice.help.clone(),
        },
    }
}
