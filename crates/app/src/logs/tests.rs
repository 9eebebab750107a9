//! Logs in a real folder.

use std::fs;
use std::path::Path;

use ensconce_supervisor::Stream;

use super::*;

fn line<'a>(job: &'a str, text: &'a str) -> LogLine<'a> {
    LogLine { job, stream: Stream::Stdout, text }
}

fn texts(reader: &mut LogReader) -> Vec<String> {
    let mut texts = Vec::new();
    loop {
        let entries = reader.read().unwrap();
        if entries.is_empty() {
            return texts;
        }
        texts.extend(entries.into_iter().map(|entry| entry.text));
    }
}

fn newest(folder: &Path, service: Option<&str>, lines: usize) -> Vec<String> {
    texts(&mut LogReader::open(folder, service, lines).unwrap())
}

#[test]
fn each_has_its_own_log_and_all_are_in_the_merged_one() {
    let folder = tempfile::tempdir().unwrap();
    let logs = Logs::begin(folder.path().to_owned());
    logs.add(line("api", "one"));
    logs.add(LogLine { job: "app", stream: Stream::Stderr, text: "two" });
    logs.add(line("api", ""));
    logs.finish();
    assert_eq!(newest(folder.path(), Some("api"), 10), ["one", ""]);
    assert_eq!(newest(folder.path(), Some("app"), 10), ["two"]);
    assert_eq!(newest(folder.path(), None, 10), ["one", "two", ""]);
    let merged = fs::read_to_string(folder.path().join("app.log")).unwrap();
    let second = merged.lines().nth(1).unwrap();
    assert_eq!(&second[24..], " app stderr two");
    assert_eq!(log_names(folder.path()).into_iter().collect::<Vec<_>>(), ["api", "app"]);
}

#[test]
fn a_flood_stays_within_bounds() {
    let folder = tempfile::tempdir().unwrap();
    let long = "x".repeat(16 * 1024);
    for _ in 0..60 {
        // Each time as much as a queue holds of one service, so that nothing is left out.
        let logs = Logs::begin(folder.path().to_owned());
        for _ in 0..100 {
            logs.add(line("api", &long));
        }
        logs.finish();
    }
    let sizes = fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap().metadata().unwrap().len());
    let sizes: Vec<u64> = sizes.collect();
    assert_eq!(sizes.len(), 2 * (1 + places::KEPT));
    assert!(sizes.iter().all(|size| *size <= file::LARGEST), "{sizes:?}");
}

#[test]
fn the_newest_lines_are_read_across_files() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("api.2.log"), "1\n2\n3\n").unwrap();
    fs::write(folder.path().join("api.1.log"), "4\n5\n").unwrap();
    fs::write(folder.path().join("api.log"), "6\n7\n").unwrap();
    let all = ["1", "2", "3", "4", "5", "6", "7"];
    for lines in 0..=8 {
        let expected = &all[all.len().saturating_sub(lines)..];
        assert_eq!(newest(folder.path(), Some("api"), lines), expected, "{lines}");
    }
}

#[test]
fn long_lines_are_counted_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let long = "x".repeat(200_000);
    fs::write(folder.path().join("api.log"), format!("1\n{long}\n2\n")).unwrap();
    assert_eq!(newest(folder.path(), Some("api"), 2), [long.as_str(), "2"]);
}

#[test]
#[cfg_attr(windows, ignore = "Wine replaces no file that is open")]
fn a_reader_goes_along_when_files_change() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("api.log");
    let rotate = |text: &str| {
        for number in (1..places::KEPT).rev() {
            let _ = fs::rename(places::aside(&path, number), places::aside(&path, number + 1));
        }
        fs::rename(&path, places::aside(&path, 1)).unwrap();
        fs::write(&path, text).unwrap();
    };
    let mut reader = LogReader::open(folder.path(), Some("api"), 10).unwrap();
    assert!(texts(&mut reader).is_empty());
    fs::write(&path, "1\n2").unwrap();
    assert_eq!(texts(&mut reader), ["1"]);
    fs::write(&path, "1\n2\n3\n").unwrap();
    rotate("4\n");
    rotate("5\n");
    assert_eq!(texts(&mut reader), ["2", "3", "4", "5"]);
    (6..=9).for_each(|number| rotate(&format!("{number}\n")));
    let missed = texts(&mut reader);
    assert!(missed[0].contains("removed before they could be read"), "{missed:?}");
    assert_eq!(missed[1..], ["6", "7", "8", "9"]);
}

#[test]
fn a_line_that_was_cut_off_by_a_kill_does_not_take_the_next_one_with_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("api.log"), "half a li").unwrap();
    let logs = Logs::begin(folder.path().to_owned());
    logs.add(line("api", "next"));
    logs.finish();
    assert_eq!(newest(folder.path(), Some("api"), 10), ["half a li", "next"]);
}

#[test]
fn a_folder_that_is_taken_away_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("logs");
    let logs = Logs::begin(inner.clone());
    logs.add(line("api", "one"));
    ensconce_testkit::eventually("it is written", || newest(&inner, Some("api"), 1) == ["one"]);
    fs::remove_dir_all(&inner).unwrap();
    logs.add(line("api", "two"));
    logs.finish();
    assert_eq!(newest(&inner, Some("api"), 9), ["two"]);
}

#[test]
fn what_cannot_be_written_is_counted_and_told_later() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("logs");
    // A file where the folder should be.
    fs::write(&inner, "").unwrap();
    let (queue, writer) = (Queue::default(), Writer::new(Places::new(inner.clone())));
    for text in ["one", "two"] {
        queue.add("api", Source::Stdout, text);
    }
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| writer.run(&queue));
        ensconce_testkit::eventually("all is taken", || queue.is_empty());
        // One more round, so that the first has surely failed.
        queue.add("api", Source::Stdout, "three");
        ensconce_testkit::eventually("all is taken", || queue.is_empty());
        fs::remove_file(&inner).unwrap();
        queue.add("api", Source::Stdout, "four");
        queue.close();
        thread.join().unwrap();
    });
    let lines = newest(&inner, Some("api"), 9);
    assert!(lines[0].ends_with("left out here"), "{lines:?}");
    assert_eq!(lines.last().unwrap(), "four");
    let merged = LogReader::open(&inner, None, 9).unwrap().read().unwrap();
    assert_eq!((merged[0].source, merged[0].service.as_deref()), (Source::Ensconce, None));
}

#[test]
fn only_the_newest_reports_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..12 {
        let path = folder.path().join("reports").join(format!("2026010{number:02}-api.txt"));
        write_report(&path, "text").unwrap();
    }
    let left = fs::read_dir(folder.path().join("reports")).unwrap();
    let mut left: Vec<_> = left.map(|file| file.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left.len(), 10);
    assert_eq!(left[0], "202601002-api.txt");
}
