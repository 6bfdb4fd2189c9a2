//! The types agree with oslo.config's own: on the recorded answers, and on those in the file that `CINDERLINT_TYPE_CASES`
//! names (`tests/oracle/check_types.py` writes both).

use cinderlint::catalog::types::{Type, as_bool, knows_regex, list_items};
use serde_json::Value;

/// A type from the catalogue's form. It lives as long as the test.
fn type_of(json: &Value) -> Type {
    let int = |key: &str| json[key].as_i64();
    let bool = |key: &str| json[key].as_bool().unwrap_or_default();
    let small = |key: &str| int(key).map(|value| u32::try_from(value).unwrap());
    let version = int("version").map(|value| u8::try_from(value).unwrap());
    let array = |key: &str| json[key].as_array().cloned().unwrap_or_default();
    let leak = |value: &Value| -> &'static str { value.as_str().unwrap().to_owned().leak() };
    let texts = |key: &str| -> &'static [&'static str] { array(key).iter().map(leak).collect::<Vec<_>>().leak() };
    let numbers =
        |key: &str| -> &'static [i64] { array(key).iter().map(|n| n.as_i64().unwrap()).collect::<Vec<_>>().leak() };
    let item = || -> &'static Type {
        Box::leak(Box::new(if json["item"].is_null() { Type::STRING } else { type_of(&json["item"]) }))
    };
    match json["kind"].as_str().unwrap() {
        "string" => Type::String {
            choices: texts("choices"),
            quotes: bool("quotes"),
            regex: json.get("regex").map(leak),
            ignore_case: bool("ignore_case"),
            max_length: small("max_length"),
        },
        "boolean" => Type::Boolean,
        "integer" => Type::Integer { min: int("min"), max: int("max"), choices: numbers("choices") },
        "float" => Type::Float { min: json["min"].as_f64(), max: json["max"].as_f64() },
        "port" => Type::Port { min: int("min"), max: int("max"), choices: numbers("choices") },
        "list" => Type::List { item: item(), bounds: bool("bounds") },
        "dict" => Type::Dict { item: item(), bounds: bool("bounds") },
        "range" => Type::Range { min: int("min"), max: int("max") },
        "hostaddress" => Type::HostAddress { version },
        "hostdomain" => Type::HostDomain { version },
        "hostname" => Type::Hostname,
        "ip" => Type::IpAddress { version },
        "uri" => Type::Uri { max_length: small("max_length"), schemes: texts("schemes") },
        other => panic!("no such type: {other}"),
    }
}

/// Compares every case of a file; gives their number.
fn compare(cases: &str) -> usize {
    let mut differences = Vec::new();
    let mut count = 0;
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let text = case["value"].as_str().unwrap();
        let found = type_of(&case["type"]).check(text).err().map(|error| error.to_string());
        count += 1;
        if found.as_deref() != case["message"].as_str() || found.is_none() != case["ok"].as_bool().unwrap() {
            differences.push(format!("{line}\n    found: {found:?}"));
        }
    }
    let shown = differences.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
    assert!(differences.is_empty(), "{} of {count} differ:\n{shown}", differences.len());
    count
}

#[test]
fn agrees_with_the_recorded_answers() {
    assert!(compare(include_str!("../data/types.jsonl")) >= 3000);
}

#[test]
#[ignore = "needs a file of cases in CINDERLINT_TYPE_CASES (tests/oracle/check_types.py)"]
fn agrees_with_the_answers_at_hand() {
    let path = std::env::var_os("CINDERLINT_TYPE_CASES").expect("CINDERLINT_TYPE_CASES");
    assert!(compare(&std::fs::read_to_string(path).unwrap()) > 0);
}

#[test]
fn messages_without_the_value_hold_none_of_it() {
    for line in include_str!("../data/types.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        // A long word that no message has of its own.
        let text = format!("{}hunter2-Secret", case["value"].as_str().unwrap());
        if let Err(error) = type_of(&case["type"]).check(&text) {
            assert!(!error.without_value().contains("hunter2"), "{line}");
            assert!(!format!("{error:?}").contains("hunter2"), "{line}");
            assert!(!error.without_value().is_empty(), "{line}");
        }
    }
}

