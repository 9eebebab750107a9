//! Takes secrets out of what is logged, by their exact values.

use std::borrow::Cow;

use ensconce_vault::Secrets;

/// Shorter values are words that appear by chance.
const SHORTEST: usize = 8;

/// Puts `<secret NAME>` in the place of each secret.
pub(crate) fn redact<'a>(text: &'a str, secrets: &Secrets) -> Cow<'a, str> {
    let mut clean = Cow::Borrowed(text);
    for (name, secret) in secrets {
        let value = secret.reveal();
        if value.len() >= SHORTEST && clean.contains(value) {
            clean = Cow::Owned(clean.replace(value, &format!("<secret {name}>")));
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;
    use ensconce_vault::SecretValue;

    #[test]
    fn only_the_secret_is_taken_out() {
        let secrets = Secrets::from([
            ("session".to_owned(), SecretValue::new("correct horse".to_owned())),
            ("short".to_owned(), SecretValue::new("a".to_owned())),
        ]);
        assert_eq!(redact("key=correct horse!", &secrets), "key=<secret session>!");
        assert!(matches!(redact("a plain line", &secrets), Cow::Borrowed(_)));
    }
}
