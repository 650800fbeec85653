//! Who is shown to the customer, and in which headers this carrier wants it. What cannot stand in
//! a header cannot be put into an [`Identity`].

mod parts;

use crate::message::Headers;
pub use parts::{DisplayName, Domain, IdentityError, User};

/// The shown identity of a trunk (W6.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    caller: User,
    domain: Domain,
    from_user: Option<User>,
    display_name: Option<DisplayName>,
    headers: Vec<IdentityHeader>,
    privacy: Vec<Privacy>,
    diversion: Option<Diversion>,
}

/// A header beside From that says who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IdentityHeader {
    /// P-Asserted-Identity (RFC 3325 section 9.1), for a carrier that trusts us.
    Asserted,
    /// A further P-Asserted-Identity in tel: form (RFC 3966); see [`Identity::headers`].
    AssertedTel,
    /// P-Preferred-Identity (RFC 3325 section 9.2), for a carrier that chooses among our numbers.
    Preferred,
    /// Remote-Party-ID (draft-ietf-sip-privacy-04), which older soft switches ask for.
    RemoteParty,
}

impl IdentityHeader {
    /// Reads the name that the configuration uses.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "asserted" => Self::Asserted,
            "asserted_tel" => Self::AssertedTel,
            "preferred" => Self::Preferred,
            "remote_party_id" => Self::RemoteParty,
            _ => return None,
        })
    }
}

/// A value of the Privacy header (RFC 3323 section 4.2, RFC 3325 section 9.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Privacy {
    /// The carrier shall hide nothing, whatever its own default is.
    None,
    /// The asserted identity shall not reach the customer.
    Id,
    /// Via, Contact and the like shall be hidden.
    Header,
    /// Everything about the caller shall be hidden.
    User,
}

impl Privacy {
    /// Reads the value as the header writes it.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::None, Self::Id, Self::Header, Self::User].into_iter().find(|known| known.as_str() == text)
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Id => "id",
            Self::Header => "header",
            Self::User => "user",
        }
    }
}

/// On whose behalf a call is sent on (RFC 5806): carriers that let only diverted calls show a
/// foreign number want the subscribed number here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diversion {
    /// The diverting number.
    pub number: User,
    /// Why it diverts.
    pub reason: DiversionReason,
}

/// Why a call is diverted, the values of RFC 5806 section 4 that a caller may claim of itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DiversionReason {
    /// Every call is diverted.
    #[default]
    Unconditional,
    /// Sent on by the called party.
    Deflection,
    /// Not said.
    Unknown,
}

impl DiversionReason {
    fn as_str(self) -> &'static str {
        match self {
            Self::Unconditional => "unconditional",
            Self::Deflection => "deflection",
            Self::Unknown => "unknown",
        }
    }
}

impl Identity {
    /// An identity that shows `caller` at `domain` (a host name or address, an IPv6 address with
    /// or without brackets), in From alone.
    pub fn new(caller: &str, domain: &str) -> Result<Self, IdentityError> {
        Ok(Self {
            caller: User::number(caller)?,
            domain: Domain::parse(domain)?,
            from_user: None,
            display_name: None,
            headers: Vec::new(),
            privacy: Vec::new(),
            diversion: None,
        })
    }

    /// The name shown with the number. Text in any script; written as UTF-8 in quotes.
    pub fn named(mut self, name: &str) -> Result<Self, IdentityError> {
        self.display_name = Some(DisplayName::parse(name)?);
        Ok(self)
    }

    /// The user part of From where the carrier wants its account there instead of the number,
    /// which the other headers then show.
    pub fn from_user(mut self, user: &str) -> Result<Self, IdentityError> {
        self.from_user = Some(User::parse(user)?);
        Ok(self)
    }

    /// The headers beside From, in this order. The tel: form takes a number with `+`, or one that
    /// the domain, which must be a name, gives its context.
    pub fn headers(mut self, headers: Vec<IdentityHeader>) -> Result<Self, IdentityError> {
        let tel = headers.contains(&IdentityHeader::AssertedTel);
        if tel && !self.caller.is_global() && self.domain.is_address() {
            return Err(IdentityError::TelContext);
        }
        self.headers = headers;
        Ok(self)
    }

    /// What is asked to be hidden; empty leaves the Privacy header out.
    pub fn privacy(mut self, privacy: Vec<Privacy>) -> Result<Self, IdentityError> {
        if privacy.len() > 1 && privacy.contains(&Privacy::None) {
            return Err(IdentityError::PrivacyNone);
        }
        self.privacy = privacy;
        Ok(self)
    }

    /// The Diversion header.
    #[must_use]
    pub fn diverted(mut self, diversion: Diversion) -> Self {
        self.diversion = Some(diversion);
        self
    }

    /// The number shown.
    pub fn caller(&self) -> &str {
        self.caller.as_str()
    }

    /// Host part of the identity's URI, an IPv6 address in brackets.
    pub fn domain(&self) -> &str {
        self.domain.as_str()
    }

    /// The user part of our Contact, escaped; it tells nothing where the caller is to be hidden.
    pub fn contact_user(&self) -> String {
        if self.hides_caller() { "anonymous".to_owned() } else { self.caller.escaped() }
    }

    /// The shown number as a URI in angle brackets, without the name.
    pub fn address(&self) -> String {
        format!("<{}>", self.uri(&self.caller))
    }

