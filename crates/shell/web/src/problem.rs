//! Errors as RFC 9457 problem details; every `detail` says what to do.

use axum::Json;
use axum::extract::multipart::MultipartError;
use axum::extract::rejection::{BytesRejection, FormRejection, JsonRejection, PathRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ports::{ArchiveError, IntakeError, StoreError};
use serde::Serialize;

use crate::import::RowError;

/// What every handler answers.
pub(crate) type Reply = Result<Response, Problem>;

/// A request that could not be carried out.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Problem {
    /// Such as `urn:huifang:problem:missing`.
    #[serde(rename = "type")]
    pub(crate) uri: String,
    pub(crate) title: &'static str,
    pub(crate) status: u16,
    pub(crate) detail: String,
    /// Rows of an import that cannot be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) errors: Vec<RowError>,
    #[serde(skip)]
    pub(crate) retry_after: Option<u64>,
}

macro_rules! kinds {
    ($($name:ident $status:ident $title:literal),* $(,)?) => {
        impl Problem {$(
            pub(crate) fn $name(detail: impl Into<String>) -> Self {
                Self::of(stringify!($name), StatusCode::$status, $title, detail.into())
            }
        )*}

        /// Every problem: the last part of its type, its status and its title.
        pub(crate) const KINDS: &[(&str, StatusCode, &str)] = &[$((stringify!($name), StatusCode::$status, $title)),*];
    };
}

kinds! {
    unreadable BAD_REQUEST "The request cannot be read",
    not_logged_in UNAUTHORIZED "Not logged in",
    not_allowed FORBIDDEN "Not allowed",
    missing NOT_FOUND "Not found",
    wrong_method METHOD_NOT_ALLOWED "Method not allowed",
    conflict CONFLICT "Conflict",
    too_large PAYLOAD_TOO_LARGE "Too large",
    wrong_media_type UNSUPPORTED_MEDIA_TYPE "Wrong media type",
    invalid UNPROCESSABLE_ENTITY "Invalid content",
    internal INTERNAL_SERVER_ERROR "Internal error",
    unavailable SERVICE_UNAVAILABLE "Not available",
}

impl Problem {
    fn of(kind: &str, status: StatusCode, title: &'static str, detail: String) -> Self {
        Self {
            uri: format!("urn:huifang:problem:{kind}"),
            title,
            status: status.as_u16(),
            detail,
            errors: Vec::new(),
            retry_after: None,
        }
    }

    /// The last part of the type, such as `missing`.
    pub(crate) fn kind(&self) -> &str {
        self.uri.rsplit(':').next().unwrap_or_default()
    }

    pub(crate) fn with_errors(mut self, errors: Vec<RowError>) -> Self {
        self.errors = errors;
        self
    }

    pub(crate) fn after_seconds(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    pub(crate) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn of_rejection(status: StatusCode, text: String) -> Self {
        match status {
            StatusCode::PAYLOAD_TOO_LARGE => {
                Self::too_large(format!("{text}. Send less at once: split the file"))
            }
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::wrong_media_type(text),
            StatusCode::UNPROCESSABLE_ENTITY => Self::invalid(text),
            _ => Self::unreadable(text),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status(), Json(&self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"huifang\""));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        // The console's guard finds it here and shows it as a page.
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let text = error.to_string();
        match error {
            StoreError::Missing { .. } => Self::missing(text),
            StoreError::Conflict(_) => Self::conflict(text),
            StoreError::Unavailable(_) => {
                tracing::error!(%error, "the store is not available");
                Self::unavailable("the database is not available just now: try again in a moment")
                    .after_seconds(5)
            }
            StoreError::Corrupt { .. } => {
                tracing::error!(%error, "the store holds something unexpected");
                Self::internal(text)
            }
        }
    }
}

impl From<IntakeError> for Problem {
    fn from(error: IntakeError) -> Self {
        match error {
            IntakeError::Store(error) => error.into(),
            IntakeError::NoList(why) => Self::invalid(why),
            IntakeError::Io { .. } => {
                tracing::error!(%error, "a list could not be put aside");
                Self::unavailable(
                    "the file cannot be put aside just now: tell the operator to look into the log",
                )
            }
        }
    }
}

impl From<ArchiveError> for Problem {
    fn from(error: ArchiveError) -> Self {
        tracing::error!(%error, "a recording cannot be handed out");
        match error {
            ArchiveError::Missing(_) => Self::missing(error.to_string()),
            ArchiveError::OutOfRange { .. } | ArchiveError::Io(_) => Self::unavailable(error.to_string()),
        }
    }
}

impl From<askama::Error> for Problem {
    fn from(error: askama::Error) -> Self {
        tracing::error!(%error, "a page cannot be rendered");
        Self::internal("the page cannot be shown: tell the operator to look into the log")
    }
}

impl From<MultipartError> for Problem {
    fn from(error: MultipartError) -> Self {
        Self::of_rejection(error.status(), error.body_text())
    }
}

macro_rules! rejections {
    ($($rejection:ty),* $(,)?) => {$(
        impl From<$rejection> for Problem {
            fn from(rejection: $rejection) -> Self {
                Self::of_rejection(rejection.status(), rejection.body_text())
            }
        }
    )*};
}

rejections!(BytesRejection, FormRejection, JsonRejection, PathRejection, QueryRejection);
