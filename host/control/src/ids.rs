//! Names, one type each, so that no two can be mistaken for one another.
//! Cheap to clone. Never parsed for meaning: an id is compared and shown.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(Arc::from(text))
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(Arc::from(text))
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

name! {
    /// One cloud space with its sources, limits and policy choice.
    SiteName
}
name! {
    /// A worker class.
    ProfileName
}
name! {
    /// What a VM is launched from, as named in the site file.
    ImageName
}
name! {
    /// A policy, as the site file names it.
    PolicyName
}
name! {
    /// A queue on a broker.
    QueueName
}
name! {
    /// One machine. The driver that runs it chose it; unique within the site
    /// and never used again.
    VmId
}
name! {
    /// One worker process. Unique within the site and never used again.
    WorkerId
}
name! {
    /// Names one intent for ever. A driver that is given the same key again
    /// does the thing at most once (idempotency token).
    IntentKey
}
