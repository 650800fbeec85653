//! Every form for every kind of number, and the operator's rules over them.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use records::Number;
use trunk::dialled::{BadRewrite, dialled};
use trunk::{Form, Rewrite};

fn number(text: &str) -> Number {
    Number::parse(text).unwrap()
}

fn rules(rules: &[(&str, &str)]) -> Vec<Rewrite> {
    rules.iter().map(|(pattern, to)| Rewrite::new(pattern, to).unwrap()).collect()
}

#[test]
fn each_form_writes_each_kind_of_number() {
    // number: national, e164, zero-prefixed, international
    for (text, national, e164, zero, international) in [
        ("13800138000", "13800138000", "+8613800138000", "013800138000", "008613800138000"),
        ("19912345678", "19912345678", "+8619912345678", "019912345678", "008619912345678"),
        ("010-88886666", "01088886666", "+861088886666", "01088886666", "00861088886666"),
        ("021-62345678", "02162345678", "+862162345678", "02162345678", "00862162345678"),
        ("0755-83765566", "075583765566", "+8675583765566", "075583765566", "008675583765566"),
        ("0371-65951234", "037165951234", "+8637165951234", "037165951234", "008637165951234"),
        ("400-810-1234", "4008101234", "+864008101234", "4008101234", "00864008101234"),
        ("800-810-1234", "8008101234", "+868008101234", "8008101234", "00868008101234"),
        ("95588", "95588", "+8695588", "95588", "008695588"),
        ("10086", "10086", "+8610086", "10086", "008610086"),
        ("+442079460018", "00442079460018", "+442079460018", "00442079460018", "00442079460018"),
        ("+85221234567", "0085221234567", "+85221234567", "0085221234567", "0085221234567"),
    ] {
        let number = number(text);
        for (form, expected) in [
            (Form::National, national),
            (Form::E164, e164),
            (Form::ZeroPrefixed, zero),
            (Form::International, international),
        ] {
            assert_eq!(dialled(&number, form, "0", &[]).as_deref(), Ok(expected), "{text} as {form:?}");
        }
    }
}

#[test]
fn the_prefix_of_mobiles_is_the_carriers() {
    let mobile = number("13800138000");
    assert_eq!(dialled(&mobile, Form::ZeroPrefixed, "9930", &[]).as_deref(), Ok("993013800138000"));
    assert_eq!(
        dialled(&number("02162345678"), Form::ZeroPrefixed, "9930", &[]).as_deref(),
        Ok("02162345678")
    );
}

#[test]
fn the_first_rule_that_fits_the_whole_number_rewrites_it() {
    let rules = rules(&[
        ("^0(1[3-9]\\d{9})$", "$1"),
        ("010(\\d{8})", "${1}"),
        ("(?<area>0\\d{3})(?<rest>\\d+)", "17909${area}${rest}"),
        ("1[3-9]\\d{9}", "never: an earlier rule took it"),
    ]);
    for (text, form, expected) in [
        ("13800138000", Form::ZeroPrefixed, "13800138000"),
        ("010-88886666", Form::National, "88886666"),
        ("0755-83765566", Form::National, "17909075583765566"),
        ("95588", Form::National, "95588"),
    ] {
        assert_eq!(dialled(&number(text), form, "0", &rules).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn what_cannot_be_dialled_is_refused_without_telling_the_number() {
    let mobile = number("13800138000");
    for to in ["", "sip:$0", "$0;phone-context=x", "１３８", "86+$0", "$0 ", "$0$0$0"] {
        let error = dialled(&mobile, Form::National, "0", &rules(&[(".*", to)])).unwrap_err().to_string();
        assert!(error.contains("+86138****8000") && error.contains("rewrite"), "{to}: {error}");
        assert!(!error.contains("13800138000"), "{error}");
    }
    assert_eq!(
        dialled(&mobile, Form::National, "0", &rules(&[(".*", "*31#$0")])).as_deref(),
        Ok("*31#13800138000")
    );
}

#[test]
fn a_broken_rule_is_named() {
    let error = Rewrite::new("0(1[3-9", "$1").unwrap_err();
    assert!(matches!(&error, BadRewrite::Pattern { .. }), "{error}");
    assert!(error.to_string().contains("0(1[3-9\" is no regular expression"), "{error}");
    for to in ["$2", "${x}", "$1a", "0$name"] {
        let error = Rewrite::new("0(1\\d+)", to).unwrap_err().to_string();
        assert!(error.contains(to) && error.contains("brackets"), "{error}");
    }
    assert!(Rewrite::new("0(1\\d+)", "$$${1}a").is_ok());
}
