//! What the operator says of one broker, valid by construction.
//! Never shows a password.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::Url;

/// The longest time one read may be given. A tick is seconds to minutes; a
/// read that takes longer says nothing about now.
const TIMEOUT_MAX: Duration = Duration::from_secs(300);

/// One broker and one vhost on it.
#[derive(Debug, Clone)]
pub struct Config {
    pub(super) url: Url,
    pub(super) vhost: String,
    pub(super) credentials: Credentials,
    pub(super) timeout: Duration,
    pub(super) page_size: PageSize,
    pub(super) trust: Trust,
}

impl Config {
    /// The management API at `url`, such as `http://rabbit:15672`; a path is
    /// kept as the API's prefix. `timeout` is for one whole read: more than
    /// zero, at most five minutes.
    pub fn new(
        url: &str,
        vhost: &str,
        credentials: Credentials,
        timeout: Duration,
    ) -> Result<Self, ConfigError> {
        let url = checked_url(url)?;
        // A URL cannot carry these two as one path segment.
        if vhost.is_empty() || vhost == "." || vhost == ".." {
            return Err(ConfigError::Vhost { vhost: vhost.to_owned() });
        }
        if timeout.is_zero() || timeout > TIMEOUT_MAX {
            return Err(ConfigError::Timeout { given: timeout, allowed: TIMEOUT_MAX });
        }
        Ok(Self {
            url,
            vhost: vhost.to_owned(),
            credentials,
            timeout,
            page_size: PageSize::LARGEST,
            trust: Trust::Platform,
        })
    }

    /// The same, with pages of another size.
    #[must_use]
    pub fn with_page_size(mut self, page_size: PageSize) -> Self {
        self.page_size = page_size;
        self
    }

    /// The same, trusting other certificates.
    #[must_use]
    pub fn with_trust(mut self, trust: Trust) -> Self {
        self.trust = trust;
        self
    }
}

fn checked_url(text: &str) -> Result<Url, ConfigError> {
    let url =
        Url::parse(text).map_err(|source| ConfigError::UrlSyntax { source: source.into() })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(ConfigError::UrlCredentials);
    }
    let plain = url.query().is_none() && url.fragment().is_none();
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() || !plain {
        return Err(ConfigError::UrlKind);
    }
    Ok(url)
}

/// Who asks. Its `Debug` hides the password, and it has no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    user: String,
    password: String,
}

impl Credentials {
    /// A user and its password. HTTP's Basic scheme cannot carry a user with a
    /// colon, and nobody is the empty user.
    pub fn new(user: &str, password: &str) -> Result<Self, ConfigError> {
        if user.is_empty() || user.contains(':') {
            return Err(ConfigError::User);
        }
        Ok(Self { user: user.to_owned(), password: password.to_owned() })
    }

    /// `user:password`, as an environment variable or a file holds it; white
    /// space at the end, such as a file's last newline, is not part of it.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let (user, password) = text.trim_end().split_once(':').ok_or(ConfigError::User)?;
        Self::new(user, password)
    }

    /// The user's name.
    pub fn user(&self) -> &str {
        &self.user
    }

    pub(super) fn password(&self) -> &str {
        &self.password
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("user", &self.user)
            .field("password", &"(hidden)")
            .finish()
    }
}

/// Queues in one page, 1 to 500.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageSize(u16);

impl PageSize {
    /// 500: the API refuses more.
    pub const LARGEST: Self = Self(500);

    /// A page of `queues`; `None` unless it is 1 to 500.
    pub const fn new(queues: u16) -> Option<Self> {
        if queues >= 1 && queues <= Self::LARGEST.0 { Some(Self(queues)) } else { None }
    }

    /// How many queues.
    pub const fn get(self) -> u16 {
        self.0
    }
}

/// Which certificates an `https` broker may show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// Those that this system trusts.
    Platform,
    /// Only those signed by the authorities in this PEM file.
    Authorities(PathBuf),
    /// Any at all: whoever sits in between reads the password.
    AnyCertificate,
}

/// What is wrong with a broker's configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not a URL.
    #[error("url: not a URL; write it as http://host:15672")]
    UrlSyntax { source: crate::Cause },
    /// A URL of another kind.
    #[error("url: not http:// or https:// with a host and without ? and #")]
    UrlKind,
    /// Secrets do not belong into URLs, which are logged.
    #[error("url: holds a user or password; move them to the source's credentials")]
    UrlCredentials,
    /// Not a vhost that can be asked for.
    #[error("vhost: {vhost:?} is empty, \".\" or \"..\"; the default vhost is \"/\"")]
    Vhost { vhost: String },
    /// Too short or too long.
    #[error("timeout: {given:?} is not above zero and at most {allowed:?}")]
    Timeout { given: Duration, allowed: Duration },
    /// Credentials that HTTP cannot carry.
    #[error("credentials: not of the form user:password with a user that is not empty")]
    User,
    /// The authorities' file is not there or unreadable.
    #[error("certificate authorities: cannot read {}", path.display())]
    AuthoritiesFile { path: PathBuf, source: std::io::Error },
    /// The authorities' file holds no certificates.
    #[error("certificate authorities: {} holds no PEM certificate", path.display())]
    AuthoritiesContent { path: PathBuf },
    /// The TLS library refused to start.
    #[error("cannot set up TLS; check this system's certificate store")]
    TlsSetup { source: crate::Cause },
}

#[cfg(test)]
mod tests;
