//! The list of components, in CycloneDX, for those who must know what they install.

use cyclonedx_bom::external_models::date_time::DateTime;
use cyclonedx_bom::external_models::normalized_string::NormalizedString;
use cyclonedx_bom::external_models::spdx::SpdxExpression;
use cyclonedx_bom::external_models::uri::Purl;
use cyclonedx_bom::models::bom::{Bom, SpecVersion, UrnUuid};
use cyclonedx_bom::models::component::{Classification, Component as Listed, Components};
use cyclonedx_bom::models::license::{License, LicenseChoice, Licenses};
use cyclonedx_bom::models::metadata::Metadata;

use crate::{Component, Key};

/// Writes the components of an app as CycloneDX 1.5 JSON; the same for the same.
///
/// `time` is in seconds since 1970; it is that of the release, not of the build.
pub fn sbom(name: &str, version: &str, time: u64, components: &[Component]) -> String {
    let mut components = components.to_vec();
    components.sort();
    components.dedup();
    let bom = Bom {
        serial_number: serial_number(name, version, time, &components),
        metadata: Some(Metadata {
            timestamp: timestamp(time),
            component: Some(Listed::new(Classification::Application, name, version, None)),
            ..Metadata::default()
        }),
        components: Some(Components(components.iter().map(listed).collect())),
        ..Bom::default()
    };
    let mut json = Vec::new();
    bom.output_as_json(&mut json, SpecVersion::V1_5).expect("CycloneDX 1.5 has all these fields");
    String::from_utf8(json).expect("JSON is UTF-8")
}

fn listed(component: &Component) -> Listed {
    let mut listed =
        Listed::new(Classification::Library, &component.name, &component.version, None);
    listed.bom_ref = Some(component.purl.clone());
    listed.purl = component.purl.parse::<Purl>().ok();
    listed.licenses = component.license.as_deref().map(|license| Licenses(vec![choice(license)]));
    listed
}

/// Takes SPDX as SPDX, and what packages write instead as a name.
fn choice(license: &str) -> LicenseChoice {
    match SpdxExpression::parse_lax(license.to_owned()) {
        Ok(expression) => LicenseChoice::Expression(expression),
        Err(_) => {
            let line = license.lines().next().unwrap_or_default().trim();
            LicenseChoice::License(License::named_license(NormalizedString::new(line).as_ref()))
        }
    }
}

fn timestamp(time: u64) -> Option<DateTime> {
    let time = time::OffsetDateTime::from_unix_timestamp(i64::try_from(time).ok()?).ok()?;
    let text = time.format(&time::format_description::well_known::Rfc3339).ok()?;
    DateTime::try_from(text).ok()
}

/// Makes the number of what is listed, as a name-based UUID (version 8) would be.
fn serial_number(
    name: &str,
    version: &str,
    time: u64,
    components: &[Component],
) -> Option<UrnUuid> {
    let listed = serde_json::to_string(components).unwrap_or_default();
    let key = Key::new("sbom").with(name).with(version).with(time.to_le_bytes()).with(listed);
    let hash = key.name();
    let variant = ["8", "9", "a", "b"][usize::from(hash.as_bytes()[16] % 4)];
    let (a, b, c) = (&hash[..8], &hash[8..12], &hash[13..16]);
    let (d, e) = (&hash[17..20], &hash[20..32]);
    UrnUuid::new(format!("urn:uuid:{a}-{b}-8{c}-{variant}{d}-{e}")).ok()
}
