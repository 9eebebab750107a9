//! Tries answers before they are kept: asks an address, the app's own back end or a database, or
//! runs a command. Each attempt ends when its time is over, whatever it hangs on.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use ensconce_plan::{CheckMeans, CheckPlan, Lookup, Text};
use ensconce_supervisor::{
    Address, Addresses, Handle, OneOff, Outcome, Phase, Program, Settings, ShowAll, StopRule,
    StopSignal, run_once,
};
use http::{Method, Request, StatusCode, header};
use http_body_util::Full;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use super::valid;
use crate::helper;
use crate::jobs::Shared;
use crate::web::exchange;

/// The longest message of others that is shown, in characters.
const LONGEST_MESSAGE: usize = 300;
/// How long a command may take to end when its time is over.
const GRACE: Duration = Duration::from_secs(1);

/// What came of it: a sentence for people, if there is one.
pub(crate) type Verdict = Result<Option<String>, String>;

/// Tries answers within one app.
#[derive(Clone)]
pub(crate) struct Trials {
    pub(crate) shared: Shared,
    pub(crate) supervisor: Handle,
    pub(crate) launch: String,
}

/// The answers that are tried, by the names of their fields, and the variables that services get
/// them in.
#[derive(Clone, Default)]
pub(crate) struct Candidates {
    pub(crate) values: BTreeMap<String, Value>,
    pub(crate) variables: Vec<(String, String)>,
}

impl Trials {
    /// Tries answers; what others say about them holds no secret.
    pub(crate) async fn run(&self, check: &CheckPlan, candidates: &Candidates) -> Verdict {
        let attempt = self.attempt(check, candidates);
        // What has a limit of its own can say more about it.
        let verdict = match tokio::time::timeout(check.timeout + GRACE, attempt).await {
            Ok(verdict) => verdict,
            Err(_) => Err("There was no answer in time.".to_owned()),
        };
        let clean = |text: String| shorten(&self.shared.secrets.redaction().clean(&text));
        verdict.map(|message| message.map(clean)).map_err(clean)
    }

    async fn attempt(&self, check: &CheckPlan, candidates: &Candidates) -> Verdict {
        let timeout_ms = u64::try_from(check.timeout.as_millis()).unwrap_or(u64::MAX);
        match &check.means {
            CheckMeans::BackEnd { service, path, method, statuses } => {
                self.ask_back_end(service, path, method, statuses, candidates).await
            }
            CheckMeans::Http { url, method, headers, statuses } => {
                let mut texts = vec![url.clone()];
                texts.extend(headers.iter().map(|(_, value)| value.clone()));
                let mut texts = self.resolve(texts, candidates).await?.into_iter();
                let url = texts.next().unwrap_or_default();
                let names = headers.iter().map(|(name, _)| name.clone());
                let headers: BTreeMap<String, String> = names.zip(texts).collect();
                let statuses = (!statuses.is_empty()).then_some(statuses);
                let request = json!({
                    "kind": "http", "method": method, "url": url, "headers": headers,
                    "body": null, "statuses": statuses, "timeout_ms": timeout_ms,
                });
                ask_helper(request).await
            }
            CheckMeans::Postgres { url, schema } => {
                let url = self.resolve(vec![url.clone()], candidates).await?.concat();
                let request = json!({
                    "kind": "postgres", "url": url, "schema_query": schema,
                    "timeout_ms": timeout_ms,
                });
                ask_helper(request).await
            }
            CheckMeans::Command { command, env, cwd } => {
                self.run_command(command, env, cwd.clone(), check.timeout, candidates).await
            }
        }
    }

