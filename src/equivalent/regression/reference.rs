//! Reference values with 30 digits.
