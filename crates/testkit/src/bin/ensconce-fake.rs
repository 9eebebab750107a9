//! A service that behaves as badly as a test wants.
//!
//! Its arguments are steps, done one after another; when all are done it ends with code 0.
//!
//! | Step | What it does |
//! |---|---|
//! | `say=TEXT`, `complain=TEXT` | writes a line to stdout, stderr |
//! | `env=NAME`, `fds` | says a variable, its open file descriptors |
//! | `wait=MS`, `stay` | waits so long, forever |
//! | `touch=PATH`, `await=PATH`, `need=PATH` | makes a file, waits for one, fails without one |
//! | `exit=CODE`, `end-after=MS` | ends now, or later with code 70 |
//! | `status=N`, `fail-first=N`, `hang-up` | answers with this status, with 500 at first, closes half way |
//! | `mute`, `dribble` | accepts connections, and never answers; answers a byte now and then |
//! | `tell` | says `asked` at each request |
//! | `tcp=PORT`, `tcp6=PORT`, `unix=PATH`, `fd` | listens there from now on |
//! | `bind=ADDRESS`, `reuse-port=ADDRESS` | the same at any address, the latter beside others at the same one |
//! | `hand-over=PORT`, `given` | opens a socket for a child and ends; serves on the one that it was given |
//! | `not-dumpable` | keeps even its own user from looking into the process |
//! | `input`, `count-input` | says what it finds on its standard input, how many bytes |
//! | `port-file=PATH`, `port-line` | listens on a free port and tells it, the file in two halves |
//! | `notify` | sends `READY=1` to `NOTIFY_SOCKET` |
//! | `watchdog=MS` | sends `WATCHDOG=1` there again and again |
//! | `hang-at-usr1` | at SIGUSR1, answers nothing more and sends no `WATCHDOG=1` |
//! | `exit-at-usr1=CODE`, `grow-at-usr1=MB` | at SIGUSR1, ends, or takes that much memory |
//! | `grow=MB` | takes that much memory |
//! | `flood=BYTES`, `one-line=BYTES`, `garbage` | writes much, a long line, what is no UTF-8 |
//! | `deaf`, `slow-stop=MS` | ignores SIGTERM (Ctrl-Break on Windows), says `bye` and ends so long after it |
//! | `meet-at-stop=MINE,OTHER` | makes a file at SIGTERM and ends when there is another |
//! | `setsid`, `freeze` | leaves its session, stops itself with SIGSTOP |
//! | `child=KIND` | starts a child that stays: `plain`, `setsid`, `daemon`, `deaf`, `frozen`, `big` (60 MB) |

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is here to print")]

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

#[cfg(unix)]
use unix as system;

/// Whether it was told to hang.
static HANGS: AtomicBool = AtomicBool::new(false);

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let mut answers = Answers::default();
    for step in std::env::args().skip(1) {
        let (verb, value) = step.split_once('=').unwrap_or((&step, ""));
        if let Err(error) = act(verb, value, &mut answers) {
            eprintln!("{step}: {error}");
            return ExitCode::from(98);
        }
    }
    ExitCode::SUCCESS
}

