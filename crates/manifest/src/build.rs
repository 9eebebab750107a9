//! The `[build]` section: what `ensconce build` puts into packages.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Platform;
use crate::model::{Env, environment_names, names};

/// What `ensconce build` makes, and from what. Every path is relative to the manifest.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Build {
    /// The kinds of packages to make; all that this machine can make when absent.
    pub bundles: Option<Vec<BundleKind>>,
    /// Name of the package and of its program; the app's name in lower case when absent.
    #[schemars(regex(pattern = r"^[a-z0-9][a-z0-9+.-]{1,63}$"))]
    #[schemars(extend("patternErrorMessage" =
        "Expected 2 to 64 lower-case letters, digits, `+`, `-` and `.`"))]
    pub name: Option<String>,
    /// Files and folders to include; the working folders of all services and tasks when absent.
    pub include: Option<Vec<String>>,
    /// Patterns, as in `.gitignore`, of what to leave out.
    pub exclude: Vec<String>,
    /// Commands that run first, in this order.
    #[serde(rename = "step")]
    pub steps: Vec<BuildStep>,
    /// The app's own Python.
    pub python: Option<BuildPython>,
    /// The app's own Node.
    pub node: Option<BuildNode>,
    /// Programs that commands call by name.
    #[serde(rename = "program")]
    #[schemars(extend("propertyNames" = names()))]
    pub programs: IndexMap<String, Program>,
    /// Shared libraries, such as `libpulse.so.0`, that each user's system has.
    pub system_libraries: Vec<String>,
    /// Packages of the system that the app needs, by package kind.
    pub depends: Depends,
    /// What AppImages begin with.
    pub appimage: Option<BuildAppimage>,
    /// Settings for macOS.
    pub macos: Option<BuildMacos>,
    /// How packages are signed.
    pub sign: Sign,
}

/// A kind of package that people install.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum BundleKind {
    /// A package for Debian, Ubuntu and derivatives.
    Deb,
    /// A package for Fedora, openSUSE and derivatives.
    Rpm,
    /// One file that runs on most Linux systems.
    Appimage,
    /// A compressed folder.
    Tar,
    /// An installer for Windows, one `.exe`.
    Nsis,
    /// A Windows Installer package.
    Msi,
    /// A macOS app, compressed.
    App,
    /// A macOS disk image with the app in it.
    Dmg,
}

impl BundleKind {
    /// Every kind, in the order in which they are listed to people.
    pub const ALL: [Self; 8] = [
        Self::Deb,
        Self::Rpm,
        Self::Appimage,
        Self::Tar,
        Self::Nsis,
        Self::Msi,
        Self::App,
        Self::Dmg,
    ];

    /// Returns its name, as manifests and the command line have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Deb => "deb",
            Self::Rpm => "rpm",
            Self::Appimage => "appimage",
            Self::Tar => "tar",
            Self::Nsis => "nsis",
            Self::Msi => "msi",
            Self::App => "app",
            Self::Dmg => "dmg",
        }
    }

    /// Returns the operating system that it is for.
    pub fn platform(self) -> Platform {
        match self {
            Self::Deb | Self::Rpm | Self::Appimage | Self::Tar => Platform::Linux,
            Self::Nsis | Self::Msi => Platform::Windows,
            Self::App | Self::Dmg => Platform::Macos,
        }
    }
}

/// A command that makes something for the package: pages, a release, a program.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BuildStep {
    /// Program and arguments; no shell reads it.
    #[schemars(length(min = 1))]
    pub command: Vec<String>,
    /// Working folder.
    #[serde(default)]
    pub cwd: Option<String>,
    /// Environment variables.
    #[serde(default)]
    #[schemars(extend("propertyNames" = environment_names()))]
    pub env: Env,
    /// The file or folder that it makes.
    #[serde(default)]
    pub output: Option<String>,
    /// What it reads, as patterns; its working folder when absent. The step is skipped when
    /// neither these nor the output have changed since it ran.
    #[serde(default)]
    pub inputs: Option<Vec<String>>,
}

/// A private Python with the app's locked dependencies.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BuildPython {
    /// Where the interpreter comes from; `standalone` when absent.
    pub source: Option<PythonSource>,
    /// Exact version of the standalone interpreter, such as `3.12.12`.
    #[schemars(regex(pattern = r"^3\.\d+\.\d+$"))]
    #[schemars(extend("patternErrorMessage" = "Expected an exact version such as `3.12.12`"))]
    pub version: Option<String>,
    /// The release of python-build-standalone, such as `20251014`.
    #[schemars(regex(pattern = r"^\d{8}$"))]
    #[schemars(extend("patternErrorMessage" = "Expected a date such as `20251014`"))]
    pub release: Option<String>,
    /// Where python-build-standalone's releases are; GitHub when absent.
    pub mirror: Option<String>,
    /// Another archive with an interpreter, instead of `version` and `release`.
    pub url: Option<String>,
    /// SHA-256 of the archive.
    #[schemars(regex(pattern = r"^[0-9a-fA-F]{64}$"))]
    #[schemars(extend("patternErrorMessage" = "Expected 64 hexadecimal digits"))]
    pub sha256: Option<String>,
    /// The local interpreter, with `source = "local"`; the one that `{python}` is when absent.
    pub interpreter: Option<String>,
    /// `uv.lock`, `poetry.lock`, `requirements.txt` or `pyproject.toml`; looked for beside the
    /// manifest and in working folders when absent.
    pub dependencies: Option<String>,
    /// Extras and dependency groups that are installed too.
    pub extras: Vec<String>,
    /// Patterns, as in `.gitignore`, of what to leave out of the interpreter and its packages.
    pub exclude: Vec<String>,
}

