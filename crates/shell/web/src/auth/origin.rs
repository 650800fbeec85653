//! Cross-site request forgery: a write by cookie must come from our own pages.

use axum::http::{HeaderMap, header};

/// Whether the browser says that a request comes from our own origin: `Sec-Fetch-Site`, else `Origin` against `Host`.
/// `None` where it says nothing.
pub(crate) fn same_origin(headers: &HeaderMap) -> Option<bool> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if let Some(site) = text("sec-fetch-site") {
        return Some(matches!(site, "same-origin" | "none"));
    }
    let origin = text(header::ORIGIN.as_str())?;
    let host = text(header::HOST.as_str()).unwrap_or_default();
    let named = origin.split_once("://").map_or("", |(_, host)| host);
    Some(!named.is_empty() && named.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_s_word_decides() {
        for (site, origin, host, expected) in [
            ("", "", "", None),
            ("", "", "a", None),
            ("same-origin", "", "", Some(true)),
            ("same-site", "", "", Some(false)),
            ("cross-site", "http://a", "a", Some(false)),
            ("", "http://a:8080", "A:8080", Some(true)),
            ("", "http://b:8080", "a:8080", Some(false)),
            ("", "null", "a", Some(false)),
            ("", "http://a", "", Some(false)),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in [("sec-fetch-site", site), ("origin", origin), ("host", host)] {
                if !value.is_empty() {
                    headers.insert(name, value.parse().unwrap());
                }
            }
            assert_eq!(same_origin(&headers), expected, "{site} {origin} {host}");
        }
    }
}
