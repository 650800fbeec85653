//! Who is shown to the customer, and in which headers the carrier wants it.

use serde::Deserialize;
use uac::identity::{Diversion, DiversionReason, Identity, IdentityError, IdentityHeader, Privacy, User};

use super::Trunk;

/// A header that says who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShownIn {
    /// Always written; named for completeness.
    From,
    /// For a carrier that trusts us (RFC 3325).
    PAssertedIdentity,
    /// The same in tel: form.
    PAssertedIdentityTel,
    /// For a carrier that chooses among our numbers (RFC 3325).
    PPreferredIdentity,
    /// For older soft switches.
    RemotePartyId,
}

/// What is asked to be hidden (RFC 3323).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hidden {
    /// Nothing, whatever the carrier's own default is.
    None,
    Id,
    Header,
    User,
}

impl From<ShownIn> for Option<IdentityHeader> {
    fn from(shown: ShownIn) -> Self {
        match shown {
            ShownIn::From => None,
            ShownIn::PAssertedIdentity => Some(IdentityHeader::Asserted),
            ShownIn::PAssertedIdentityTel => Some(IdentityHeader::AssertedTel),
            ShownIn::PPreferredIdentity => Some(IdentityHeader::Preferred),
            ShownIn::RemotePartyId => Some(IdentityHeader::RemoteParty),
        }
    }
}

impl From<Hidden> for Privacy {
    fn from(hidden: Hidden) -> Self {
        match hidden {
            Hidden::None => Self::None,
            Hidden::Id => Self::Id,
            Hidden::Header => Self::Header,
            Hidden::User => Self::User,
        }
    }
}

pub(super) fn default_shown_in() -> Vec<ShownIn> {
    vec![ShownIn::From, ShownIn::PAssertedIdentity]
}

impl Trunk {
    /// The identity as the signalling writes it.
    pub fn shown(&self) -> Result<Identity, IdentityError> {
        let peer = uac::Hop::parse(self.first_peer()).map(|hop| hop.host).unwrap_or_default();
        let domain = self.domain.as_deref().unwrap_or(&peer);
        let headers = self.identity.iter().filter_map(|shown| Option::from(*shown)).collect();
        let mut identity = Identity::new(&self.caller, domain)?
            .headers(headers)?
            .privacy(self.privacy.into_iter().map(Privacy::from).collect())?;
        if let Some(name) = &self.display_name {
            identity = identity.named(name)?;
        }
        if let Some(user) = &self.from_user {
            identity = identity.from_user(user)?;
        }
        if let Some(number) = &self.diversion {
            let number = User::number(number)?;
            identity = identity.diverted(Diversion { number, reason: DiversionReason::default() });
        }
        Ok(identity)
    }

    /// The key that an identity's fault belongs to.
    pub(super) fn identity_fault(&self) -> Option<String> {
        let fault = self.shown().err()?;
        let key = match &fault {
            IdentityError::Number(text) if self.diversion.as_ref() == Some(text) => "diversion",
            IdentityError::Number(_) => "caller",
            IdentityError::User(_) => "from_user",
            IdentityError::Domain(_) => "domain",
            IdentityError::DisplayName => "display_name",
            IdentityError::TelContext => "identity",
            IdentityError::PrivacyNone => "privacy",
        };
        Some(format!("{key}: {fault}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(keys: &str) -> Vec<String> {
        let text = format!("peer = \"sip.carrier.example:5060\"\ncaller = \"4008001234\"\n{keys}");
        let trunk: Trunk = toml::from_str(&text).unwrap();
        let mut headers = uac::Headers::default();
        trunk.shown().unwrap().write(&mut headers, "t");
        headers.iter().map(|header| format!("{}: {}", header.name, header.value)).collect()
    }

    #[test]
    fn each_key_reaches_its_header() {
        let uri = "<sip:4008001234@sip.carrier.example>";
        let from = format!("From: {uri};tag=t");
        for (keys, expected) in [
            ("", vec![from.clone(), format!("P-Asserted-Identity: {uri}")]),
            ("identity = [\"from\"]", vec![from.clone()]),
            (
                "identity = [\"p-preferred-identity\"]",
                vec![from.clone(), format!("P-Preferred-Identity: {uri}")],
            ),
            (
                "from_user = \"acc7\"\ndomain = \"ims.example\"",
                vec![
                    "From: <sip:acc7@ims.example>;tag=t".to_owned(),
                    "P-Asserted-Identity: <sip:4008001234@ims.example>".to_owned(),
                ],
            ),
            (
                "identity = [\"from\"]\nprivacy = \"none\"\ndiversion = \"02112345678\"",
                vec![
                    from,
                    "Privacy: none".to_owned(),
                    "Diversion: <sip:02112345678@sip.carrier.example>;reason=unconditional;counter=1"
                        .to_owned(),
                ],
            ),
        ] {
            assert_eq!(written(keys), expected, "{keys}");
        }
        let named = written("display_name = \"客服中心\"\nidentity = [\"remote-party-id\"]");
        assert!(named.iter().all(|line| line.contains("\"客服中心\" <sip:4008001234")), "{named:?}");
        assert!(named[1].starts_with("Remote-Party-ID: "), "{named:?}");
    }

    #[test]
    fn a_fault_names_its_key() {
        for (keys, key) in [
            ("display_name = \"\"", "display_name"),
            ("from_user = \"a b\"", "from_user"),
            ("domain = \"a b\"", "domain"),
            ("diversion = \"0 21\"", "diversion"),
            ("domain = \"10.0.0.1\"\nidentity = [\"p-asserted-identity-tel\"]", "identity"),
        ] {
            let text = format!("peer = \"c:5060\"\ncaller = \"400\"\n{keys}");
            let trunk: Trunk = toml::from_str(&text).unwrap();
            let faults = trunk.faults();
            assert!(faults.iter().any(|fault| fault.starts_with(&format!("{key}: "))), "{keys}: {faults:?}");
        }
    }
}