fn act(verb: &str, value: &str, answers: &mut Answers) -> Outcome {
    match verb {
        "say" => println!("{value}"),
        "complain" => eprintln!("{value}"),
        "env" => println!("{value}={}", std::env::var(value).unwrap_or_default()),
        "wait" => thread::sleep(milliseconds(value)?),
        "stay" => stay(),
        "exit" => std::process::exit(value.parse()?),
        "end-after" => end_after(milliseconds(value)?),
        "status" => answers.status = value.parse()?,
        "fail-first" => answers.failures = Arc::new(AtomicUsize::new(value.parse()?)),
        "hang-up" => answers.manner = Manner::HangUp,
        "mute" => answers.manner = Manner::Mute,
        "dribble" => answers.manner = Manner::Dribble,
        "tell" => answers.tells = true,
        "grow" => grow(value.parse()?),
        "tcp" => serve_tcp(TcpListener::bind((Ipv4Addr::LOCALHOST, value.parse()?))?, answers),
        "tcp6" => serve_tcp(TcpListener::bind((Ipv6Addr::LOCALHOST, value.parse()?))?, answers),
        "bind" => serve_tcp(TcpListener::bind(value.parse::<SocketAddr>()?)?, answers),
        "input" => println!("input {}", io::read_to_string(io::stdin())?),
        "count-input" => println!("input {}", io::copy(&mut io::stdin(), &mut io::sink())?),
        "port-file" => tell_in_file(value, listen_anywhere(answers)?)?,
        "port-line" => println!("PORT:{}", listen_anywhere(answers)?),
        "flood" => flood(value.parse()?)?,
        "one-line" => one_line(value.parse()?)?,
        "garbage" => io::stdout().write_all(b"\xff\xfe fine\n")?,
        "touch" => std::fs::write(value, "")?,
        "await" => wait_for(value),
        "need" if std::fs::exists(value)? => {}
        "need" => return Err("it does not exist".into()),
        "child" => start_child(value)?,
        _ => return system::act(verb, value, answers),
    }
    Ok(())
}

fn milliseconds(value: &str) -> Result<Duration, std::num::ParseIntError> {
    value.parse().map(Duration::from_millis)
}

fn stay() -> ! {
    loop {
        thread::park();
    }
}

fn wait_for(path: &str) {
    while !std::fs::exists(path).unwrap_or(false) {
        thread::sleep(Duration::from_millis(1));
    }
}

fn end_after(pause: Duration) {
    thread::spawn(move || {
        thread::sleep(pause);
        std::process::exit(70);
    });
}

fn start_child(kind: &str) -> Outcome {
    let mut command = Command::new(std::env::current_exe()?);
    if matches!(kind, "setsid" | "daemon") {
        system::leave_session(&mut command);
    }
    let steps: &[&str] = match kind {
        "plain" | "setsid" => &["stay"],
        // Its parent is in a session of its own, and ends at once.
        "daemon" => &["child=plain"],
        "deaf" => &["deaf", "stay"],
        "frozen" => &["freeze", "stay"],
        "big" => &["grow=60", "stay"],
        _ => return Err("no such kind of child".into()),
    };
    command.args(steps).spawn()?;
    Ok(())
}

/// Takes memory, writes to all of it, and never gives it back.
fn grow(megabytes: usize) {
    std::mem::forget(std::hint::black_box(vec![1_u8; megabytes * 1_000_000]));
}

// --- Output -------------------------------------------------------------------------------

fn flood(bytes: usize) -> io::Result<()> {
    let chunk = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\n".repeat(1024);
    let mut out = io::stdout().lock();
    (0..bytes / chunk.len()).try_for_each(|_| out.write_all(chunk.as_bytes()))
}

fn one_line(bytes: usize) -> io::Result<()> {
    let chunk = [b'x'; 64 * 1024];
    let mut out = io::stdout().lock();
    (0..bytes / chunk.len()).try_for_each(|_| out.write_all(&chunk))?;
    out.write_all(b"\n")
}

fn tell_in_file(path: &str, port: u16) -> io::Result<()> {
    let mut file = std::fs::File::create(path)?;
    file.write_all(b"{\"port\": ")?;
    file.flush()?;
    thread::sleep(Duration::from_millis(30));
    file.write_all(format!("{port}}}").as_bytes())
}

// --- Serving ------------------------------------------------------------------------------

/// How requests are answered.
#[derive(Clone)]
struct Answers {
    status: u16,
    /// How many are still answered with 500.
    failures: Arc<AtomicUsize>,
    manner: Manner,
    /// Whether each request is told.
    tells: bool,
}

#[derive(Clone, Copy)]
enum Manner {
    Answer,
    HangUp,
    Mute,
    Dribble,
}

impl Default for Answers {
    fn default() -> Self {
        Self { status: 200, failures: Arc::default(), manner: Manner::Answer, tells: false }
    }
}

