//! State to lines and keys to input: pure; the terminal itself is a driver.
