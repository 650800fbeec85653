//! Accounts, sessions and tokens.

mod server;

use std::time::Duration;

use chrono::Utc;
use ports::{Accounts, NewAccount, Session, StoreError, Token};
use records::{AccountId, Role};
use server::Server;
use tokio::task::JoinSet;
use uuid::Uuid;

fn account(login: &str) -> NewAccount {
    NewAccount {
        id: AccountId(Uuid::now_v7()),
        login: login.to_owned(),
        name: "王管理".to_owned(),
        role: Role::Admin,
        password_hash: "$argon2id$first".to_owned(),
    }
}

#[tokio::test]
async fn of_many_processes_that_start_at_once_one_makes_the_first_account() {
    let server = Server::start().await;
    let store = server.database("first").await.store;
    let mut starting = JoinSet::new();
    for n in 0..6 {
        let store = store.clone();
        starting
            .spawn(async move { store.create_first_account(&account(&format!("admin{n}"))).await.unwrap() });
    }
    let made = starting.join_all().await.into_iter().filter(|made| *made).count();
    assert_eq!((made, store.accounts().await.unwrap().len()), (1, 1));
}

#[tokio::test]
async fn an_account_that_is_put_out_of_use_is_logged_out_everywhere() {
    let server = Server::start().await;
    let store = server.database("accounts").await.store;
    let made = store.create_account(&account("wang")).await.unwrap();
    assert_eq!((made.role, made.active, made.login.as_str()), (Role::Admin, true, "wang"));
    let twice = store.create_account(&account("wang")).await.unwrap_err();
    assert!(matches!(&twice, StoreError::Conflict(text) if text.contains("wang")), "{twice}");

    store.set_password(made.id, "$argon2id$second", None).await.unwrap();
    let (kept, hash) = store.account_by_login("wang").await.unwrap().unwrap();
    assert_eq!((kept, hash.as_str()), (made.clone(), "$argon2id$second"));
    assert_eq!(store.account_by_login("li").await.unwrap(), None);

    let hour = Duration::from_secs(3600);
    let session =
        |byte: u8, expires_at| Session { secret_hash: vec![byte; 32], account: made.id, expires_at };
    store.open_session(&session(1, Utc::now() + hour)).await.unwrap();
    store.open_session(&session(2, Utc::now() - hour)).await.unwrap();
    assert_eq!(store.account_by_session(&[1; 32]).await.unwrap().as_ref(), Some(&made));
    assert_eq!(store.account_by_session(&[2; 32]).await.unwrap(), None);
    // A new password ends every session but the one it was set in.
    store.open_session(&session(3, Utc::now() + hour)).await.unwrap();
    store.set_password(made.id, "$argon2id$third", Some(&[1; 32])).await.unwrap();
    assert_eq!(store.account_by_session(&[1; 32]).await.unwrap().as_ref(), Some(&made));
    assert_eq!(store.account_by_session(&[3; 32]).await.unwrap(), None);
    let token = |byte: u8, expires_at| Token {
        secret_hash: vec![byte; 32],
        account: made.id,
        label: "import".to_owned(),
        expires_at,
    };
    store.create_token(&token(3, None)).await.unwrap();
    store.create_token(&token(4, Some(Utc::now() - hour))).await.unwrap();
    assert_eq!(store.account_by_token(&[3; 32]).await.unwrap().as_ref(), Some(&made));
    assert_eq!(store.account_by_token(&[4; 32]).await.unwrap(), None);

    store.set_active(made.id, false).await.unwrap();
    assert_eq!(store.account_by_session(&[1; 32]).await.unwrap(), None);
    assert_eq!(store.account_by_token(&[3; 32]).await.unwrap(), None);
    store.set_active(made.id, true).await.unwrap();
    // What was ended stays ended.
    assert_eq!(store.account_by_session(&[1; 32]).await.unwrap(), None);
    assert_eq!(store.account_by_token(&[3; 32]).await.unwrap(), None);
    store.open_session(&session(5, Utc::now() + hour)).await.unwrap();
    store.close_session(&[5; 32]).await.unwrap();
    assert_eq!(store.account_by_session(&[5; 32]).await.unwrap(), None);
}
