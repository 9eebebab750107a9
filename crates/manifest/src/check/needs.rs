//! Checks what services and tasks need: that it exists, and that there is no cycle.

use super::context::{Context, Named};
use super::graph::{Cycle, Edge, Graph};
use super::place::Place;
use super::variants::{Layers, VARIANTS, Variant, in_each};
use crate::diagnostics::Finding;
use crate::words::quote;

pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    in_each(&VARIANTS, |variant| {
        let graph = graph(context, variant);
        let needs = graph.all_edges();
        let unknown = needs.filter_map(|need| unknown(context, &need.to, &need.place));
        unknown.chain(graph.cycles().iter().map(cycle)).collect()
    })
}

/// Reports a name in `needs` that refers to nothing.
pub(super) fn unknown(context: &Context<'_>, name: &str, place: &Place<'_>) -> Option<Finding> {
    if context.named(name) != Named::Nothing {
        return None;
    }
    let finding = Finding::new(place.range(), format!("Unknown service or task {}", quote(name)));
    Some(finding.hint(context.instead_of("task", name)))
}

/// Returns which service or task needs which, in a variant.
fn graph<'a>(context: &Context<'a>, variant: Variant) -> Graph<'a> {
    let (platform, mode) = variant;
    let mut graph = Graph::default();
    for (name, service) in &context.manifest.services {
        let layers = Layers::new(&context.service(name), variant);
        graph.add(name, edges(service.resolve(platform, mode).needs, &layers));
    }
    for (name, task) in &context.manifest.tasks {
        let layers = Layers::new(&context.task(name), variant);
        graph.add(name, edges(task.resolve(platform, mode).needs, &layers));
    }
    graph
}

fn edges<'a>(needs: Option<Vec<String>>, layers: &Layers<'a>) -> Vec<Edge<'a>> {
    let list = layers.get("needs");
    let needs = needs.into_iter().flatten().enumerate();
    needs.map(|(index, to)| Edge { to, place: list.item(index) }).collect()
}

fn cycle(cycle: &Cycle<'_, '_>) -> Finding {
    let message = match cycle.itself() {
        Some(name) => format!("{} needs itself", quote(name)),
        None => format!("Cycle in `needs`: {}", cycle.path()),
    };
    Finding::new(cycle.closing.place.range(), message).hint("None of them could start first")
}
