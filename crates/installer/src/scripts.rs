//! What packages run on users' machines: `src/scripts/*.sh`, with names put in.

use crate::Package;

/// Ends running copies of the app; a shell function `end_copies`.
const END_COPIES: &str = include_str!("scripts/end-copies.sh");
/// Debian's `prerm`.
const DEB_PRERM: &str = include_str!("scripts/deb-prerm.sh");
/// Debian's `postrm`.
const DEB_POSTRM: &str = include_str!("scripts/deb-postrm.sh");
/// RPM's `%pre`.
const RPM_PRE: &str = include_str!("scripts/rpm-pre.sh");
/// RPM's `%preun`.
const RPM_PREUN: &str = include_str!("scripts/rpm-preun.sh");

/// Runs before a Debian package is removed or replaced.
pub(crate) fn deb_prerm(package: &Package) -> String {
    filled(package, &format!("#!/bin/sh\nset -e\n\n{END_COPIES}\n{DEB_PRERM}"))
}

/// Runs after a Debian package is removed or purged.
pub(crate) fn deb_postrm(package: &Package) -> String {
    filled(package, &format!("#!/bin/sh\nset -e\n\n{DEB_POSTRM}"))
}

/// Runs before an RPM is installed over another.
pub(crate) fn rpm_pre(package: &Package) -> String {
    filled(package, &format!("{END_COPIES}\n{RPM_PRE}"))
}

/// Runs before an RPM is removed.
pub(crate) fn rpm_preun(package: &Package) -> String {
    filled(package, &format!("{END_COPIES}\n{RPM_PREUN}"))
}

/// Both were checked: nothing in them has a meaning to a shell.
fn filled(package: &Package, script: &str) -> String {
    script.replace("@NAME@", &package.name).replace("@ID@", &package.id)
}
