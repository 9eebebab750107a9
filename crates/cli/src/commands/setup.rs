//! `ensconce setup`.

mod given;
mod page;
mod prompt;
mod questions;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal, stdin};
use std::path::PathBuf;

use clap::Args;
use ensconce_app::ask_for_setup_page;
use serde_json::Value;

use super::running;
use crate::arguments::Target;
use crate::error::CommandError;
use crate::screen::{self, say};
use page::{Asked, Field, Page};
use questions::Questions;

/// Asks the app's questions in the terminal, or answers them from a file or the environment.
#[derive(Args)]
pub(crate) struct Setup {
    #[command(flatten)]
    target: Target,
    /// Takes answers from a TOML file with lines such as `api-key = "…"`
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// Takes answers from the environment variables that the app gets them in
    #[arg(long)]
    from_env: bool,
    /// Asks nothing: an answer that is still missing is an error
    #[arg(long)]
    no_input: bool,
    /// Prints the address of the page with the questions, for a browser; the app must be running
    #[arg(long, conflicts_with_all = ["answers", "from_env", "no_input"])]
    page: bool,
}

type Answers = BTreeMap<String, Value>;

impl Setup {
    /// Asks, tries the answers, and keeps them, page by page.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        running::keep_to_oneself();
        if self.page {
            return self.print_address();
        }
        let questions = Questions::find(&self.target)?;
        let outcome = self.answer(&questions);
        questions.leave();
        outcome
    }

    fn print_address(&self) -> Result<(), CommandError> {
        let (name, app) = running::expect(&self.target)?;
        let address = running::ask(&name, ask_for_setup_page(&app))?;
        screen::print(&format!("{address}\n")).map_err(CommandError::Output)
    }

    fn answer(&self, questions: &Questions) -> Result<(), CommandError> {
        let asked = questions.describe()?;
        if asked.steps.is_empty() {
            say(&format!("{} asks nothing", asked.app.name));
            return Ok(());
        }
        if let Some(trouble) = &asked.store.trouble {
            say(&format!("{}. {}", trouble.title.trim_end_matches('.'), trouble.message));
            say("Another place for secrets is chosen with: ensconce secret use file");
        }
        let mut given = given::from_environment(&asked, self.from_env)?;
        given.extend(given::from_file(&asked, self.answers.as_deref())?);
        let is_asked = stdin().is_terminal() && !self.no_input;
        if !is_asked {
            complete(&asked, &given)?;
        }
        // Who brings answers wants to be asked for the others only.
        let review = is_asked && self.answers.is_none() && !self.from_env;
        if review && let Some(old) = &asked.importable {
            let question = format!("Take over {} from {}?", old.fields.join(", "), old.path);
            if prompt::agrees(&question)? {
                given.extend(questions.take_over()?);
            }
        }
        for index in 0..asked.steps.len() {
            // What was answered on one page decides what the next one asks.
            let asked = questions.describe()?;
            let Some(page) = asked.steps.get(index) else { break };
            let own: Answers = given
                .iter()
                .filter(|(name, _)| page.has(name))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            let visit = Visit { questions, asked: &asked, page, is_asked };
            if review || !page.complete || !own.is_empty() {
                visit.answer(own, review)?;
            }
        }
        complete(&questions.describe()?, &Answers::new())?;
        questions.finish()?;
        say(&format!("{} has all its answers", asked.app.name));
        Ok(())
    }
}

/// A page, while it is being answered.
struct Visit<'a> {
    questions: &'a Questions,
    asked: &'a Asked,
    page: &'a Page,
    is_asked: bool,
}

impl Visit<'_> {
    /// Keeps what was given, and asks for the rest, until the page's answers are accepted.
    fn answer(&self, mut answers: Answers, review: bool) -> Result<(), CommandError> {
        let mut open = if self.is_asked { self.open(&answers, review) } else { BTreeSet::new() };
        // What the app says is wrong is asked for, whatever this one believes to be shown.
        let mut refused = BTreeSet::new();
        if !open.is_empty() {
            prompt::heading(self.page);
        }
        loop {
            self.ask(&open, &refused, &mut answers)?;
            let outcome = self.questions.save(&self.page.name, &answers)?;
            if outcome.ok {
                outcome.message.iter().for_each(|message| say(message));
                return Ok(());
            }
            let wrong: Vec<(String, String)> = outcome.fields.into_iter().collect();
            if !self.is_asked {
                return Err(match outcome.message {
                    Some(why) => CommandError::NotDone(why.trim_end_matches('.').to_owned()),
                    None => CommandError::WrongAnswers(wrong),
                });
            }
            outcome.message.iter().for_each(|message| screen::warn(message));
            for (name, why) in &wrong {
                let label = self.page.field(name).map_or(name.as_str(), |field| &field.label);
                screen::warn(&format!("{label}: {why}"));
            }
            refused = wrong.into_iter().map(|(name, _)| name).collect();
            open = match refused.is_empty() {
                true => self.page.fields.iter().map(|field| field.name.clone()).collect(),
                false => refused.clone(),
            };
            answers.retain(|name, _| !open.contains(name));
        }
    }

    /// The fields to ask for: all, or those that lack an answer.
    fn open(&self, answers: &Answers, review: bool) -> BTreeSet<String> {
        let fields = self.page.fields.iter();
        let lacks = |field: &&Field| review || (field.required && !field.has_answer());
        let open = fields.filter(|field| !answers.contains_key(&field.name)).filter(lacks);
        open.map(|field| field.name.clone()).collect()
    }

    fn ask(
        &self,
        open: &BTreeSet<String>,
        refused: &BTreeSet<String>,
        answers: &mut Answers,
    ) -> Result<(), CommandError> {
        for field in self.page.fields.iter().filter(|field| open.contains(&field.name)) {
            if (refused.contains(&field.name) || self.asked.shows(field, answers))
                && let Some(value) = prompt::ask(field)?
            {
                answers.insert(field.name.clone(), value);
            }
        }
        Ok(())
    }
}

/// Makes sure that nothing is missing, once these answers are given.
fn complete(asked: &Asked, given: &Answers) -> Result<(), CommandError> {
    let missing: Vec<(String, Option<String>)> = asked
        .fields()
        .filter(|field| field.required && !field.has_answer() && !given.contains_key(&field.name))
        .filter(|field| asked.shows(field, given))
        .map(|field| (field.name.clone(), field.env.clone()))
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(CommandError::Unanswered(missing)) }
}
