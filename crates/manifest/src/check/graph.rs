//! A graph of names that refer to each other, and the cycles in it.

use std::collections::HashMap;

use super::place::Place;

/// More cycles than this are not reported for one graph.
const MOST_CYCLES: usize = 10;

/// Longer cycles are shortened in messages.
const LONGEST_CYCLE: usize = 10;

/// Which name refers to which.
#[derive(Default)]
pub(super) struct Graph<'a> {
    edges: HashMap<String, Vec<Edge<'a>>>,
    order: Vec<String>,
}

/// A reference from one name to another, and where it is written.
pub(super) struct Edge<'a> {
    pub(super) to: String,
    pub(super) place: Place<'a>,
}

/// Names that lead back to the first of them.
pub(super) struct Cycle<'g, 'a> {
    names: Vec<&'g str>,
    /// The reference that closes it.
    pub(super) closing: &'g Edge<'a>,
}

impl<'a> Graph<'a> {
    /// Adds a name with its references.
    pub(super) fn add(&mut self, name: &str, edges: Vec<Edge<'a>>) {
        self.order.push(name.to_owned());
        self.edges.insert(name.to_owned(), edges);
    }

    /// Returns all references, in the order in which names were added.
    pub(super) fn all_edges(&self) -> impl Iterator<Item = &Edge<'a>> {
        self.order.iter().flat_map(|name| self.edges(name))
    }

    fn edges(&self, name: &str) -> &[Edge<'a>] {
        self.edges.get(name).map_or(&[], Vec::as_slice)
    }

    /// Returns cycles, one for each reference that closes one.
    pub(super) fn cycles(&self) -> Vec<Cycle<'_, 'a>> {
        let mut cycles = Vec::new();
        let mut visits = HashMap::new();
        for name in &self.order {
            self.descend(name, &mut visits, &mut cycles);
        }
        cycles.truncate(MOST_CYCLES);
        cycles
    }

    /// Visits everything below a name, depth first. Without recursion, because chains can be longer
    /// than a stack is deep.
    fn descend<'g>(
        &'g self,
        from: &'g str,
        visits: &mut HashMap<&'g str, Visit>,
        cycles: &mut Vec<Cycle<'g, 'a>>,
    ) {
        if visits.contains_key(from) {
            return;
        }
        visits.insert(from, Visit::Open);
        let mut path = vec![(from, 0)];
        while let Some((name, next)) = path.last_mut() {
            let Some(edge) = self.edges(name).get(*next) else {
                visits.insert(name, Visit::Done);
                path.pop();
                continue;
            };
            *next += 1;
            match visits.get(edge.to.as_str()) {
                // A name that is still open is on the path: the path leads back to it.
                Some(Visit::Open) if cycles.len() < MOST_CYCLES => {
                    let names = path.iter().map(|(name, _)| *name);
                    let names = names.skip_while(|name| *name != edge.to).collect();
                    cycles.push(Cycle { names, closing: edge });
                }
                Some(_) => {}
                None => {
                    visits.insert(&edge.to, Visit::Open);
                    path.push((&edge.to, 0));
                }
            }
        }
    }
}

/// How far the search has got with a name.
enum Visit {
    Open,
    Done,
}

impl Cycle<'_, '_> {
    /// Returns the name, if it refers to itself.
    pub(super) fn itself(&self) -> Option<&str> {
        if let [name] = self.names.as_slice() { Some(name) } else { None }
    }

    /// Writes `a -> b -> a`, shortened in the middle.
    pub(super) fn path(&self) -> String {
        let mut names = self.names.clone();
        if names.len() > LONGEST_CYCLE {
            names.splice(LONGEST_CYCLE / 2..names.len() - LONGEST_CYCLE / 2, ["…"]);
        }
        names.push(&self.closing.to);
        names.join(" -> ")
    }
}
