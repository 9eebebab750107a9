//! Tries a PostgreSQL database: its address, its TLS, a user's password, its schema's version.

use std::time::{Duration, Instant};

use ensconce_protocol::{HelperAnswer, PostgresCheck};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::answer::Answering;
use crate::limit::{self, Stage};
use crate::redact::Secrets;

mod address;
mod connect;
mod encryption;
mod failure;

use address::Address;
use connect::OpenConnection;

/// How far the check has come.
#[derive(Clone, Copy)]
enum Reached {
    Nothing,
    Server,
    Database,
}

/// Tries the database within its time.
pub(crate) fn check(request: PostgresCheck) -> HelperAnswer {
    let address = match Address::read(&request.url) {
        Ok(address) => address,
        Err(unreadable) => {
            return HelperAnswer::bad("bad_address", unreadable.message)
                .with("part", unreadable.part);
        }
    };
    let time = Duration::from_millis(request.timeout_ms);
    let begun = Instant::now();
    let stage = Stage::at(Reached::Nothing);
    let (at, shown) = (stage.clone(), address.clone());
    let query = request.schema_query;
    let answer = limit::within(time, move || run(&address, query.as_deref(), &at))
        .unwrap_or_else(|| timed_out(stage.get(), &shown, time));
    answer
        .with("host", shown.place())
        .with("database", shown.database)
        .with("user", shown.user)
        .with("elapsed_ms", u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX))
}

fn run(address: &Address, query: Option<&str>, stage: &Stage<Reached>) -> HelperAnswer {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let Ok(runtime) = runtime else {
        return HelperAnswer::bad(
            "connection",
            "The check could not be started: the system is too busy.",
        );
    };
    runtime.block_on(async {
        match connect::connect(address, stage).await {
            Ok(connected) => describe(connected, query, &address.secrets()).await,
            Err(failure) => failure::answer(&failure, address),
        }
    })
}

async fn describe(
    connected: OpenConnection,
    query: Option<&str>,
    secrets: &Secrets,
) -> HelperAnswer {
    let version = format!("PostgreSQL {}", short(&connected.version));
    let encrypted = if connected.encrypted { "" } else { ", without encryption" };
    let answer = match query {
        None => HelperAnswer::good(format!("Connected: {version}{encrypted}.")),
        Some(query) => match schema(&connected.client, query).await {
            Schema::Version(schema) => HelperAnswer::good(format!(
                "Connected: {version}{encrypted}, schema version {schema}."
            ))
            .with("schema", schema),
            Schema::None => {
                HelperAnswer::good(format!("Connected: {version}{encrypted}, no schema yet."))
                    .with("schema", ())
            }
            Schema::Unreadable(why) => {
                let why = secrets.taken_out_of(&why);
                HelperAnswer::good(format!(
                    "Connected: {version}{encrypted}. The version of its schema could not be \
                     read: {why}."
                ))
                .with("schema", ())
                .with("schema_error", why)
            }
        },
    };
    answer.with("server", version).with("encrypted", connected.encrypted)
}

/// Returns the number in `15.18 (Debian 15.18-0+deb12u1)`.
fn short(version: &str) -> &str {
    version.split_whitespace().next().unwrap_or("of unknown version")
}

enum Schema {
    Version(String),
    None,
    Unreadable(String),
}

async fn schema(client: &Client, query: &str) -> Schema {
    match client.simple_query(query).await {
        Ok(messages) => {
            let value = messages.iter().find_map(|message| match message {
                SimpleQueryMessage::Row(row) => row.try_get(0).ok().flatten(),
                _ => None,
            });
            value.map_or(Schema::None, |value| Schema::Version(value.to_owned()))
        }
        Err(error) => match error.as_db_error() {
            Some(told)
                if matches!(
                    told.code(),
                    &SqlState::UNDEFINED_TABLE | &SqlState::INVALID_SCHEMA_NAME
                ) =>
            {
                Schema::None
            }
            Some(told) => Schema::Unreadable(told.message().to_owned()),
            None => Schema::Unreadable("the connection broke off".to_owned()),
        },
    }
}

fn timed_out(reached: Reached, address: &Address, time: Duration) -> HelperAnswer {
    let (place, time) = (address.place(), limit::seconds(time));
    let message = match reached {
        Reached::Nothing => format!(
            "`{place}` did not answer within {time}. Check the host and the port; a firewall may \
             be in between."
        ),
        Reached::Server => format!(
            "Something answers at `{place}`, but it sent nothing more within {time}. It may not be \
             PostgreSQL, or too busy."
        ),
        Reached::Database => {
            format!("The database at `{place}` did not answer the question within {time}.")
        }
    };
    HelperAnswer::bad("timeout", message)
}

impl Address {
    /// Returns what is taken out of a server's messages.
    fn secrets(&self) -> Secrets {
        let mut secrets = Secrets::default();
        if let Some(password) = &self.password
            && password.chars().count() > 2
            && ![&self.user, &self.database, &self.host].contains(&password)
        {
            secrets.add_any(password);
        }
        secrets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreadable_address_names_its_part_and_no_password() {
        let answer = check(PostgresCheck {
            url: "postgresql://me:hunter22@db:54x2/app".to_owned(),
            schema_query: None,
            timeout_ms: 1000,
        });
        assert_eq!(answer.details["part"], "port");
        assert!(!serde_json::to_string(&answer).unwrap().contains("hunter22"));
    }

    #[test]
    fn versions_are_short() {
        assert_eq!(short("15.18 (Debian 15.18-0+deb12u1)"), "15.18");
        assert_eq!(short("17beta1"), "17beta1");
    }
}
