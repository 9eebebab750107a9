//! Tries answers before they are kept: asks an address, the app's own back end or a database, or
//! runs a command. Each attempt ends when its time is over, whatever it hangs on.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use ensconce_plan::{CheckMeans, CheckPlan, SetupPlan, Text};
use ensconce_protocol::{AddressCheck, HelperWork, PostgresCheck};
use http::{Method, Request, StatusCode, header};
use http_body_util::Full;
use serde_json::{Value, json};

use super::page::PageAnswers;
use crate::answers::shown::Answers;
use crate::answers::valid;
use crate::error::AppError;
use crate::run::helper::{CommandLine, HelperRunner};
use crate::run::roster::Roster;
use crate::run::values::{KnownValues, Values};

/// The longest message of others that is shown, in characters.
const LONGEST_MESSAGE: usize = 300;
/// How long a command may take to end when its time is over.
const GRACE: Duration = Duration::from_secs(1);

/// What came of it: a sentence for people, if there is one.
pub(crate) type Verdict = Result<Option<String>, AppError>;

/// Tries answers within one app.
#[derive(Clone)]
pub(crate) struct Trials {
    pub(crate) roster: Roster,
    pub(crate) values: Values,
    pub(crate) helper: HelperRunner,
}

/// The answers that are tried, by the names of their fields, and the variables that services get
/// them in. They hold secrets.
#[derive(Clone, Default)]
pub(crate) struct Candidates {
    values: BTreeMap<String, Value>,
    variables: Vec<(String, String)>,
}

impl Candidates {
    /// Collects all answers as they will be.
    pub(super) async fn collect(
        values: &Values,
        setup: &SetupPlan,
        page: &PageAnswers,
        after: &Answers,
    ) -> Result<Self, AppError> {
        let mut candidates = Self::default();
        for field in after.shown(setup) {
            let value = match page.secret.get(&field.name) {
                Some(new) => new.clone().map(Value::from),
                None => values.answer(field, after).await?,
            };
            let Some(value) = value else { continue };
            if let Some(variable) = &field.env {
                candidates.variables.push((variable.clone(), valid::text(&value)));
            }
            candidates.values.insert(field.name.clone(), value);
        }
        Ok(candidates)
    }
}

impl Trials {
    /// Tries answers; what others say about them holds no secret.
    pub(super) async fn run(&self, check: &CheckPlan, candidates: &Candidates) -> Verdict {
        let attempt = self.attempt(check, candidates);
        // What has a limit of its own can say more about it.
        let verdict = match tokio::time::timeout(check.timeout + GRACE, attempt).await {
            Ok(verdict) => verdict,
            Err(_) => Err(AppError::CheckTooLong),
        };
        let clean = |text: &str| shorten(&self.values.secrets.redaction().clean(text));
        match verdict {
            Ok(message) => Ok(message.map(|message| clean(&message))),
            Err(AppError::CheckTooLong) => Err(AppError::CheckTooLong),
            Err(error) => Err(AppError::Rejected(clean(&error.to_string()))),
        }
    }

    async fn attempt(&self, check: &CheckPlan, candidates: &Candidates) -> Verdict {
        let timeout_ms = u64::try_from(check.timeout.as_millis()).unwrap_or(u64::MAX);
        match &check.means {
            CheckMeans::BackEnd { service, path, method, statuses } => {
                let asked = BackEndQuestion { service, path, method, statuses };
                self.ask_back_end(asked, candidates).await
            }
            CheckMeans::Http { url, method, headers, statuses } => {
                let known = self.known(candidates, texts_of(url, headers)).await?;
                let header = |(name, value): &(String, Text)| {
                    Ok((name.clone(), self.values.resolve(value, &known)?))
                };
                let call = AddressCheck {
                    method: method.clone(),
                    url: self.values.resolve(url, &known)?,
                    headers: headers.iter().map(header).collect::<Result<_, AppError>>()?,
                    body: None,
                    statuses: statuses.clone(),
                    timeout_ms,
                };
                self.ask_helper(HelperWork::Http(call), check.timeout).await
            }
            CheckMeans::Postgres { url, schema } => {
                let known = self.known(candidates, std::iter::once(url)).await?;
                let url = self.values.resolve(url, &known)?;
                let connection = PostgresCheck { url, schema_query: schema.clone(), timeout_ms };
                self.ask_helper(HelperWork::Postgres(connection), check.timeout).await
            }
            CheckMeans::Command { command, env, cwd } => {
                let run = CommandRun { command, env, cwd, timeout: check.timeout };
                self.run_command(run, candidates).await
            }
        }
    }

