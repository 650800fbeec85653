//! A run of the bench.
