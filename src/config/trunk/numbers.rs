//! `[[trunk.NAME.rewrite]]`: the operator's rules over the carrier's number form.

use serde::Deserialize;

/// A rule as written: a number that fits `match` as a whole is dialled as `to`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Rewrite(pub trunk::Rewrite);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    r#match: String,
    to: String,
}

impl TryFrom<Written> for Rewrite {
    type Error = trunk::dialled::BadRewrite;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        trunk::Rewrite::new(&written.r#match, &written.to).map(Self)
    }
}
