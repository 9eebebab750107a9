//! Describes why a database cannot be used.

use std::error::Error as _;
use std::io::{self, ErrorKind};

use tokio_postgres::error::{DbError, SqlState};

use super::address::{Address, Encryption};
use super::connect::ConnectFailure;
use crate::answer::Answering;
use crate::tls;
use ensconce_protocol::HelperAnswer;

/// Answers why there is no connection.
pub(super) fn answer(failure: &ConnectFailure, address: &Address) -> HelperAnswer {
    let place = address.place();
    let (reason, message) = match failure {
        ConnectFailure::NoHost => (
            "no_host",
            format!(
                "No server called `{}` was found. Check the spelling of the address, and \
                 whether this computer is online.",
                address.host
            ),
        ),
        ConnectFailure::NoConnection(error) => no_connection(error, &place, address.port),
        ConnectFailure::NoEncryption => (
            "tls_not_offered",
            format!("`{place}` does not offer encryption (TLS), which the address asks for."),
        ),
        ConnectFailure::Authorities => (
            "authorities",
            "The certificates to check the server against (`sslrootcert`) cannot be read."
                .to_owned(),
        ),
        ConnectFailure::Tls(error) => match tls::find(error) {
            Some(error) => tls::describe(error, &place),
            None => ("tls", format!("The encrypted connection (TLS) to `{place}` was closed.")),
        },
        ConnectFailure::NotPostgres => not_postgres(&place),
        ConnectFailure::BrokenOff => broken_off(&place),
        ConnectFailure::Database(error) => database(error, address),
    };
    let code = match failure {
        ConnectFailure::Database(error) => error.code().map(|code| code.code().to_owned()),
        _ => None,
    };
    let answer = HelperAnswer::bad(reason, message);
    match code {
        Some(code) => answer.with("sqlstate", code),
        None => answer,
    }
}

fn no_connection(error: &io::Error, place: &str, port: u16) -> (&'static str, String) {
    match error.kind() {
        ErrorKind::ConnectionRefused => (
            "refused",
            format!(
                "`{place}` refuses the connection: no database is running there at port {port}."
            ),
        ),
        ErrorKind::NotFound => {
            ("refused", format!("No database is running at `{place}`, port {port}."))
        }
        ErrorKind::PermissionDenied => {
            ("refused", format!("This user of the computer may not use `{place}`."))
        }
        ErrorKind::TimedOut => ("timeout", format!("`{place}` does not answer.")),
        _ => (
            "unreachable",
            format!("`{place}` cannot be reached from here. Is this computer online?"),
        ),
    }
}

fn not_postgres(place: &str) -> (&'static str, String) {
    (
        "not_postgres",
        format!("Something answers at `{place}`, but it is not PostgreSQL. Check the port."),
    )
}

fn broken_off(place: &str) -> (&'static str, String) {
    (
        "broken_off",
        format!("`{place}` closed the connection. It may not be PostgreSQL, or it is starting up."),
    )
}

fn database(error: &tokio_postgres::Error, address: &Address) -> (&'static str, String) {
    let place = address.place();
    if let Some(told) = error.as_db_error() {
        return by_code(told, address);
    }
    let text = error.to_string();
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    if cause.contains("password missing") {
        return (
            "wrong_password",
            format!("The database at `{place}` asks for a password, and the address has none."),
        );
    }
    if text.starts_with("authentication error") {
        return (
            "sign_in",
            format!("`{place}` asks for a kind of sign-in that cannot be tried here."),
        );
    }
    if text.contains("unexpected message") || text.contains("parsing") {
        return not_postgres(&place);
    }
    let io = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    match io.map(io::Error::kind) {
        // The driver reports lengths and kinds of messages that make no sense like this.
        Some(ErrorKind::InvalidInput | ErrorKind::InvalidData) => not_postgres(&place),
        _ => broken_off(&place),
    }
}

fn by_code(told: &DbError, address: &Address) -> (&'static str, String) {
    let (place, user, database) = (address.place(), &address.user, &address.database);
    match *told.code() {
        SqlState::INVALID_PASSWORD => (
            "wrong_password",
            format!(
                "`{place}` does not accept this password for the user `{user}`, or has no such user."
            ),
        ),
        SqlState::INVALID_CATALOG_NAME => {
            ("no_database", format!("`{place}` has no database called `{database}`."))
        }
        SqlState::INVALID_AUTHORIZATION_SPECIFICATION => refused(told.message(), address),
        SqlState::TOO_MANY_CONNECTIONS => {
            ("busy", format!("`{place}` has no room for another connection. Try again later."))
        }
        SqlState::CANNOT_CONNECT_NOW => (
            "starting",
            format!("The database at `{place}` is starting or stopping. Try again soon."),
        ),
        SqlState::INSUFFICIENT_PRIVILEGE => {
            ("not_allowed", format!("The user `{user}` may not use the database `{database}`."))
        }
        _ => {
            let said = address.secrets().taken_out_of(told.message());
            ("database", format!("The database reports: “{said}”"))
        }
    }
}

/// Describes which of the server's rules (`pg_hba.conf`) refuse the user, as its message has it.
fn refused(message: &str, address: &Address) -> (&'static str, String) {
    let (place, user, database) = (address.place(), &address.user, &address.database);
    if message.contains("does not exist") {
        ("no_user", format!("`{place}` has no user called `{user}`."))
    } else if address.encryption == Encryption::Disable && message.contains("no encryption") {
        (
            "tls_required",
            format!(
                "`{place}` does not let `{user}` in without encryption (TLS). It may need \
                 `sslmode=require` in the address."
            ),
        )
    } else {
        (
            "not_allowed",
            format!(
                "`{place}` does not let the user `{user}` into the database `{database}` from this \
                 computer."
            ),
        )
    }
}