impl Answers {
    fn next_status(&self) -> u16 {
        let one_less = |left: usize| left.checked_sub(1);
        let failed = self.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less);
        if failed.is_ok() { 500 } else { self.status }
    }

    fn give(&self, mut stream: impl Read + Write) -> io::Result<()> {
        let mut request = Vec::new();
        let mut buffer = [0; 1024];
        while !request.windows(4).any(|four| four == b"\r\n\r\n") {
            match stream.read(&mut buffer)? {
                0 => return Ok(()),
                count => request.extend_from_slice(&buffer[..count]),
            }
        }
        if self.tells {
            println!("asked");
        }
        match self.manner {
            _ if HANGS.load(Ordering::SeqCst) => stay(),
            Manner::Mute => stay(),
            Manner::Dribble => {
                stream.write_all(b"HTTP/1.1 200 Fake\r\nlong: ")?;
                loop {
                    stream.write_all(b"x")?;
                    thread::sleep(Duration::from_millis(10));
                }
            }
            Manner::HangUp => stream.write_all(b"HTTP/1.1 20"),
            Manner::Answer => {
                let status = self.next_status();
                let head = format!("HTTP/1.1 {status} Fake\r\ncontent-length: 4\r\n\r\nfake");
                stream.write_all(head.as_bytes())
            }
        }
    }
}

fn listen_anywhere(answers: &Answers) -> io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    serve_tcp(listener, answers);
    Ok(port)
}

fn serve_tcp(listener: TcpListener, answers: &Answers) {
    let answers = answers.clone();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answers = answers.clone();
            thread::spawn(move || give(&answers, stream));
        }
    });
}

fn give(answers: &Answers, stream: TcpStream) {
    // The other side may be gone, which is no matter here.
    let _ = answers.give(stream);
}

// --- What only Unix has -------------------------------------------------------------------

#[cfg(unix)]
mod unix {
    use std::io::{self, Read};
    use std::net::{Ipv4Addr, SocketAddr, TcpListener};
    use std::os::fd::{AsFd, OwnedFd};
    use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
    use std::process::Command;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;
    use std::{fs, thread};

    use rustix::net::{AddressFamily, SocketType, bind, listen, socket, sockopt};
    #[cfg(target_os = "linux")]
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    use rustix::process::{Signal, getpid, kill_process, setsid};
    use signal_hook::consts::{SIGTERM, SIGUSR1};

    use super::{Answers, HANGS, Outcome, grow, milliseconds, serve_tcp, wait_for};

    pub(super) fn act(verb: &str, value: &str, answers: &Answers) -> Outcome {
        match verb {
            "unix" => serve(UnixListener::bind(value)?, answers),
            "fd" => serve(passed()?, answers),
            "reuse-port" => serve_tcp(bind_beside_others(value.parse()?)?, answers),
            "hand-over" => hand_over(value.parse()?)?,
            "given" => {
                serve_tcp(TcpListener::from(io::stdin().as_fd().try_clone_to_owned()?), answers)
            }
            #[cfg(target_os = "linux")]
            "not-dumpable" => set_dumpable_behavior(DumpableBehavior::NotDumpable)?,
            "fds" => say_descriptors()?,
            "notify" => tell_manager(b"STATUS=up\nREADY=1\n")?,
            "watchdog" => give_signs_of_life(milliseconds(value)?),
            "hang-at-usr1" => at(SIGUSR1, || HANGS.store(true, Ordering::SeqCst))?,
            "exit-at-usr1" => exit_at_usr1(value.parse()?)?,
            "grow-at-usr1" => grow_at_usr1(value.parse()?)?,
            "deaf" => drop(signal_hook::flag::register(SIGTERM, Arc::<AtomicBool>::default())?),
            "slow-stop" => stop_slowly(milliseconds(value)?)?,
            "meet-at-stop" => meet_at_stop(value)?,
            "setsid" => drop(setsid()?),
            "freeze" => kill_process(getpid(), Signal::STOP)?,
            _ => return Err("no such step".into()),
        }
        Ok(())
    }

    /// A child that begins by leaving its session; called before its other arguments are given.
    pub(super) fn leave_session(command: &mut std::process::Command) {
        command.arg("setsid");
    }

