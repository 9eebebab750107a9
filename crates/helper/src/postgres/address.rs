//! Reads the address of a database as libpq and SQLAlchemy write it.

use crate::redact::percent_decoded;

/// Where a database is, and who wants to use it. No `Debug`: it holds a password.
#[derive(Clone)]
pub(super) struct Address {
    /// A name or an address; a folder, if it begins with `/`: then of Unix sockets.
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) user: String,
    pub(super) password: Option<String>,
    pub(super) database: String,
    pub(super) encryption: Encryption,
    /// The file of the authorities to trust, instead of the system's.
    pub(super) authorities: Option<String>,
}

/// What `sslmode` asks for, as libpq has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encryption {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// Which part of an address is wrong, and how; without the part's text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable {
    pub(super) part: &'static str,
    pub(super) message: String,
}

fn unreadable<T>(part: &'static str, message: impl Into<String>) -> Result<T, Unreadable> {
    Err(Unreadable { part, message: message.into() })
}

const EXAMPLE: &str = "`postgresql://user:password@host:5432/database`";

impl Address {
    /// Reads an address, or reports which part of it cannot be read.
    pub(super) fn read(url: &str) -> Result<Self, Unreadable> {
        let url = url.trim();
        if url.is_empty() {
            return unreadable("scheme", format!("The address is empty. It looks like {EXAMPLE}."));
        }
        if url.chars().any(char::is_control) {
            return unreadable("address", "The address contains a line break.");
        }
        let rest = scheme(url)?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        if query.contains('@') && !rest.contains('@') {
            return unreadable(
                "password",
                "The password in the address contains a `?` that has to be written as `%3F`.",
            );
        }
        let (user, place) = match rest.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, rest),
        };
        let (place, database) = place.split_once('/').unwrap_or((place, ""));
        let (host, port) = host_and_port(place)?;
        let (user, password) = user_and_password(user.unwrap_or_default())?;
        let user = match user {
            Some(user) => user,
            None => {
                std::env::var("USER").or_else(|_| std::env::var("USERNAME")).unwrap_or_default()
            }
        };
        let mut address = Self {
            host,
            port,
            user,
            password,
            database: decoded("database", database)?,
            encryption: Encryption::Prefer,
            authorities: None,
        };
        address.read_query(query)?;
        address.finish()
    }

    fn read_query(&mut self, query: &str) -> Result<(), Unreadable> {
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decoded("options", value)?;
            match key {
                "sslmode" | "ssl" => self.encryption = Encryption::read(&value)?,
                "sslrootcert" if value != "system" => self.authorities = Some(value),
                "host" => self.host = value,
                "port" => self.port = port(&value)?,
                "user" => self.user = value,
                "password" => self.password = Some(value),
                "dbname" => self.database = value,
                "sslcert" | "sslkey" => {
                    return unreadable(
                        "options",
                        "The address asks for a client's certificate, which cannot be tried here.",
                    );
                }
                // What does not change whether a connection can be made.
                _ => {}
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Self, Unreadable> {
        if self.host.contains(',') {
            return unreadable("host", "The address names several hosts; only one can be tried.");
        }
        if self.host.is_empty() {
            self.host = "localhost".to_owned();
        }
        if self.host.chars().any(|c| c.is_whitespace() || matches!(c, '@' | ':' | '\\'))
            && !self.host.starts_with('/')
            && self.host.parse::<std::net::IpAddr>().is_err()
        {
            return unreadable("host", "The host in the address is not valid.");
        }
        if self.user.is_empty() {
            return unreadable(
                "user",
                format!("The address names no user. It looks like {EXAMPLE}."),
            );
        }
        if self.database.is_empty() {
            self.database.clone_from(&self.user);
        }
        for (part, text) in [("user", &self.user), ("database", &self.database)] {
            if text.contains('\0') {
                return unreadable(
                    part,
                    format!("The {part} in the address contains a zero byte."),
                );
            }
        }
        Ok(self)
    }

    /// Returns the server as it is named to people.
    pub(super) fn place(&self) -> String {
        match self.port {
            _ if self.host.starts_with('/') => self.host.clone(),
            5432 => self.host.clone(),
            port if self.host.contains(':') => format!("[{}]:{port}", self.host),
            port => format!("{}:{port}", self.host),
        }
    }
}

impl Encryption {
    fn read(value: &str) -> Result<Self, Unreadable> {
        Ok(match value {
            "disable" | "false" => Self::Disable,
            "allow" => Self::Allow,
            "prefer" | "" => Self::Prefer,
            "require" | "true" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            _ => {
                return unreadable(
                    "sslmode",
                    "The address's `sslmode` is not valid: it can be disable, prefer, require, \
                     verify-ca or verify-full.",
                );
            }
        })
    }
}

/// Returns what follows the scheme, into which SQLAlchemy writes the driver.
fn scheme(url: &str) -> Result<&str, Unreadable> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return unreadable("scheme", format!("This is not an address. It looks like {EXAMPLE}."));
    };
    let kind = scheme.split('+').next().unwrap_or_default().to_ascii_lowercase();
    match kind.as_str() {
        "postgresql" | "postgres" => Ok(rest),
        _ => unreadable(
            "scheme",
            format!("This is not the address of a PostgreSQL database. It looks like {EXAMPLE}."),
        ),
    }
}

