//! Reads the command line, which only the supervisor writes.

use std::ffi::OsString;

/// What the guard is started for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Run a program until its whole tree is gone.
    Run {
        /// The descriptor that becomes the program's standard input.
        input: Option<i32>,
        command: Vec<OsString>,
    },
    /// Become a program.
    Activate { command: Vec<OsString> },
}

/// Returns what to do, if the arguments say it.
pub(crate) fn parse(mut arguments: impl Iterator<Item = OsString>) -> Option<Order> {
    let verb = arguments.next()?;
    let mut options = Vec::new();
    // The program may have any name, and any argument may look like one of ours.
    loop {
        match arguments.next()? {
            end if end == "--" => break,
            option => options.push(option.into_string().ok()?),
        }
    }
    let command: Vec<OsString> = arguments.collect();
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    match (verb.to_str()?, options.as_slice()) {
        _ if command.is_empty() => None,
        ("run", []) => Some(Order::Run { input: None, command }),
        ("run", ["--input", number]) => {
            // The first three are the guard's own.
            let input = number.parse().ok().filter(|number| *number > 2)?;
            Some(Order::Run { input: Some(input), command })
        }
        ("activate", []) => Some(Order::Activate { command }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Option<Order> {
        parse(line.split_whitespace().map(OsString::from))
    }

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    #[test]
    fn what_the_supervisor_writes_is_understood() {
        let run = |input, line| Some(Order::Run { input, command: words(line) });
        assert_eq!(parsed("run -- true"), run(None, "true"));
        assert_eq!(parsed("run --input 4 -- cat -- --input"), run(Some(4), "cat -- --input"));
        let activate = Order::Activate { command: words("run --input") };
        assert_eq!(parsed("activate -- run --input"), Some(activate));
    }

    #[test]
    fn nothing_else_is() {
        for line in [
            "",
            "run",
            "run true",
            "run --",
            "activate --",
            "run --input -- true",
            "run --input x -- true",
            "run --input 0 -- true",
            "run --input -1 -- true",
            "activate --input 4 -- true",
            "walk -- true",
        ] {
            assert_eq!(parsed(line), None, "{line}");
        }
    }
}
