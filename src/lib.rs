//! huifang