fn user_and_password(text: &str) -> Result<(Option<String>, Option<String>), Unreadable> {
    let (user, password) = match text.split_once(':') {
        Some((user, password)) => (user, Some(password)),
        None => (text, None),
    };
    let user = decoded("user", user)?;
    let password = password.map(|password| decoded("password", password)).transpose()?;
    Ok(((!user.is_empty()).then_some(user), password))
}

fn host_and_port(text: &str) -> Result<(String, u16), Unreadable> {
    let (host, rest) = match text.strip_prefix('[') {
        Some(text) => match text.split_once(']') {
            Some(parts) => parts,
            None => return unreadable("host", "The address's host has a `[` without a `]`."),
        },
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let number = match rest.strip_prefix(':') {
        None if rest.is_empty() => 5432,
        None => return unreadable("host", "There is something between the host and the port."),
        Some("") => 5432,
        Some(number) => port(number)?,
    };
    Ok((decoded("host", host)?, number))
}

fn port(text: &str) -> Result<u16, Unreadable> {
    match text.parse() {
        Ok(port) if port > 0 => Ok(port),
        _ => unreadable(
            "port",
            "The port in the address is not a number from 1 to 65535. If the password contains \
             `@`, `:` or `/`, write these as `%40`, `%3A` and `%2F`.",
        ),
    }
}

fn decoded(part: &'static str, text: &str) -> Result<String, Unreadable> {
    percent_decoded(text).or_else(|()| {
        unreadable(
            part,
            format!("The {part} in the address contains a `%` that has to be written as `%25`."),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(url: &str) -> String {
        match Address::read(url) {
            Ok(a) => format!(
                "{} {:?} @ {} / {} {:?}",
                a.user,
                a.password.as_deref().unwrap_or_default(),
                a.place(),
                a.database,
                a.encryption
            ),
            Err(unreadable) => format!("wrong {}", unreadable.part),
        }
    }

    #[test]
    fn addresses_are_read_as_people_write_them() {
        for (url, expected) in [
            ("postgresql://me:pw@db/app", "me \"pw\" @ db / app Prefer"),
            ("postgres://me:pw@db:6000/app?sslmode=require", "me \"pw\" @ db:6000 / app Require"),
            (
                "postgresql+asyncpg://me:pw@db/app?ssl=verify-full",
                "me \"pw\" @ db / app VerifyFull",
            ),
            ("postgresql+psycopg2://me@db", "me \"\" @ db / me Prefer"),
            ("postgresql://me:p%40s%2Fs@db/my%20app", "me \"p@s/s\" @ db / my app Prefer"),
            ("postgresql://me:p/s:s@db/app", "me \"p/s:s\" @ db / app Prefer"),
            ("postgresql://me:p@s@db/app", "me \"p@s\" @ db / app Prefer"),
            ("postgresql://me:pw@[::1]:5433/app", "me \"pw\" @ [::1]:5433 / app Prefer"),
            (
                "postgresql://me@/app?host=/run/pg&application_name=x",
                "me \"\" @ /run/pg / app Prefer",
            ),
            ("  postgresql://me@db/app\n", "me \"\" @ db / app Prefer"),
        ] {
            assert_eq!(shown(url), expected, "{url}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_by_its_part() {
        for (url, part) in [
            ("", "scheme"),
            ("db:5432", "scheme"),
            ("mysql://me@db/app", "scheme"),
            ("sqlite:///x.db", "scheme"),
            ("postgresql://me:pw@db:54x2/app", "port"),
            ("postgresql://me@db:0/app", "port"),
            ("postgresql://me@db:99999/app", "port"),
            ("postgresql://me:100%@db/app", "password"),
            ("postgresql://me:12?3@db/app", "password"),
            ("postgresql://m%zz@db/app", "user"),
            ("postgresql://me@[::1/app", "host"),
            ("postgresql://me@a,b/app", "host"),
            ("postgresql://me@d b/app", "host"),
            ("postgresql://me@db/app?sslmode=on", "sslmode"),
            ("postgresql://me@db/app?sslcert=x.pem", "options"),
            ("postgresql://me@db/a\npp", "address"),
        ] {
            assert_eq!(shown(url), format!("wrong {part}"), "{url}");
        }
    }
}
