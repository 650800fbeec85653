//! Calls of the real stack against SIPp, against Kamailio, and against nobody.

mod authentication;
mod calls_end_from_either_side;
mod calls_fail_over;
mod calls_over_every_transport;
mod calls_that_come_to_nothing;
mod failover;
mod forks_and_repetitions;
mod kamailio;
mod kamailio_answers;
mod large_messages;
mod name_server;
mod names;
mod peer;
mod peers_connect_to_us;
mod proxies;
mod registration;
mod restart;
mod sessions_are_refreshed;
mod shutdown;
mod sipp;
mod strangers_are_refused;
mod streams;
mod the_peer_asks_in_the_call;
mod tls;
mod trunk_state;
mod ways;