    async fn ask_helper(&self, work: HelperWork, timeout: Duration) -> Verdict {
        Ok(Some(self.helper.check(work, timeout + GRACE).await?.message))
    }

    async fn ask_back_end(&self, asked: BackEndQuestion<'_>, candidates: &Candidates) -> Verdict {
        let body = json!({ "values": candidates.values }).to_string();
        let request = Request::builder()
            .method(Method::from_bytes(asked.method.as_bytes()).unwrap_or(Method::POST))
            .uri(asked.path)
            .header(header::HOST, "localhost")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| AppError::Rejected(error.to_string()))?;
        let (status, body) = self.roster.ask(asked.service, request).await?;
        let said = message_in(&body);
        let is_good = match asked.statuses {
            [] => status.is_success(),
            statuses => statuses.contains(&status.as_u16()),
        };
        let rejected = |said: Option<String>| said.unwrap_or_else(|| refusal(status));
        if is_good { Ok(said) } else { Err(AppError::Rejected(rejected(said))) }
    }

    /// Runs a command as the app's tasks are run, so that everything that it starts ends with it.
    async fn run_command(&self, run: CommandRun<'_>, candidates: &Candidates) -> Verdict {
        let CommandRun { command, env, cwd, timeout } = run;
        let texts = command.iter().chain(env.iter().map(|(_, value)| value));
        let known = self.known(candidates, texts).await?;
        let resolve = |text: &Text| self.values.resolve(text, &known);
        let own = env.iter().map(|(name, value)| Ok((name.clone(), resolve(value)?)));
        let own = own.collect::<Result<Vec<_>, AppError>>()?;
        let variables = candidates.variables.iter().cloned().chain(own);
        let command = command.iter().map(resolve).collect::<Result<_, _>>()?;
        let env = variables.collect();
        let line = CommandLine { command, env, cwd: cwd.clone(), limit: timeout, grace: GRACE };
        self.helper.command("check", line).await
    }

    /// Gets everything that texts refer to while answers are tried: they themselves, before all
    /// that is kept.
    async fn known<'t>(
        &self,
        candidates: &Candidates,
        texts: impl Iterator<Item = &'t Text>,
    ) -> Result<KnownValues, AppError> {
        let answers = candidates.values.iter();
        let mut known = KnownValues {
            answers: answers.map(|(name, value)| (name.clone(), valid::text(value))).collect(),
            addresses: self.roster.addresses(),
            kind_of_answers: "check",
            ..KnownValues::default()
        };
        self.values.get_secrets(texts, &mut known).await?;
        Ok(known)
    }
}

/// What the app's own back end is asked.
struct BackEndQuestion<'a> {
    service: &'a str,
    path: &'a str,
    method: &'a str,
    /// The statuses of good answers; every 2xx when empty.
    statuses: &'a [u16],
}

/// A command that tries answers.
struct CommandRun<'a> {
    command: &'a [Text],
    env: &'a [(String, Text)],
    cwd: &'a PathBuf,
    timeout: Duration,
}

fn texts_of<'t>(url: &'t Text, headers: &'t [(String, Text)]) -> impl Iterator<Item = &'t Text> {
    std::iter::once(url).chain(headers.iter().map(|(_, value)| value))
}

/// Finds what a back end says to people in its answer.
fn message_in(body: &[u8]) -> Option<String> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let said = ["message", "detail", "error"].iter().find_map(|key| answer.get(key)?.as_str());
    said.map(str::to_owned)
}

fn refusal(status: StatusCode) -> String {
    match status.as_u16() {
        401 | 403 => "This is not accepted".to_owned(),
        404 => "The app does not know how to check this".to_owned(),
        status => format!("The app does not accept this (it answers {status})"),
    }
}

fn shorten(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
