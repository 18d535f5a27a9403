//! The function table: one entry per function, one file per family.
