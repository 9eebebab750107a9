//! Checks what services and tasks need: that it exists, and that no circle comes of it.

use std::collections::HashMap;

use super::context::{Context, Named};
use super::place::Place;
use super::variants::{Layers, VARIANTS, Variant, in_each};
use crate::diagnostics::Finding;
use crate::words::quote;

/// More circles than this are not shown for a variant.
const MOST_CIRCLES: usize = 10;

/// Longer circles are shortened.
const LONGEST_CIRCLE: usize = 10;

pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    in_each(&VARIANTS, |variant| {
        let graph = Graph::new(context, variant);
        let mut findings: Vec<Finding> = graph.unknown(context).collect();
        findings.extend(graph.circles());
        findings
    })
}

/// Reports a name in `needs` that stands for nothing.
pub(super) fn unknown(context: &Context<'_>, name: &str, place: &Place<'_>) -> Option<Finding> {
    if context.named(name) != Named::Nothing {
        return None;
    }
    let finding = Finding::new(place.range(), format!("Unknown service or task {}", quote(name)));
    Some(finding.hint(context.instead_of("task", name)))
}

/// Which job needs which, in a variant.
struct Graph<'a> {
    jobs: HashMap<String, Vec<Need<'a>>>,
    order: Vec<String>,
}

struct Need<'a> {
    name: String,
    place: Place<'a>,
}

impl<'a> Graph<'a> {
    fn new(context: &Context<'a>, variant: Variant) -> Self {
        let (platform, mode) = variant;
        let mut graph = Self { jobs: HashMap::new(), order: Vec::new() };
        for (name, service) in &context.manifest.services {
            let needs = service.resolve(platform, mode).needs;
            graph.add(name, needs, &Layers::new(&context.service(name), variant));
        }
        for (name, task) in &context.manifest.tasks {
            let needs = task.resolve(platform, mode).needs;
            graph.add(name, needs, &Layers::new(&context.task(name), variant));
        }
        graph
    }

    fn add(&mut self, name: &str, needs: Option<Vec<String>>, layers: &Layers<'a>) {
        let list = layers.get("needs");
        let need = |(index, name)| Need { name, place: list.item(index) };
        let needs = needs.into_iter().flatten().enumerate().map(need).collect();
        self.order.push(name.to_owned());
        self.jobs.insert(name.to_owned(), needs);
    }

    fn unknown(&self, context: &Context<'_>) -> impl Iterator<Item = Finding> {
        let needs = self.order.iter().flat_map(|name| self.needs(name));
        needs.filter_map(|need| unknown(context, &need.name, &need.place))
    }

    fn needs(&self, name: &str) -> &[Need<'a>] {
        self.jobs.get(name).map_or(&[], Vec::as_slice)
    }

    /// Finds circles: goes down from each job, and looks for jobs that are still open.
    fn circles(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut states = HashMap::new();
        for name in &self.order {
            self.descend(name, &mut states, &mut findings);
        }
        findings.truncate(MOST_CIRCLES);
        findings
    }

    /// Goes down without recursion, for chains can be longer than a stack is deep.
    fn descend<'g>(
        &'g self,
        from: &'g str,
        states: &mut HashMap<&'g str, State>,
        findings: &mut Vec<Finding>,
    ) {
        if states.contains_key(from) {
            return;
        }
        states.insert(from, State::Open);
        let mut path = vec![(from, 0)];
        while let Some((name, next)) = path.last_mut() {
            let Some(need) = self.needs(name).get(*next) else {
                states.insert(name, State::Done);
                path.pop();
                continue;
            };
            *next += 1;
            match states.get(need.name.as_str()) {
                Some(State::Open) if findings.len() < MOST_CIRCLES => {
                    findings.push(circle(&path, need));
                }
                Some(_) => {}
                None => {
                    states.insert(&need.name, State::Open);
                    path.push((&need.name, 0));
                }
            }
        }
    }
}

/// How far a job is looked through.
enum State {
    Open,
    Done,
}

/// Writes `a -> b -> a`.
fn circle(path: &[(&str, usize)], back: &Need<'_>) -> Finding {
    let names = path.iter().map(|(name, _)| *name).skip_while(|name| *name != back.name);
    let mut names: Vec<&str> = names.collect();
    if names.len() > LONGEST_CIRCLE {
        names.splice(LONGEST_CIRCLE / 2..names.len() - LONGEST_CIRCLE / 2, ["…"]);
    }
    names.push(&back.name);
    let message = match names.as_slice() {
        [name, _] => format!("{} needs itself", quote(name)),
        names => format!("Circle in `needs`: {}", names.join(" -> ")),
    };
    Finding::new(back.place.range(), message).hint("None of them could start first")
}
