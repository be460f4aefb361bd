//! The cases of `tests/cases/patch`, and properties that hold for every patch.

mod cases;
mod effort;
mod elements;
mod properties;
