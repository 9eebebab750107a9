//! What a job was given when it was told to run, to see whether it has to be started again.

use std::collections::BTreeMap;

use ensconce_plan::{JobPlan, Plan};
use serde_json::Value;

use super::values::Values;
use crate::answers::shown::Answers;

/// What a job is given, as far as it makes a difference: two that are equal run the same program
/// with the same values.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Given {
    plan: JobPlan,
    answers: BTreeMap<String, GivenAnswer>,
}

/// An answer that a job is given.
#[derive(Debug, Clone, PartialEq)]
enum GivenAnswer {
    Plain(Value),
    /// A secret, by how often it was changed: its value stays where it is.
    Secret(u64),
}

/// Returns what each of these jobs is given with the answers that there are.
///
/// Fields that are not asked have no answer, so that an answer which only changes what else is
/// asked changes what jobs are given, too.
pub(crate) fn given(plan: &Plan, names: &[String], values: &Values) -> BTreeMap<String, Given> {
    let answers = values.answers.get();
    let shown: Vec<_> = answers.shown(&plan.setup);
    let answer = |name: &str| {
        let field = shown.iter().find(|field| field.name == name)?;
        given_answer(field, &answers, values)
    };
    let jobs = plan.jobs.iter().filter(|job| names.contains(&job.name));
    jobs.map(|job| {
        let answers =
            job.answers().filter_map(|name| Some((name.to_owned(), answer(name)?))).collect();
        // A task that is only skipped now, because it has run meanwhile, is not another one.
        let plan = JobPlan { skip: None, ..job.clone() };
        (job.name.clone(), Given { plan, answers })
    })
    .collect()
}

fn given_answer(
    field: &ensconce_manifest::Field,
    answers: &Answers,
    values: &Values,
) -> Option<GivenAnswer> {
    if !field.kind.is_secret() {
        return answers.value(field).map(GivenAnswer::Plain);
    }
    let is_kept = answers.secret.contains(&field.name);
    is_kept.then(|| GivenAnswer::Secret(values.secrets.changes(&field.name)))
}
