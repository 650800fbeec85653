//! huifang (回访): calls a company's customers back, asks, records, and follows up.
//! This crate joins the rooms; ARCHITECTURE.md shows the map.

pub mod app;
pub mod cli;
pub mod config;
pub mod demo;
