//! Asks one page of questions, from the first one to the answers that are accepted.

use std::collections::BTreeSet;

use ensconce_protocol::{FieldDescription, Outcome, PageDescription, SetupDescription};

use super::fields::{has_answer, is_shown};
use super::questions::Questions;
use super::{Answers, prompt};
use crate::error::CommandError;
use crate::prompt::Prompter;
use crate::screen::{self, say};

/// A page, while it is being answered.
pub(super) struct PageDialog<'a> {
    pub(super) questions: &'a Questions,
    pub(super) setup: &'a SetupDescription,
    pub(super) page: &'a PageDescription,
    /// Asks for what was not given.
    pub(super) prompter: Option<&'a Prompter>,
    /// Whether what has an answer is asked for too.
    pub(super) review: bool,
}

impl PageDialog<'_> {
    /// Keeps the answers given for this page, and asks for the rest, until the app accepts them.
    pub(super) fn answer(&self, given: &Answers) -> Result<(), CommandError> {
        let own = given.iter().filter(|(name, _)| self.field(name).is_some());
        let own: Answers = own.map(|(name, value)| (name.clone(), value.clone())).collect();
        match self.prompter {
            Some(prompter) if self.review || !self.page.complete || !own.is_empty() => {
                self.ask_until_accepted(prompter, own)
            }
            None if !self.page.complete || !own.is_empty() => self.keep(&own),
            _ => Ok(()),
        }
    }

    /// Keeps answers when there is nobody to ask for better ones.
    fn keep(&self, answers: &Answers) -> Result<(), CommandError> {
        let outcome = self.questions.save(&self.page.name, answers)?;
        match (outcome.ok, outcome.message) {
            (true, message) => {
                message.iter().for_each(|message| say(message));
                Ok(())
            }
            (false, Some(why)) => Err(CommandError::NotDone(why)),
            (false, None) => Err(CommandError::WrongAnswers(outcome.fields.into_iter().collect())),
        }
    }

    fn ask_until_accepted(
        &self,
        prompter: &Prompter,
        mut answers: Answers,
    ) -> Result<(), CommandError> {
        let mut open = self.open(&answers);
        // What the app rejects is asked for, even if it seems not to be shown.
        let mut refused = BTreeSet::new();
        if !open.is_empty() {
            prompt::heading(self.page);
        }
        loop {
            self.ask(prompter, &open, &refused, &mut answers)?;
            let outcome = self.questions.save(&self.page.name, &answers)?;
            if outcome.ok {
                outcome.message.iter().for_each(|message| say(message));
                return Ok(());
            }
            self.show_what_is_wrong(&outcome);
            refused = outcome.fields.into_keys().collect();
            open = match refused.is_empty() {
                true => self.page.fields.iter().map(|field| field.name.clone()).collect(),
                false => refused.clone(),
            };
            answers.retain(|name, _| !open.contains(name));
        }
    }

    fn field(&self, name: &str) -> Option<&FieldDescription> {
        self.page.fields.iter().find(|field| field.name == name)
    }

    fn show_what_is_wrong(&self, outcome: &Outcome) {
        outcome.message.iter().for_each(|message| screen::warn(message));
        for (name, why) in &outcome.fields {
            let label = self.field(name).map_or(name.as_str(), |field| &field.label);
            screen::warn(&format!("{label}: {why}"));
        }
    }

    /// Returns the fields to ask for: all, or those that lack an answer.
    fn open(&self, answers: &Answers) -> BTreeSet<String> {
        let fields = self.page.fields.iter();
        let lacks =
            |field: &&FieldDescription| self.review || (field.required && !has_answer(field));
        let open = fields.filter(|field| !answers.contains_key(&field.name)).filter(lacks);
        open.map(|field| field.name.clone()).collect()
    }

    fn ask(
        &self,
        prompter: &Prompter,
        open: &BTreeSet<String>,
        refused: &BTreeSet<String>,
        answers: &mut Answers,
    ) -> Result<(), CommandError> {
        for field in self.page.fields.iter().filter(|field| open.contains(&field.name)) {
            if (refused.contains(&field.name) || is_shown(self.setup, field, answers))
                && let Some(value) = prompt::ask(prompter, field)?
            {
                answers.insert(field.name.clone(), value);
            }
        }
        Ok(())
    }
}