    /// Writes the headers of an INVITE that say who calls, From with `tag` first.
    pub fn write(&self, headers: &mut Headers, tag: &str) {
        headers.push("From", format!("{};tag={tag}", self.from()));
        for header in &self.headers {
            match header {
                IdentityHeader::Asserted => headers.push("P-Asserted-Identity", self.name_addr()),
                IdentityHeader::AssertedTel => headers.push("P-Asserted-Identity", self.tel()),
                IdentityHeader::Preferred => headers.push("P-Preferred-Identity", self.name_addr()),
                IdentityHeader::RemoteParty => headers.push("Remote-Party-ID", self.remote_party()),
            }
        }
        if !self.privacy.is_empty() {
            let values: Vec<&str> = self.privacy.iter().map(|value| value.as_str()).collect();
            headers.push("Privacy", values.join(";"));
        }
        if let Some(Diversion { number, reason }) = &self.diversion {
            let uri = self.uri(number);
            headers.push("Diversion", format!("<{uri}>;reason={};counter=1", reason.as_str()));
        }
    }

    /// A caller that asks for its identity to be hidden does not tell it in From either
    /// (RFC 3323 section 4.1.1.3, RFC 3325 section 7).
    fn from(&self) -> String {
        if self.hides_caller() {
            return "\"Anonymous\" <sip:anonymous@anonymous.invalid>".to_owned();
        }
        let user = self.from_user.as_ref().unwrap_or(&self.caller);
        format!("{}<{}>", self.name(), self.uri(user))
    }

    fn hides_caller(&self) -> bool {
        self.privacy.iter().any(|value| matches!(value, Privacy::Id | Privacy::User))
    }

    fn name_addr(&self) -> String {
        format!("{}{}", self.name(), self.address())
    }

    fn tel(&self) -> String {
        let number = self.caller.escaped();
        if self.caller.is_global() {
            format!("<tel:{number}>")
        } else {
            format!("<tel:{number};phone-context={}>", self.domain.as_str())
        }
    }

    fn remote_party(&self) -> String {
        let privacy = if self.hides_caller() { "full" } else { "off" };
        format!("{};party=calling;screen=yes;privacy={privacy}", self.name_addr())
    }

    fn name(&self) -> String {
        self.display_name.as_ref().map(|name| format!("{} ", name.quoted())).unwrap_or_default()
    }

    fn uri(&self, user: &User) -> String {
        format!("sip:{}@{}", user.escaped(), self.domain.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(identity: &Identity) -> Vec<String> {
        let mut headers = Headers::default();
        identity.write(&mut headers, "t");
        headers.iter().map(|header| format!("{}: {}", header.name, header.value)).collect()
    }

    #[test]
    fn each_carrier_gets_the_number_where_it_looks_for_it() {
        let identity = Identity::new("4001234567", "company.example").unwrap();
        assert_eq!(written(&identity), ["From: <sip:4001234567@company.example>;tag=t"]);
        let all = [
            IdentityHeader::Asserted,
            IdentityHeader::AssertedTel,
            IdentityHeader::Preferred,
            IdentityHeader::RemoteParty,
        ];
        let full = identity.named("客服 \"A\\B\"").unwrap().from_user("vpbx#7").unwrap();
        let full = full.headers(all.to_vec()).unwrap().diverted(Diversion {
            number: User::number("02112345678").unwrap(),
            reason: DiversionReason::default(),
        });
        let name = "\"客服 \\\"A\\\\B\\\"\" ";
        let number = format!("{name}<sip:4001234567@company.example>");
        assert_eq!(
            written(&full),
            [
                format!("From: {name}<sip:vpbx%237@company.example>;tag=t"),
                format!("P-Asserted-Identity: {number}"),
                "P-Asserted-Identity: <tel:4001234567;phone-context=company.example>".to_owned(),
                format!("P-Preferred-Identity: {number}"),
                format!("Remote-Party-ID: {number};party=calling;screen=yes;privacy=off"),
                "Diversion: <sip:02112345678@company.example>;reason=unconditional;counter=1".to_owned(),
            ]
        );
    }

    #[test]
    fn a_hidden_caller_is_told_to_the_carrier_alone() {
        let table = [("none", false), ("header", false), ("id", true), ("user", true)];
        for (value, hidden) in table {
            let identity = Identity::new("+864001234567", "10.0.0.1").unwrap();
            let identity =
                identity.headers(vec![IdentityHeader::Asserted, IdentityHeader::AssertedTel]).unwrap();
            let identity = identity.privacy(vec![Privacy::parse(value).unwrap()]).unwrap();
            let lines = written(&identity);
            let anonymous = "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=t";
            assert_eq!(lines[0] == anonymous, hidden, "{value}");
            assert_eq!(identity.contact_user() == "anonymous", hidden, "{value}");
            assert_eq!(lines[1], "P-Asserted-Identity: <sip:+864001234567@10.0.0.1>");
            assert_eq!(lines[2], "P-Asserted-Identity: <tel:+864001234567>");
            assert_eq!(lines[3], format!("Privacy: {value}"));
        }
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let by_address = Identity::new("4001234567", "2001:db8::1").unwrap();
        assert_eq!(by_address.domain(), "[2001:db8::1]");
        assert_eq!(
            by_address.clone().headers(vec![IdentityHeader::AssertedTel]),
            Err(IdentityError::TelContext)
        );
        assert_eq!(by_address.privacy(vec![Privacy::Id, Privacy::None]), Err(IdentityError::PrivacyNone));
    }
}
