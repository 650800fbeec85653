//! A trunk that wants a password: 407 is answered with a digest that fits; a password it does not accept is the
//! trunk's fault, not the customer's.

mod support;

use support::{Customer, Huifang, Step};

#[tokio::test]
async fn the_right_password_gets_the_call_through() {
    let customer = Customer::who(&[
        Step::Challenge,
        Step::Ring,
        Step::Answer,
        Step::Wait(2_000),
        Step::Press('9'),
        Step::Wait(1_500),
        Step::HangUp,
    ])
    .await;
    let outcome = Huifang::known_as("company", "secret", customer.address).call().await;
    let talk = customer.content().await;

    assert_eq!(outcome.reason(), "wrong_person");
    assert_eq!(outcome.at("/answered"), true);
    assert!(talk.credentials_fit("company", "secret"));
    assert!(!talk.credentials_fit("company", "guess"));
}

#[tokio::test]
async fn a_password_that_is_not_accepted_is_told_as_the_trunks_fault() {
    let refused = Step::Refuse(
        "407 Proxy Authentication Required",
        "Proxy-Authenticate: Digest realm=\"carrier\", nonce=\"84f1c1ae6cbe5ca9c8e88dfa3ec03459\", qop=\"auth\"",
    );
    let customer = Customer::who(&[Step::Challenge, refused]).await;
    let (outcome, said) = Huifang::known_as("company", "wrong", customer.address).call_in_vain().await;
    customer.content().await;

    assert_eq!(outcome.reason(), "trunk_auth_failed");
    assert_eq!(outcome.at("/answered"), false);
    assert_eq!(outcome.at("/evidence/sip_status"), 407);
    assert!(said.contains("trunk.test") && said.contains("correct the trunk's user and password"), "{said}");
}
