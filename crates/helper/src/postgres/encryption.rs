//! Which certificates of a database server are trusted: what libpq does for each `sslmode`.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

use super::address::{Address, Encryption};
use super::connect::ConnectFailure;
use crate::tls;

/// Returns the configuration of TLS for a server.
pub(super) fn configuration(address: &Address) -> Result<Arc<ClientConfig>, ConnectFailure> {
    let provider = tls::provider();
    let verifier = Verifier::new(address, &provider)?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| ConnectFailure::NoEncryption)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// Trusts as much as the `sslmode` says.
#[derive(Debug)]
struct Verifier {
    /// Knows the authorities; without it, every certificate is accepted.
    authorities: Option<Arc<dyn ServerCertVerifier>>,
    /// Whether the certificate has to be for the host's name.
    name: bool,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    fn new(address: &Address, provider: &Arc<CryptoProvider>) -> Result<Self, ConnectFailure> {
        let own = address.authorities.clone().map(PathBuf::from).or_else(usual_authorities);
        let authorities = match (address.encryption, own) {
            // With a file of authorities libpq checks them for `require`, too.
            (Encryption::Require, Some(file)) => Some(from_file(&file, provider)?),
            (Encryption::VerifyCa | Encryption::VerifyFull, Some(file)) => {
                Some(from_file(&file, provider)?)
            }
            (Encryption::VerifyCa | Encryption::VerifyFull, None) => Some(of_system(provider)?),
            _ => None,
        };
        let name = address.encryption == Encryption::VerifyFull;
        Ok(Self { authorities, name, provider: provider.clone() })
    }
}

/// Returns the file that libpq reads when the address names none, if it exists.
fn usual_authorities() -> Option<PathBuf> {
    let folder = if cfg!(windows) {
        PathBuf::from(std::env::var_os("APPDATA")?).join("postgresql")
    } else {
        PathBuf::from(std::env::var_os("HOME")?).join(".postgresql")
    };
    Some(folder.join("root.crt")).filter(|file| file.is_file())
}

fn from_file(
    file: &PathBuf,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, ConnectFailure> {
    let mut roots = RootCertStore::empty();
    let certificates =
        CertificateDer::pem_file_iter(file).map_err(|_| ConnectFailure::Authorities)?;
    for certificate in certificates {
        roots
            .add(certificate.map_err(|_| ConnectFailure::Authorities)?)
            .map_err(|_| ConnectFailure::Authorities)?;
    }
    let verifier = WebPkiServerVerifier::builder_with_provider(roots.into(), provider.clone())
        .build()
        .map_err(|_| ConnectFailure::Authorities)?;
    Ok(verifier)
}

fn of_system(
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, ConnectFailure> {
    let verifier = rustls_platform_verifier::Verifier::new(provider.clone())
        .map_err(|_| ConnectFailure::Authorities)?;
    Ok(Arc::new(verifier))
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(authorities) = &self.authorities else {
            return Ok(ServerCertVerified::assertion());
        };
        let result = authorities.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        match result {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.name => Ok(ServerCertVerified::assertion()),
            result => result,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
