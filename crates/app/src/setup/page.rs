//! The answers of one page, from what was given to what is kept.

use std::collections::BTreeMap;

use ensconce_manifest::Field;
use ensconce_plan::{SetupPage, SetupPlan};
use serde_json::Value;

use crate::answers::shown::Answers;
use crate::answers::valid;

/// The answers of one page that are other ones than before. Of fields that are not named here,
/// nothing is said.
#[derive(Clone, Default)]
pub(crate) struct PageAnswers {
    /// Answers that are no secrets; none for those that are taken back.
    pub(super) plain: BTreeMap<String, Option<Value>>,
    /// New secrets; none for those that are to be forgotten.
    pub(super) secret: BTreeMap<String, Option<String>>,
}

impl PageAnswers {
    /// Takes what was given for a page, as far as each field takes it; the error says for each
    /// field what is wrong.
    pub(super) fn take(
        page: &SetupPage,
        setup: &SetupPlan,
        given: BTreeMap<String, Value>,
        imported: &BTreeMap<String, Value>,
        before: &Answers,
    ) -> Result<Self, BTreeMap<String, String>> {
        let mut answers = Self::default();
        let mut wrong = BTreeMap::new();
        for field in page.fields.iter().map(|one| &one.field) {
            let Some(value) = value_for(field, &given, imported) else { continue };
            match valid::answer(field, &value) {
                Ok(value) => answers.add(field, value, before),
                Err(why) => drop(wrong.insert(field.name.clone(), why)),
            }
        }
        let after = answers.merged_into(before.clone());
        let is_own = |field: &&Field| page.fields.iter().any(|one| one.field.name == field.name);
        let shown: Vec<&Field> = after.shown(setup).into_iter().filter(is_own).collect();
        // What is wrong with a field that is not asked does not matter.
        wrong.retain(|name, _| shown.iter().any(|field| field.name == *name));
        for field in shown.iter().filter(|field| field.required && !after.has(field)) {
            wrong.entry(field.name.clone()).or_insert_with(|| "This is required.".to_owned());
        }
        if wrong.is_empty() { Ok(answers) } else { Err(wrong) }
    }

    fn add(&mut self, field: &Field, value: Option<Value>, before: &Answers) {
        let name = field.name.clone();
        match (field.kind.is_secret(), value) {
            (true, Some(value)) => drop(self.secret.insert(name, Some(valid::text(&value)))),
            // An empty secret that there was none of before is no change.
            (true, None) if before.secret.contains(&name) => {
                self.secret.insert(name, None);
            }
            (true, None) => {}
            (false, value) => drop(self.plain.insert(name, value)),
        }
    }

    /// Returns all answers, with these.
    pub(super) fn merged_into(&self, mut answers: Answers) -> Answers {
        for (name, value) in &self.plain {
            match value {
                Some(value) => drop(answers.plain.insert(name.clone(), value.clone())),
                None => drop(answers.plain.remove(name)),
            }
        }
        for (name, value) in &self.secret {
            match value {
                Some(_) => drop(answers.secret.insert(name.clone())),
                None => drop(answers.secret.remove(name)),
            }
        }
        answers
    }

    /// Returns the secrets that are new, with their names.
    pub(super) fn new_secrets(&self) -> impl Iterator<Item = (&str, &str)> {
        let secrets = self.secret.iter();
        secrets.filter_map(|(name, value)| Some((name.as_str(), value.as_deref()?)))
    }
}

/// Returns what was given for a field, if anything was. `null` leaves a secret as it is, or takes
/// the one of a settings file that was imported.
fn value_for(
    field: &Field,
    given: &BTreeMap<String, Value>,
    imported: &BTreeMap<String, Value>,
) -> Option<Value> {
    match given.get(&field.name) {
        None | Some(Value::Null) if field.kind.is_secret() => imported.get(&field.name).cloned(),
        value => value.cloned(),
    }
}
