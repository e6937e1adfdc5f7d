//! What people see and type, as pure functions: state → lines, keys → input. The terminal itself is a driver.

pub mod outputs;
pub mod sanitise;
pub mod style;
pub mod table;
pub mod width;
