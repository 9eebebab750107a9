//! Two pipes within one process, with a message on each line.

use std::io::{self, BufRead, BufReader, PipeReader, PipeWriter, Write};
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// One side's ends of the two pipes.
#[derive(Debug)]
pub struct Ends {
    reader: PipeReader,
    writer: PipeWriter,
}

/// The ends as raw numbers of the operating system, to pass them to a library.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct RawEnds {
    reader: isize,
    writer: isize,
}

/// Reads messages; the sequence ends when the other side closes its end.
#[derive(Debug)]
pub struct Receiver<T> {
    lines: BufReader<PipeReader>,
    kind: PhantomData<T>,
}

/// Writes messages.
#[derive(Debug)]
pub struct Sender<T> {
    pipe: PipeWriter,
    kind: PhantomData<T>,
}

/// Creates two pipes and returns the ends of each side. No child process inherits them.
///
/// # Errors
/// When the process has too many files open.
pub fn ends() -> io::Result<(Ends, Ends)> {
    let (near, far_writer) = io::pipe()?;
    let (far, near_writer) = io::pipe()?;
    Ok((Ends { reader: near, writer: near_writer }, Ends { reader: far, writer: far_writer }))
}

impl Ends {
    /// Splits the ends into a receiver and a sender.
    pub fn split<In, Out>(self) -> (Receiver<In>, Sender<Out>) {
        let receiver = Receiver { lines: BufReader::new(self.reader), kind: PhantomData };
        (receiver, Sender { pipe: self.writer, kind: PhantomData })
    }
}

impl<T: DeserializeOwned> Iterator for Receiver<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        let mut line = String::new();
        match self.lines.read_line(&mut line) {
            Ok(0) | Err(_) => None,
            // Both sides are of the same build, so a line that cannot be read ends the sequence.
            Ok(_) => serde_json::from_str(&line).ok(),
        }
    }
}

impl<T: Serialize> Sender<T> {
    /// Writes a message.
    ///
    /// # Errors
    /// When the other side has closed its end.
    pub fn send(&mut self, message: &T) -> io::Result<()> {
        let mut line = serde_json::to_vec(message)?;
        line.push(b'\n');
        self.pipe.write_all(&line)
    }
}

#[cfg(unix)]
mod raw {
    use std::os::fd::{FromRawFd, IntoRawFd, OwnedFd, RawFd};

    use super::{Ends, RawEnds};

    impl Ends {
        /// Releases the ends as raw numbers; whoever takes them has to close them.
        pub(crate) fn into_raw(self) -> RawEnds {
            let number = |fd: RawFd| isize::try_from(fd).unwrap_or(-1);
            RawEnds {
                reader: number(OwnedFd::from(self.reader).into_raw_fd()),
                writer: number(OwnedFd::from(self.writer).into_raw_fd()),
            }
        }

        /// Takes over ends that were released as raw numbers.
        ///
        /// # Safety
        /// They must come from the program that has loaded this library, and be taken only once.
        #[allow(unsafe_code)]
        pub unsafe fn from_raw(raw: RawEnds) -> Self {
            let own = |number: isize| {
                let fd = RawFd::try_from(number).unwrap_or(-1);
                // SAFETY: the caller guarantees it; see above.
                unsafe { OwnedFd::from_raw_fd(fd) }
            };
            Self { reader: own(raw.reader).into(), writer: own(raw.writer).into() }
        }
    }
}

#[cfg(windows)]
mod raw {
    use std::os::windows::io::{FromRawHandle, IntoRawHandle, OwnedHandle, RawHandle};

    use super::{Ends, RawEnds};

    impl Ends {
        /// Releases the ends as raw numbers; whoever takes them has to close them.
        pub(crate) fn into_raw(self) -> RawEnds {
            RawEnds {
                reader: OwnedHandle::from(self.reader).into_raw_handle() as isize,
                writer: OwnedHandle::from(self.writer).into_raw_handle() as isize,
            }
        }

        /// Takes over ends that were released as raw numbers.
        ///
        /// # Safety
        /// They must come from the program that has loaded this library, and be taken only once.
        #[allow(unsafe_code)]
        pub unsafe fn from_raw(raw: RawEnds) -> Self {
            // SAFETY: the caller guarantees it; see above.
            let own = |number: isize| unsafe { OwnedHandle::from_raw_handle(number as RawHandle) };
            Self { reader: own(raw.reader).into(), writer: own(raw.writer).into() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ensconce_protocol::{FromWindow, ToWindow};

    #[test]
    fn messages_go_both_ways_and_end_with_the_other_side() {
        let (host, window) = ends().unwrap();
        #[allow(unsafe_code)]
        // SAFETY: they were just made, and are taken once.
        let window = unsafe { Ends::from_raw(window.into_raw()) };
        let (mut from_window, mut to_window) = host.split::<FromWindow, ToWindow>();
        let (mut orders, mut told) = window.split::<ToWindow, FromWindow>();
        to_window.send(&ToWindow::Exit(3)).unwrap();
        assert!(matches!(orders.next(), Some(ToWindow::Exit(3))));
        told.send(&FromWindow::Trouble("a\nb \u{e4}".to_owned())).unwrap();
        assert!(
            matches!(from_window.next(), Some(FromWindow::Trouble(text)) if text == "a\nb \u{e4}")
        );
        drop(told);
        assert!(from_window.next().is_none());
        drop(to_window);
        assert!(orders.next().is_none());
    }
}
