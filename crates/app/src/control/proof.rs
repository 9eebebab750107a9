//! Proves that who listens on a control port is the app whose announcement was read.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Returns the proof that one knows a token: HMAC-SHA-256 of a nonce by it, in hexadecimal.
pub(super) fn of(token: &str, nonce: &str) -> String {
    // A key of any length will do.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(token.as_bytes()) else {
        return String::new();
    };
    mac.update(nonce.as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns whether a proof is the right one.
pub(super) fn holds(token: &str, nonce: &str, proof: &str) -> bool {
    let expected = of(token, nonce);
    !expected.is_empty() && expected.as_bytes().ct_eq(proof.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_knows_the_token_can_prove_it() {
        let proof = of("token", "nonce");
        assert!(holds("token", "nonce", &proof));
        assert!(!holds("other", "nonce", &proof));
        assert!(!holds("token", "other", &proof));
        assert!(!holds("token", "nonce", ""));
        // RFC 4231, test case 2.
        let known = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(of("Jefe", "what do ya want for nothing?"), known);
    }
}