#[test]
fn cuts_lists() {
    assert_eq!(list_items(" nfs1, nfs2 ,"), ["nfs1", "nfs2"]);
    assert_eq!(list_items("a,,\"b,c\""), ["a", "", "\"b", "c\""]);
    assert_eq!(list_items(" , "), [""; 0]);
    assert_eq!(Type::LIST.items("a,b"), ["a", "b"]);
    let quoted = Type::String { choices: &[], quotes: true, regex: None, ignore_case: false, max_length: None };
    let quoted = Type::List { item: Box::leak(Box::new(quoted)), bounds: true };
    assert_eq!(quoted.items("[\"b,c\", 'd']"), ["b,c", "d"]);
    assert_eq!(quoted.items("\"b,c"), ["\"b", "c"]);
}

#[test]
fn reads_booleans() {
    assert_eq!(as_bool("Yes"), Some(true));
    assert_eq!(as_bool("OFF"), Some(false));
    assert_eq!(as_bool("auto"), None);
    assert_eq!(as_bool(" true"), None);
}

#[test]
fn what_cannot_be_checked_passes() {
    let regex = Some("^[a-z]+$");
    assert!(!knows_regex("^[a-z]+$"));
    let pattern = Type::String { choices: &[], quotes: false, regex, ignore_case: false, max_length: None };
    assert!(pattern.check("42").is_ok());
    assert!(Type::Unknown.check("\0").is_ok());
}

/// Joining items again and again is what oslo.config spends quadratic time on.
#[test]
fn long_texts_take_no_long_time() {
    let start = std::time::Instant::now();
    let dicts = Type::Dict {
        item: &Type::Dict { item: &Type::Integer { min: None, max: None, choices: &[] }, bounds: true },
        bounds: false,
    };
    let lists = Type::List {
        item: &Type::List { item: &Type::Uri { max_length: None, schemes: &[] }, bounds: true },
        bounds: false,
    };
    let numbers = Type::List { item: &Type::Integer { min: None, max: None, choices: &[] }, bounds: false };
    for text in ["a:{b:x,", "[a,", "x,", "1,", "a:{b:1},", ",", "[", "a:b"] {
        let text = text.repeat(100_000);
        for kind in [&dicts, &lists, &numbers] {
            let _ = kind.check(&text);
            let _ = kind.items(&text);
        }
    }
    assert!(numbers.check(&format!("x{}", ",1".repeat(100_000))).is_err());
    assert!(start.elapsed().as_secs() < 20, "took {:?}", start.elapsed());
}

#[test]
fn describes_types() {
    for (json, shown) in [
        (r#"{"kind":"boolean"}"#, "`true` or `false`"),
        (r#"{"kind":"integer","min":0,"max":100}"#, "an integer from 0 to 100"),
        (r#"{"kind":"integer","min":1}"#, "an integer, at least 1"),
        (r#"{"kind":"integer","choices":[1,2]}"#, "one of 1, 2"),
        (r#"{"kind":"float","max":1.5}"#, "a number, at most 1.5"),
        (r#"{"kind":"port"}"#, "a port from 0 to 65535"),
        (r#"{"kind":"string","choices":["none","zero"]}"#, "one of none, zero"),
        (r#"{"kind":"string","max_length":5}"#, "a string of at most 5 characters"),
        (r#"{"kind":"list"}"#, "a comma-separated list"),
        (r#"{"kind":"list","item":{"kind":"ip"}}"#, "a comma-separated list, each item an IP address"),
        (r#"{"kind":"dict"}"#, "comma-separated key:value pairs"),
        (r#"{"kind":"hostaddress","version":4}"#, "a host name or an IPv4 address"),
        (r#"{"kind":"uri","schemes":["http","https"]}"#, "a URI with scheme and host, the scheme one of http, https"),
    ] {
        let json: Value = serde_json::from_str(json).unwrap();
        assert_eq!(type_of(&json).to_string(), shown);
        assert_eq!(type_of(&json).kind(), json["kind"]);
    }
}
