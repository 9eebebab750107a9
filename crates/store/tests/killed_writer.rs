//! A writer is killed a thousand times; its document is whole each time, and nothing piles up.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use ensconce_store::{Document, Found, Kept, Unusable};
use serde::{Deserialize, Serialize};

const KILLS: usize = 1000;

/// Writers at a time; most of the time they wait for the disk.
const WRITERS: usize = 4;

/// Longer than a few writes take, shorter than many do.
const LONGEST_LIFE: Duration = Duration::from_micros(4000);

/// Names the document to the child.
const DOCUMENT: &str = "ENSCONCE_TEST_DOCUMENT";

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Counted {
    count: u64,
    /// Depends on the count, and is long enough that half of it can be missing.
    bulk: String,
}

impl Counted {
    fn new(count: u64) -> Self {
        Self { count, bulk: format!("{count} ").repeat(500 + count as usize % 500) }
    }
}

impl Kept for Counted {
    const VERSION: u32 = 1;
    const WHEN_BROKEN: Unusable = Unusable::Refuse;
    const WHEN_NEWER: Unusable = Unusable::Refuse;
}

#[test]
fn a_killed_writer_leaves_a_whole_document_and_no_litter() {
    let writers: Vec<_> = (0..WRITERS).map(|_| std::thread::spawn(kill_often)).collect();
    let written: u64 = writers.into_iter().map(|writer| writer.join().unwrap()).sum();
    assert!(written > 0, "no writer got as far as a single write");
}

/// The child of the test above: writes ever higher counts, and says which are there for good.
#[test]
#[ignore = "is started, and killed, by the other test"]
fn writer() {
    let document = Document::<Counted>::open(PathBuf::from(std::env::var_os(DOCUMENT).unwrap()));
    let mut count = document.read().unwrap().content().map_or(0, |counted| counted.count);
    loop {
        count += 1;
        document.write(&Counted::new(count)).unwrap();
        let mut stdout = std::io::stdout().lock();
        writeln!(stdout, "\nconfirmed {count}").unwrap();
        stdout.flush().unwrap();
    }
}

fn kill_often() -> u64 {
    let folder = ensconce_testkit::temp_dir();
    let path = folder.path().join("state.json");
    let mut last = 0;
    for _ in 0..KILLS / WRITERS {
        last = live_and_die(&path).max(last);
        let names = names_in(folder.path());
        assert!(names.len() <= 2, "the next writer clears up after the one before: {names:?}");
        let document = Document::<Counted>::open(path.clone());
        last = match document.read().unwrap() {
            Found::Nothing if last == 0 => 0,
            Found::Content(found) => {
                assert!(found.count >= last, "{} was confirmed, {} is there", last, found.count);
                assert_eq!(found, Counted::new(found.count));
                found.count
            }
            other => panic!("{last} was confirmed, but: {other:?}"),
        };
        assert!(names_in(folder.path()).iter().all(|name| name == "state.json"));
    }
    last
}

/// Starts a writer, kills it at some point, and returns the last count that it confirmed.
fn live_and_die(path: &Path) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "writer", "--ignored", "--nocapture", "--test-threads=1"])
        .env(DOCUMENT, path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    // From its first word on: before, it does nothing that could be broken.
    lines.find(|line| line.contains("running 1 test"));
    std::thread::sleep(some_time());
    child.kill().unwrap();
    child.wait().unwrap();
    let counts = lines.filter_map(|line| line.strip_prefix("confirmed ")?.parse().ok());
    counts.last().unwrap_or(0)
}

fn some_time() -> Duration {
    let mut random = [0; 4];
    getrandom::fill(&mut random).unwrap();
    LONGEST_LIFE.mul_f64(f64::from(u32::from_le_bytes(random)) / f64::from(u32::MAX))
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
}
