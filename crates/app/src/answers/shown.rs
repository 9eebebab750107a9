//! Which questions are asked with the answers that there are, and what of the app waits for more.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ensconce_manifest::Field;
use ensconce_plan::{Plan, SetupPlan};
use serde_json::Value;

use super::valid;

/// The answers that are known.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Answers {
    /// Those that are no secrets, by the names of their fields.
    pub(crate) plain: BTreeMap<String, Value>,
    /// The names of the fields whose secrets are kept.
    pub(crate) secret: BTreeSet<String>,
}

impl Answers {
    /// Returns the answer to a field that is no secret. One that the field no longer takes, because
    /// the app has changed, counts as none.
    pub(crate) fn value(&self, field: &Field) -> Option<Value> {
        let kept = self.plain.get(&field.name);
        let kept = kept.and_then(|value| valid::answer(field, value).ok().flatten());
        kept.or_else(|| valid::default(field))
    }

    /// Returns whether there is an answer.
    pub(crate) fn has(&self, field: &Field) -> bool {
        match field.kind.is_secret() {
            true => self.secret.contains(&field.name),
            false => self.value(field).is_some(),
        }
    }

    /// Returns the fields that are asked with these answers.
    pub(crate) fn shown<'p>(&self, setup: &'p SetupPlan) -> Vec<&'p Field> {
        let fields: HashMap<&str, &Field> =
            setup.fields().map(|field| (field.name.as_str(), field)).collect();
        setup.fields().filter(|field| self.is_shown(field, &fields)).collect()
    }

    /// Follows conditions to the end: the manifest's check has made sure that there is no cycle.
    fn is_shown(&self, field: &Field, fields: &HashMap<&str, &Field>) -> bool {
        field.show_if.iter().all(|(name, wanted)| {
            let Some(other) = fields.get(name.as_str()) else { return true };
            let value = self.value(other).as_ref().map(valid::text);
            let fits = |value: String| wanted.values().iter().any(|one| one.to_string() == value);
            value.is_some_and(fits) && self.is_shown(other, fields)
        })
    }

    /// Returns the fields without which the app is not complete.
    pub(crate) fn missing<'p>(&self, setup: &'p SetupPlan) -> Vec<&'p Field> {
        let shown = self.shown(setup).into_iter();
        shown.filter(|field| field.required && !self.has(field)).collect()
    }

    /// Returns the jobs that cannot start before there are more answers: those that are given one
    /// that is missing, and those that need them. A service that checks answers starts without.
    pub(crate) fn held(&self, plan: &Plan) -> BTreeSet<String> {
        let missing: BTreeSet<&str> =
            self.missing(&plan.setup).iter().map(|field| field.name.as_str()).collect();
        let asked: BTreeSet<&str> = plan.setup.asked_services().collect();
        let needed = needed_by(plan, &asked);
        let mut held = BTreeSet::new();
        // They are in order: each after all that it needs.
        for job in &plan.jobs {
            let waits = job.answers().any(|name| missing.contains(name));
            let follows = job.needs.iter().any(|need| held.contains(need));
            if (waits || follows) && !needed.contains(job.name.as_str()) {
                held.insert(job.name.clone());
            }
        }
        held
    }
}

/// Returns some jobs, and all that they need.
fn needed_by<'p>(plan: &'p Plan, names: &BTreeSet<&'p str>) -> BTreeSet<&'p str> {
    let mut needed = names.clone();
    for job in plan.jobs.iter().rev() {
        if needed.contains(job.name.as_str()) {
            needed.extend(job.needs.iter().map(String::as_str));
        }
    }
    needed
}
