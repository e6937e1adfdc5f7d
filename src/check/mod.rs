//! A tree becomes a closed, typed `Program`, or all its errors at once.
