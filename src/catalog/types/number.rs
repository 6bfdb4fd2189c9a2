//! Numbers: `int()`, `float()` and the bounds of `Number`.

use std::fmt::{self, Display};

use super::Rejected;
use super::python::{Repr, ascii_number, general, strip};

/// Python converts no longer text to an integer (`sys.int_info.default_max_str_digits`).
const MAX_DIGITS: usize = 4300;

/// The ends of an `i128` stand for everything beyond.
struct Int {
    value: i128,
    approximate: f64,
}

pub(super) fn integer(text: &str, min: Option<i64>, max: Option<i64>, choices: &[i64]) -> Result<(), Rejected> {
    if strip(text).is_empty() {
        return Ok(());
    }
    let Int { value, approximate } = parse_int(text)?;
    if choices.is_empty() {
        return check_bounds(value, min, max);
    }
    if choices.iter().any(|&choice| i128::from(choice) == value) {
        return Ok(());
    }
    if approximate.is_infinite() {
        return Err(Rejected::plain("int too large to convert to float"));
    }
    let shown: Vec<_> = choices.iter().map(|choice| format!("({choice}, None)")).collect();
    let start = format!("Valid values are OrderedDict([{}])", shown.join(", "));
    Err(Rejected::around(&start, format_args!(", but found {}", general(approximate))))
}

pub(super) fn float(text: &str, min: Option<f64>, max: Option<f64>) -> Result<(), Rejected> {
    if strip(text).is_empty() {
        return Ok(());
    }
    // Rust reads the same decimals as Python, and the same words for infinity and "not a number".
    let value = ascii_number(text).and_then(without_underscores).and_then(|text| text.parse::<f64>().ok());
    let Some(value) = value else {
        return Err(Rejected::around("could not convert string to float", format_args!(": {}", Repr(text))));
    };
    match (min, max) {
        (Some(min), _) if value < min => Err(too_small(min)),
        (_, Some(max)) if value > max => Err(too_large(max)),
        _ => Ok(()),
    }
}

pub(super) fn range(text: &str, min: Option<i64>, max: Option<i64>) -> Result<(), Rejected> {
    // Python's `$` also matches before a line feed at the end.
    let Some((left, right)) = range_ends(text.strip_suffix('\n').unwrap_or(text)) else {
        return Err(Rejected::around("Invalid Range", format_args!(": {text}")));
    };
    let left = parse_int(left)?.value;
    let right = right.map_or(Ok(left), |right| parse_int(right).map(|right| right.value))?;
    if left < right {
        check_bounds(left, min, None)?;
        check_bounds(right, None, max)
    } else {
        check_bounds(left, None, max)?;
        check_bounds(right, min, None)
    }
}

fn range_ends(text: &str) -> Option<(&str, Option<&str>)> {
    let (left, rest) = split_integer(text)?;
    if rest.is_empty() {
        return Some((left, None));
    }
    let (right, rest) = split_integer(rest.strip_prefix('-')?)?;
    rest.is_empty().then_some((left, Some(right)))
}

/// An integer without superfluous zeros at the start of a text, and what follows it.
fn split_integer(text: &str) -> Option<(&str, &str)> {
    if let Some(rest) = text.strip_prefix('0') {
        return Some((&text[..1], rest));
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.starts_with(|c: char| matches!(c, '1'..='9')) {
        return None;
    }
    let end = text.len() - digits.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    Some(text.split_at(end))
}

/// `int(text)`.
fn parse_int(text: &str) -> Result<Int, Rejected> {
    let invalid = || {
        let shown: String = Repr(text).to_string().chars().take(200).collect();
        Rejected::around("invalid literal for int() with base 10", format_args!(": {shown}"))
    };
    let ascii = ascii_number(text).ok_or_else(invalid)?;
    let unsigned = ascii.strip_prefix(['+', '-']).unwrap_or(&ascii);
    let end = unsigned.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(unsigned.len());
    let (digits, rest) = unsigned.split_at(end);
    if digits.starts_with('_') || digits.ends_with('_') || digits.contains("__") {
        return Err(invalid());
    }
    let digits = digits.replace('_', "");
    if digits.len() > MAX_DIGITS {
        let start = format!("Exceeds the limit ({MAX_DIGITS} digits) for integer string conversion");
        let count = digits.len();
        return Err(Rejected::around(
            &start,
            format_args!(": value has {count} digits; use sys.set_int_max_str_digits() to increase the limit"),
        ));
    }
    if digits.is_empty() || !rest.is_empty() {
        return Err(invalid());
    }
    let approximate = digits.parse().unwrap_or(f64::INFINITY);
    let value = digits.parse().unwrap_or(i128::MAX);
    Ok(if ascii.starts_with('-') && value != 0 {
        Int { value: -value, approximate: -approximate }
    } else {
        Int { value, approximate }
    })
}

/// Drops the underscores of a float's text; `None` where one does not stand between two digits.
fn without_underscores(text: String) -> Option<String> {
    if !text.contains('_') {
        return Some(text);
    }
    let bytes = text.as_bytes();
    let is_digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let between = |at: usize| is_digit(at.checked_sub(1)) && is_digit(at.checked_add(1));
    text.match_indices('_').all(|(at, _)| between(at)).then(|| text.replace('_', ""))
}

fn check_bounds(value: i128, min: Option<i64>, max: Option<i64>) -> Result<(), Rejected> {
    match (min, max) {
        (Some(min), _) if value < i128::from(min) => Err(too_small(min as f64)),
        (_, Some(max)) if value > i128::from(max) => Err(too_large(max as f64)),
        _ => Ok(()),
    }
}

fn too_small(min: f64) -> Rejected {
    Rejected::plain(format!("Should be greater than or equal to {}", general(min)))
}

fn too_large(max: f64) -> Rejected {
    Rejected::plain(format!("Should be less than or equal to {}", general(max)))
}

/// `NOUN from MIN to MAX`, for people.
pub(super) fn describe<T: Display>(
    f: &mut fmt::Formatter<'_>,
    noun: &str,
    min: Option<T>,
    max: Option<T>,
) -> fmt::Result {
    match (min, max) {
        (Some(min), Some(max)) => write!(f, "{noun} from {min} to {max}"),
        (Some(min), None) => write!(f, "{noun}, at least {min}"),
        (None, Some(max)) => write!(f, "{noun}, at most {max}"),
        (None, None) => f.write_str(noun),
    }
}

/// `1, 2, 3`.
pub(super) fn number_list(numbers: &[i64]) -> String {
    numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}
