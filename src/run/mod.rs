//! The one loop that joins engine, journal, drivers and console.