/// Where a Python interpreter comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PythonSource {
    /// python-build-standalone: runs on any system.
    Standalone,
    /// An interpreter of this machine, with the libraries that it needs.
    Local,
}

/// A private Node with the app's production packages.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BuildNode {
    /// An archive with Node; the machine's own `node` when absent.
    pub url: Option<String>,
    /// SHA-256 of the archive.
    #[schemars(regex(pattern = r"^[0-9a-fA-F]{64}$"))]
    #[schemars(extend("patternErrorMessage" = "Expected 64 hexadecimal digits"))]
    pub sha256: Option<String>,
    /// Folders with a `package.json` and its lock file, whose production packages are included.
    pub packages: Vec<String>,
}

/// A program that commands call by name: exactly one of `path`, `url` and `pyinstaller`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Program {
    /// A file, or a folder with `executable` in it; `{target}` stands for the target triple, and a
    /// file beside it with the triple at the end of its name wins, as for Tauri's sidecars.
    pub path: Option<String>,
    /// An archive or a file to fetch; `{target}` stands for the target triple.
    pub url: Option<String>,
    /// SHA-256 of the download.
    #[schemars(regex(pattern = r"^[0-9a-fA-F]{64}$"))]
    #[schemars(extend("patternErrorMessage" = "Expected 64 hexadecimal digits"))]
    pub sha256: Option<String>,
    /// PyInstaller's spec file, `onefile` or `onedir`.
    pub pyinstaller: Option<String>,
    /// The file to start, when the program is a folder or an archive.
    pub executable: Option<String>,
}

/// The runtime that AppImages begin with: exactly one of `path` and `url`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BuildAppimage {
    /// The file of a type-2 runtime; `{target}` stands for the target triple.
    pub path: Option<String>,
    /// Where to fetch it; `{target}` stands for the target triple.
    pub url: Option<String>,
    /// SHA-256 of it.
    #[schemars(regex(pattern = r"^[0-9a-fA-F]{64}$"))]
    #[schemars(extend("patternErrorMessage" = "Expected 64 hexadecimal digits"))]
    pub sha256: Option<String>,
}

/// Packages of the system that the app needs, such as `libpulse0`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Depends {
    /// For Debian packages, as in their `Depends`.
    pub deb: Vec<String>,
    /// For RPM packages, as in their `Requires`.
    pub rpm: Vec<String>,
}

/// Settings for macOS.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BuildMacos {
    /// A property list whose keys are added to `Info.plist`, such as why the app uses the
    /// microphone.
    pub info: Option<String>,
}

/// How packages are signed. Passwords are never here: the tools ask their agents for them, or read
/// them from an environment variable.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Sign {
    /// The GPG key, by id or address, that signs `.deb`, `.rpm` and `SHA256SUMS`.
    pub gpg: Option<String>,
    /// Signing for Windows.
    pub windows: Option<SignWindows>,
    /// Signing for macOS.
    pub macos: Option<SignMacos>,
}

/// Signing for Windows: exactly one of `certificate`, `thumbprint` and `command`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SignWindows {
    /// A PKCS #12 file (`.pfx`, `.p12`).
    pub certificate: Option<String>,
    /// The environment variable that has the file's password.
    #[schemars(regex(pattern = r"^[A-Za-z_][A-Za-z0-9_]*$"))]
    #[schemars(extend("patternErrorMessage" = "Expected the name of an environment variable"))]
    pub password_env: Option<String>,
    /// SHA-1 of a certificate in Windows' own store.
    #[schemars(regex(pattern = r"^[0-9a-fA-F]{40}$"))]
    #[schemars(extend("patternErrorMessage" = "Expected 40 hexadecimal digits"))]
    pub thumbprint: Option<String>,
    /// A program and its arguments that sign `{file}` in its place.
    #[schemars(length(min = 1))]
    pub command: Option<Vec<String>>,
    /// Address of a time stamp server (RFC 3161).
    pub timestamp: Option<String>,
}

/// Signing for macOS: exactly one of `identity` and `certificate`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SignMacos {
    /// An identity of the keychain, such as `Developer ID Application: Ada (ABCDE12345)`.
    pub identity: Option<String>,
    /// A PKCS #12 file, for `rcodesign`.
    pub certificate: Option<String>,
    /// The environment variable that has the file's password.
    #[schemars(regex(pattern = r"^[A-Za-z_][A-Za-z0-9_]*$"))]
    #[schemars(extend("patternErrorMessage" = "Expected the name of an environment variable"))]
    pub password_env: Option<String>,
    /// A property list of entitlements, instead of those that interpreters need.
    pub entitlements: Option<String>,
    /// How Apple is asked to notarise the app.
    pub notarize: Option<Notarize>,
}

/// How Apple is asked to notarise an app: exactly one of `profile` and `key`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Notarize {
    /// The profile's name, as passed to `notarytool store-credentials`.
    pub profile: Option<String>,
    /// A key of App Store Connect: its `.p8` file, or the `.json` file that `rcodesign` makes of
    /// it.
    pub key: Option<String>,
    /// The id of a `.p8` key.
    pub key_id: Option<String>,
    /// The issuer of a `.p8` key.
    pub issuer: Option<String>,
}
