//! Values, units, durations, percents and their arithmetic. No syntax, no effects.
