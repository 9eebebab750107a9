//! URLs and origins, as far as a manifest may hold them.

/// Why a text is not an address.
pub(super) type Why = &'static str;

/// Checks `http://host:port/path`.
pub(super) fn check_url(text: &str) -> Result<(), Why> {
    let (authority, _) = split(text)?;
    check_authority(authority)
}

/// Checks `http://host:port`.
pub(super) fn check_origin(text: &str) -> Result<(), Why> {
    match split(text)? {
        (authority, "") => check_authority(authority),
        _ => Err("an origin has no path"),
    }
}

/// Checks an origin whose host may begin with `*.`, or `*`.
pub(super) fn check_allowed(text: &str) -> Result<(), Why> {
    match text {
        "*" => Ok(()),
        _ => check_origin(&text.replacen("://*.", "://", 1)),
    }
}

/// Checks `host` or `host:port`.
pub(super) fn check_authority(authority: &str) -> Result<(), Why> {
    if authority.contains('@') {
        return Err("it contains a user or a password");
    }
    let (host, port) = split_port(authority);
    if !is_host(host) {
        return Err(if host.is_empty() {
            "it has no host"
        } else {
            "its host is not a valid name"
        });
    }
    match port.map(str::parse::<u16>) {
        None | Some(Ok(1..)) => Ok(()),
        _ => Err("its port is not a number from 1 to 65535"),
    }
}

fn split(text: &str) -> Result<(&str, &str), Why> {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let rest = rest.ok_or("it begins with neither `http://` nor `https://`")?;
    if rest.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("it contains white space");
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    Ok(rest.split_at(end))
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    let after_host = authority.rfind(']').unwrap_or(0);
    match authority[after_host..].rfind(':') {
        Some(colon) => {
            (&authority[..after_host + colon], Some(&authority[after_host + colon + 1..]))
        }
        None => (authority, None),
    }
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let is_label = |label: &str| {
        !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
    };
    host.len() <= 253 && host.split('.').all(is_label)
}
