//! What holds for every plan.

use std::collections::HashSet;

use ensconce_plan::{Lookup, Part, Text};
use proptest::prelude::*;

use crate::check::{facts, plan_jobs};

/// Steps that only need those with a smaller number, written in any order.
fn graphs() -> impl Strategy<Value = Vec<(usize, Vec<usize>)>> {
    let needs = |job: usize| prop::collection::hash_set(0..job.max(1), 0..4);
    let jobs = (1usize..12).prop_flat_map(move |count| {
        (0..count).map(|job| needs(job).prop_map(move |needs| (job, needs))).collect::<Vec<_>>()
    });
    let earlier = |(job, needs): (usize, HashSet<usize>)| {
        (job, needs.into_iter().filter(|need| *need < job).collect())
    };
    jobs.prop_map(move |jobs| jobs.into_iter().map(earlier).collect()).prop_shuffle()
}

fn manifest_of(graph: &[(usize, Vec<usize>)]) -> String {
    let job = |(job, needs): &(usize, Vec<usize>)| {
        let kind = if job % 2 == 0 { "task" } else { "service" };
        let needs: Vec<String> = needs.iter().map(|need| format!("s{need}")).collect();
        format!("[{kind}.s{job}]\ncommand = [\"x\"]\nneeds = {needs:?}\n")
    };
    graph.iter().map(job).collect()
}

struct Only<'a>(&'a str);

impl Lookup for Only<'_> {
    fn secret(&self, _name: &str) -> Option<String> {
        Some(self.0.to_owned())
    }

    fn port(&self, _job: &str) -> Option<u16> {
        None
    }

    fn origin(&self) -> Option<String> {
        None
    }

    fn control_url(&self) -> Option<String> {
        None
    }

    fn control_token(&self) -> Option<String> {
        Some(self.0.to_owned())
    }
}

proptest! {
    #[test]
    fn each_job_comes_once_and_after_all_that_it_needs(graph in graphs()) {
        let plan = plan_jobs(&manifest_of(&graph), &facts()).unwrap();
        let mut before = HashSet::new();
        for job in &plan.jobs {
            prop_assert!(job.needs.iter().all(|need| before.contains(need)), "{}", job.name);
            prop_assert!(before.insert(job.name.clone()), "{} comes twice", job.name);
        }
        prop_assert_eq!(before.len(), graph.len());
    }

    #[test]
    fn a_secret_is_shown_by_its_name_alone(
        name in "[a-z][a-z0-9_]{0,8}",
        around in "[a-zA-Z0-9 :/=]{0,8}",
        value in "[A-Z]{12}",
    ) {
        let manifest = format!(
            "[secret.{name}]\ngenerate = 32\n[service.api]\n\
             command = [\"x\"]\n\
             env = {{ KEY = \"{around}{{secret.{name}}}\", B = \"{{secret.{name}}}\" }}\n"
        );
        let plan = plan_jobs(&manifest, &facts()).unwrap();
        let mask = format!("<secret {name}>");
        let text = plan.to_string();
        prop_assert_eq!(text.matches(&mask).count(), 2, "{}", text);
        let json = serde_json::to_string(&plan).unwrap();
        prop_assert_eq!(json.matches(&mask).count(), 2, "{}", json);
        let (_, key) = &plan.jobs[0].env[0];
        prop_assert_eq!(key.resolve(&Only(&value)), Ok(format!("{around}{value}")));
        for shown in [text, json, format!("{plan:?}")] {
            prop_assert!(!shown.contains(&value), "{}", shown);
        }
    }

    #[test]
    fn known_text_is_itself(text in ".*") {
        let known = Text::known(text.clone());
        prop_assert_eq!(&known.to_string(), &text);
        prop_assert_eq!(known.resolve(&Only("")), Ok(text.clone()));
        prop_assert_eq!(known, Text(vec![Part::Known(text)]));
    }
}
