//! Times of the clock on the wall, for policies that follow one: IANA time
//! zones, five-field cron, windows that open and close.
//!
//! Pure, and small inside a component. It reads no clock: the moment asked
//! about is an argument. It knows nothing of workers.
//!
//! ```
//! use hooke_timetable::{Cron, Moment, Until, Window, Zone};
//!
//! let office = Window {
//!     zone: Zone::named("Europe/Berlin").expect("a zone"),
//!     start: Cron::parse("0 8 * * mon-fri").expect("a cron expression"),
//!     until: Until::Cron(Cron::parse("0 18 * * *").expect("a cron expression")),
//! };
//! // Thursday 2026-01-01, 09:30 in Berlin.
//! let open = office.active(Moment::from_ms(1_767_256_200_000)).expect("open");
//! assert_eq!(open.since, Moment::from_ms(1_767_250_800_000));
//! ```

mod calendar;
mod cron;
mod field;
mod moment;
mod window;
mod zone;

pub use cron::{Cron, CronError, Days, Skipped};
pub use field::FieldError;
pub use moment::Moment;
pub use window::{Open, Until, Window};
pub use zone::{UnknownZone, Zone};
