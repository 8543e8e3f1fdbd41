//! Target tracking, as EC2 Auto Scaling has it. A metric above its target for a
//! few periods, or below it for many, asks for the workers that bring it there.
//!
//! [`decide`] is pure and links natively too; [`settings`] reads the settings;
//! the component around them is made with the SDK. It keeps nothing itself, and
//! looks at no limit.

pub mod decide;
pub mod settings;

mod component;
