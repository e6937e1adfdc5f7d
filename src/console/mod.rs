//! What people see and type, as pure functions: state → lines, keys → input. The terminal itself is a driver.

pub mod about;
pub mod lang;
pub mod outputs;
pub mod page;
pub mod plan;
pub mod prompt;
pub mod records;
pub mod sanitise;
pub mod slo;
pub mod status;
pub mod style;
pub mod table;
pub mod telling;
pub mod width;
