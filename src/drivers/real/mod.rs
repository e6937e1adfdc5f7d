//! Real effects, one file each.
