//! The patterns that options of Cinder are checked with.
//!
//! There is one, so it is matched by hand: an engine would cost more at start-up than all checks together.

use super::python::digit;

/// `max_over_subscription_ratio` (`cinder/volume/driver.py`, since Queens).
const RATIO: &str = r"^(auto|\d*\.\d+|\d+)$";

/// Whether [`super::Type::check`] can run a pattern. Where it cannot, every text passes.
pub fn knows_regex(pattern: &str) -> bool {
    pattern == RATIO
}

/// `re.search(pattern, text)`; `None` where the pattern is not known.
pub(super) fn search(pattern: &str, ignore_case: bool, text: &str) -> Option<bool> {
    if ignore_case || !knows_regex(pattern) {
        return None;
    }
    // Python's `$` also matches before a line feed at the end.
    let text = text.strip_suffix('\n').unwrap_or(text);
    let is_digits = |text: &str| text.chars().all(|c| digit(c).is_some());
    let (whole, fraction) = text.split_once('.').unwrap_or(("", text));
    Some(text == "auto" || (!fraction.is_empty() && is_digits(whole) && is_digits(fraction)))
}
