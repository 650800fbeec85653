//! Forms of the console: they carry their session's token.

use axum::Form;
use axum::extract::{FromRequest, Request};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::auth::Caller;
use crate::problem::Problem;

/// A form that came from a page of this very session.
pub(crate) struct Signed<T>(pub(crate) T);

#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    form_token: String,
}

impl<T, S> FromRequest<S> for Signed<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let caller = request.extensions().get::<Caller>().cloned();
        let (parts, body) = request.into_parts();
        let bytes = axum::body::Bytes::from_request(Request::from_parts(parts.clone(), body), state).await?;
        let again = || Request::from_parts(parts.clone(), axum::body::Body::from(bytes.clone()));
        let Form(token) = Form::<Token>::from_request(again(), state).await?;
        check_token(caller.as_ref(), &token.form_token)?;
        let Form(form) = Form::<T>::from_request(again(), state).await?;
        Ok(Self(form))
    }
}

/// Refuses a form without the session's token.
pub(crate) fn check_token(caller: Option<&Caller>, token: &str) -> Result<(), Problem> {
    let expected = caller.map(Caller::form_token).unwrap_or_default();
    if !expected.is_empty() && expected == token {
        return Ok(());
    }
    Err(Problem::not_allowed("this form is not of your present login: reload the page and send it again"))
}
