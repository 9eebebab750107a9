//! `ensconce setup`.

mod dialog;
mod fields;
mod given;
mod prompt;
mod questions;

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use ensconce_protocol::SetupDescription;
use serde_json::Value;

use super::running;
use crate::arguments::Target;
use crate::error::CommandError;
use crate::prompt::Prompter;
use crate::screen::{self, say};
use dialog::PageDialog;
use fields::{fields, has_answer, is_shown};
use questions::Questions;

/// Asks the app's questions in the terminal, or answers them from a file or the environment.
#[derive(Args)]
pub(crate) struct Setup {
    #[command(flatten)]
    target: Target,
    /// Takes answers from a TOML file with lines such as `api-key = "…"`
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// Takes answers from the environment variables named by the fields' `env`
    #[arg(long)]
    from_env: bool,
    /// Asks nothing: an answer that is still missing is an error
    #[arg(long)]
    no_input: bool,
    /// Opens the page with the questions in the browser; the app must be running
    #[arg(long, conflicts_with_all = ["answers", "from_env", "no_input"])]
    page: bool,
    /// Prints an address of that page, which works once, for a browser elsewhere
    #[arg(long, conflicts_with_all = ["answers", "from_env", "no_input", "page"])]
    address: bool,
}

type Answers = BTreeMap<String, Value>;

impl Setup {
    /// Asks, tries the answers, and keeps them, page by page.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        running::keep_to_oneself();
        if self.page {
            return self.open_page();
        }
        if self.address {
            return self.print_address();
        }
        let prompter = Prompter::at_terminal().filter(|_| !self.no_input);
        // Somebody who knows the questions may type before the app has started.
        prompter.iter().try_for_each(Prompter::hide_input)?;
        let questions = Questions::find(&self.target)?;
        let outcome = self.answer(&questions, prompter.as_ref());
        questions.leave();
        outcome
    }

    /// Opens the page through a private file that leads on to it: anyone who can list processes can
    /// read their arguments, and could use the address before the browser does.
    fn open_page(&self) -> Result<(), CommandError> {
        let (name, app) = running::expect(&self.target)?;
        let file = running::ask(&name, app.setup_page_file())?;
        open::that_detached(&file).map_err(CommandError::NoBrowser)?;
        say(&format!("The questions of {name} open in the browser"));
        Ok(())
    }

    fn print_address(&self) -> Result<(), CommandError> {
        let (name, app) = running::expect(&self.target)?;
        let address = running::ask(&name, app.setup_page())?;
        screen::print(&format!("{address}\n")).map_err(CommandError::Output)
    }

    fn answer(
        &self,
        questions: &Questions,
        prompter: Option<&Prompter>,
    ) -> Result<(), CommandError> {
        let setup = questions.describe()?;
        if setup.pages.is_empty() {
            say(&format!("{} asks no questions", setup.app.name));
            return Ok(());
        }
        warn_about_store(&setup);
        let mut given = given::from_environment(&setup, self.from_env)?;
        given.extend(given::from_file(&setup, self.answers.as_deref())?);
        if prompter.is_none() {
            complete(&setup, &given)?;
        }
        // With answers from elsewhere, only the others are asked for.
        let review = self.answers.is_none() && !self.from_env;
        if let Some(prompter) = prompter.filter(|_| review) {
            given.extend(take_over(questions, &setup, prompter)?);
        }
        for index in 0..setup.pages.len() {
            // What was answered on one page decides what the next one asks.
            let setup = questions.describe()?;
            let Some(page) = setup.pages.get(index) else { break };
            PageDialog { questions, setup: &setup, page, prompter, review }.answer(&given)?;
        }
        complete(&questions.describe()?, &Answers::new())?;
        questions.finish()?;
        say(&format!("{} has all its answers", setup.app.name));
        Ok(())
    }
}

fn warn_about_store(setup: &SetupDescription) {
    if let Some(trouble) = &setup.store.trouble {
        say(&format!("{}. {}", trouble.title.trim_end_matches('.'), trouble.message));
        say("To keep secrets elsewhere: ensconce secret use file");
    }
}

/// Offers the answers of an earlier settings file.
fn take_over(
    questions: &Questions,
    setup: &SetupDescription,
    prompter: &Prompter,
) -> Result<Answers, CommandError> {
    let Some(old) = &setup.old_settings else { return Ok(Answers::new()) };
    let question = format!("Take over {} from {}?", old.fields.join(", "), old.path);
    match prompter.confirm(&question).map_err(prompt::unanswered)? {
        true => questions.take_over(),
        false => Ok(Answers::new()),
    }
}

/// Checks that nothing is missing, once these answers are given.
fn complete(setup: &SetupDescription, given: &Answers) -> Result<(), CommandError> {
    let missing: Vec<(String, Option<String>)> = fields(setup)
        .filter(|field| field.required && !has_answer(field) && !given.contains_key(&field.name))
        .filter(|field| is_shown(setup, field, given))
        .map(|field| (field.name.clone(), field.env.clone()))
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(CommandError::Unanswered(missing)) }
}
