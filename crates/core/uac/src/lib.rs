//! uac
