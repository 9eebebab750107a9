//! `ensconce setup`.

mod given;
mod page;
mod prompt;
mod questions;
mod visit;

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use ensconce_app::ask_for_setup_page;
use serde_json::Value;

use super::running;
use crate::arguments::Target;
use crate::error::CommandError;
use crate::prompt::Prompter;
use crate::screen::{self, say};
use page::Asked;
use questions::Questions;
use visit::Visit;

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
        let prompter = Prompter::at_terminal().filter(|_| !self.no_input);
        // Whoever knows the questions does not wait until the app has started.
        prompter.iter().try_for_each(Prompter::hide_input)?;
        let questions = Questions::find(&self.target)?;
        let outcome = self.answer(&questions, prompter.as_ref());
        questions.leave();
        outcome
    }

    fn print_address(&self) -> Result<(), CommandError> {
        let (name, app) = running::expect(&self.target)?;
        let address = running::ask(&name, ask_for_setup_page(&app))?;
        screen::print(&format!("{address}\n")).map_err(CommandError::Output)
    }

    fn answer(
        &self,
        questions: &Questions,
        prompter: Option<&Prompter>,
    ) -> Result<(), CommandError> {
        let asked = questions.describe()?;
        if asked.steps.is_empty() {
            say(&format!("{} asks nothing", asked.app.name));
            return Ok(());
        }
        warn_about_store(&asked);
        let mut given = given::from_environment(&asked, self.from_env)?;
        given.extend(given::from_file(&asked, self.answers.as_deref())?);
        if prompter.is_none() {
            complete(&asked, &given)?;
        }
        // Who brings answers wants to be asked for the others only.
        let review = self.answers.is_none() && !self.from_env;
        if let Some(prompter) = prompter.filter(|_| review) {
            given.extend(take_over(questions, &asked, prompter)?);
        }
        for index in 0..asked.steps.len() {
            // What was answered on one page decides what the next one asks.
            let asked = questions.describe()?;
            let Some(page) = asked.steps.get(index) else { break };
            Visit { questions, asked: &asked, page, prompter, review }.answer(&given)?;
        }
        complete(&questions.describe()?, &Answers::new())?;
        questions.finish()?;
        say(&format!("{} has all its answers", asked.app.name));
        Ok(())
    }
}

fn warn_about_store(asked: &Asked) {
    if let Some(trouble) = &asked.store.trouble {
        say(&format!("{}. {}", trouble.title.trim_end_matches('.'), trouble.message));
        say("Another place for secrets is chosen with: ensconce secret use file");
    }
}

/// Offers the answers of a settings file of earlier times.
fn take_over(
    questions: &Questions,
    asked: &Asked,
    prompter: &Prompter,
) -> Result<Answers, CommandError> {
    let Some(old) = &asked.importable else { return Ok(Answers::new()) };
    let question = format!("Take over {} from {}?", old.fields.join(", "), old.path);
    match prompter.confirm(&question).map_err(prompt::unanswered)? {
        true => questions.take_over(),
        false => Ok(Answers::new()),
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