    fn serve(listener: UnixListener, answers: &Answers) {
        let answers = answers.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let answers = answers.clone();
                thread::spawn(move || answers.give(stream));
            }
        });
    }

    /// Listens at an address where others of the same user listen as well.
    fn bind_beside_others(address: SocketAddr) -> io::Result<TcpListener> {
        let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
        let socket = socket(family, SocketType::STREAM, None)?;
        sockopt::set_socket_reuseport(&socket, true)?;
        bind(&socket, &address)?;
        listen(&socket, 16)?;
        Ok(TcpListener::from(socket))
    }

    /// Gives a socket to a child that stays, and ends.
    fn hand_over(port: u16) -> Outcome {
        let socket = OwnedFd::from(TcpListener::bind((Ipv4Addr::LOCALHOST, port))?);
        let program = std::env::current_exe()?;
        Command::new(program).args(["given", "stay"]).stdin(socket).spawn()?;
        std::process::exit(0)
    }

    /// Takes the socket that systemd would have passed, if it was passed to this very process.
    fn passed() -> Result<UnixListener, Box<dyn std::error::Error>> {
        let meant_for = std::env::var("LISTEN_PID")?;
        if meant_for != std::process::id().to_string() || std::env::var("LISTEN_FDS")? != "1" {
            return Err("no socket was passed to this process".into());
        }
        let address = fs::read_link("/proc/self/fd/3")?;
        println!("passed {}", address.display());
        Ok(from_descriptor())
    }

    #[allow(unsafe_code)]
    fn from_descriptor() -> UnixListener {
        use std::os::fd::FromRawFd;
        // SAFETY: `LISTEN_PID` and `LISTEN_FDS` say that descriptor 3 is ours, and it is open.
        unsafe { UnixListener::from_raw_fd(3) }
    }

    fn say_descriptors() -> Outcome {
        let own = fs::read_dir("/proc/self/fd")?;
        let numbers: std::collections::BTreeSet<u32> = own
            .flatten()
            // The folder that is being read is open itself, and gone when its link is followed.
            .filter(|entry| fs::read_link(entry.path()).is_ok_and(|to| !to.starts_with("/proc")))
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .collect();
        println!("fds {numbers:?}");
        Ok(())
    }

    fn tell_manager(message: &[u8]) -> Outcome {
        let socket = UnixDatagram::unbound()?;
        socket.send_to(message, std::env::var("NOTIFY_SOCKET")?)?;
        Ok(())
    }

    fn give_signs_of_life(pause: Duration) {
        thread::spawn(move || {
            while !HANGS.load(Ordering::SeqCst) {
                // The manager may be gone, which is no matter here.
                let _ = tell_manager(b"WATCHDOG=1");
                thread::sleep(pause);
            }
        });
    }

    fn exit_at_usr1(code: i32) -> Outcome {
        at(SIGUSR1, move || std::process::exit(code))
    }

    fn grow_at_usr1(megabytes: usize) -> Outcome {
        at(SIGUSR1, move || grow(megabytes))
    }

    fn stop_slowly(pause: Duration) -> Outcome {
        at_stop(move || thread::sleep(pause))
    }

    fn meet_at_stop(files: &str) -> Outcome {
        let (mine, other) = files.split_once(',').ok_or("two files are needed")?;
        let (mine, other) = (mine.to_owned(), other.to_owned());
        at_stop(move || {
            let _ = fs::write(mine, "");
            wait_for(&other);
        })
    }

    fn at_stop(act: impl FnOnce() + Send + 'static) -> Outcome {
        at(SIGTERM, move || {
            println!("asked");
            act();
            println!("bye");
            std::process::exit(0);
        })
    }

    /// Does something when a signal comes for the first time.
    fn at(signal: i32, act: impl FnOnce() + Send + 'static) -> Outcome {
        let (mut asked, write) = UnixStream::pair()?;
        signal_hook::low_level::pipe::register(signal, write)?;
        thread::spawn(move || {
            let _ = asked.read(&mut [0]);
            act();
        });
        Ok(())
    }
}

#[cfg(windows)]
#[path = "../fake/windows.rs"]
mod system;