    async fn ask_back_end(
        &self,
        service: &str,
        path: &str,
        method: &str,
        statuses: &[u16],
        candidates: &Candidates,
    ) -> Verdict {
        let address = self.address_of(service).await?;
        let body = json!({ "values": candidates.values }).to_string();
        let request = Request::builder()
            .method(Method::from_bytes(method.as_bytes()).unwrap_or(Method::POST))
            .uri(path)
            .header(header::HOST, "localhost")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| error.to_string())?;
        let answer = match address {
            Address::Tcp(address) => match TcpStream::connect(address).await {
                Ok(stream) => exchange(stream, request).await,
                Err(error) => Err(error),
            },
            #[cfg(unix)]
            Address::Unix(path) => match tokio::net::UnixStream::connect(path).await {
                Ok(stream) => exchange(stream, request).await,
                Err(error) => Err(error),
            },
            #[cfg(not(unix))]
            Address::Unix(_) => Err(std::io::ErrorKind::Unsupported.into()),
        };
        let (status, body) = answer.map_err(|_| "The app did not answer.".to_owned())?;
        let said = message_in(&body);
        let is_good = match statuses {
            [] => status.is_success(),
            statuses => statuses.contains(&status.as_u16()),
        };
        if is_good { Ok(said) } else { Err(said.unwrap_or_else(|| refusal(status))) }
    }

    /// Waits until the service that is asked runs.
    async fn address_of(&self, service: &str) -> Result<Address, String> {
        let mut snapshots = self.supervisor.snapshots();
        loop {
            let job = snapshots.borrow_and_update().job(service).cloned();
            match job {
                // One that is ready may not listen yet.
                Some(job)
                    if job.phase == Phase::Ready
                        && (job.address.is_some() || job.assigned.is_none()) =>
                {
                    return job.address.ok_or_else(|| "The app cannot be asked.".to_owned());
                }
                Some(job) if job.phase == Phase::Failed => {
                    return Err("The part of the app that checks this does not work.".to_owned());
                }
                _ => {}
            }
            snapshots.changed().await.map_err(|_| "The app is ending.".to_owned())?;
        }
    }

    /// Runs a command as the app's tasks are run, so that all that it starts ends with it.
    async fn run_command(
        &self,
        command: &[Text],
        env: &[(String, Text)],
        cwd: PathBuf,
        timeout: Duration,
        candidates: &Candidates,
    ) -> Verdict {
        let mut texts = command.to_vec();
        texts.extend(env.iter().map(|(_, value)| value.clone()));
        let mut command = self.resolve(texts, candidates).await?;
        let values = command.split_off(command.len() - env.len());
        let own = env.iter().map(|(name, _)| name.clone()).zip(values);
        let all = candidates.variables.iter().cloned().chain(own);
        let program = Program {
            command: command.into_iter().map(Into::into).collect(),
            env: all.map(|(name, value)| (name.into(), value.into())).collect(),
            cwd,
            input: None,
        };
        let stop = StopRule { signal: StopSignal::Term, timeout: GRACE };
        let one_off = OneOff { name: "check".to_owned(), program, limit: timeout, stop };
        let settings = Settings {
            guard: crate::programs::guard_program(),
            launch_id: self.launch.clone(),
            redact: Arc::new(|| Box::new(ShowAll)),
            log: Arc::new(|_| {}),
        };
        let end = run_once(one_off, &settings, CancellationToken::new()).await;
        let said = end.tail.iter().rev().map(|line| line.trim()).find(|line| !line.is_empty());
        let said = said.map(str::to_owned);
        match end.outcome {
            Outcome::Exited(exit) if exit.success() => Ok(said),
            Outcome::NotStarted(reason) => Err(format!("The check {reason}.")),
            _ => Err(said.unwrap_or_else(|| "It does not work with these answers.".to_owned())),
        }
    }

    /// Puts answers and secrets into texts; a keychain may ask its user meanwhile.
    async fn resolve(
        &self,
        texts: Vec<Text>,
        candidates: &Candidates,
    ) -> Result<Vec<String>, String> {
        let (shared, candidates) = (self.shared.clone(), candidates.clone());
        let addresses: Addresses = self
            .supervisor
            .snapshots()
            .borrow()
            .jobs
            .iter()
            .filter_map(|job| Some((job.name.clone(), job.assigned.clone()?)))
            .collect();
        let resolving = tokio::task::spawn_blocking(move || {
            let known = Tried { shared: &shared, candidates: &candidates, addresses: &addresses };
            texts.iter().map(|text| text.resolve(&known)).collect::<Result<Vec<_>, _>>()
        });
        resolving.await.map_err(|error| error.to_string())?
    }
}

/// What is known while answers are tried: they themselves, before all that is kept.
struct Tried<'a> {
    shared: &'a Shared,
    candidates: &'a Candidates,
    addresses: &'a Addresses,
}

impl Lookup for Tried<'_> {
    fn secret(&self, name: &str) -> Option<String> {
        self.shared.secrets.wait_for(name).ok()
    }

    fn secret_file(&self, name: &str) -> Option<String> {
        self.shared.files.put("secret", name, &self.secret(name)?).ok()
    }

    fn answer(&self, name: &str) -> Option<String> {
        Some(self.candidates.values.get(name).map(valid::text).unwrap_or_default())
    }

    fn answer_file(&self, name: &str) -> Option<String> {
        self.shared.files.put("check", name, &self.answer(name)?).ok()
    }

    fn port(&self, step: &str) -> Option<u16> {
        self.addresses.get(step)?.port()
    }

    fn origin(&self) -> Option<String> {
        Some(self.shared.origin.clone())
    }

    fn control_url(&self) -> Option<String> {
        Some(self.shared.control_url.clone())
    }

    fn control_token(&self) -> Option<String> {
        Some(self.shared.control_token.clone())
    }
}

/// Has the helper try something.
async fn ask_helper(request: Value) -> Verdict {
    let answer = helper::ask(&["check".as_ref()], Some(request)).await;
    answer.map(|answer| Some(answer.message))
}

/// Finds what a back end says to people in its answer.
fn message_in(body: &[u8]) -> Option<String> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let said = ["message", "detail", "error"].iter().find_map(|key| answer.get(key)?.as_str());
    said.map(str::to_owned)
}

fn refusal(status: StatusCode) -> String {
    match status.as_u16() {
        401 | 403 => "This is not accepted.".to_owned(),
        404 => "The app does not know how to check this.".to_owned(),
        status => format!("The app does not accept this (it answers {status})."),
    }
}

fn shorten(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
