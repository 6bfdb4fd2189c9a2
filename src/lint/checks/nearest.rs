use std::sync::OnceLock;

use strsim::osa_distance;

use crate::catalog;

/// A name, and which letters it has.
#[derive(Clone, Copy)]
pub(super) struct Name<'n> {
    name: &'n str,
    letters: u64,
}

impl<'n> From<&'n str> for Name<'n> {
    fn from(name: &'n str) -> Self {
        Self { name, letters: letters(name) }
    }
}

/// How many slips of the pen a name of some length may have.
pub(super) fn most_slips(wanted: &str) -> usize {
    match wanted.len() {
        0..2 | 101.. => 0,
        length => (length / 4).clamp(1, 3),
    }
}

/// Names that are at most `limit` slips of the pen away from `wanted`, with their distances; in no order.
///
/// Most names are sorted out by their lengths and letters, without a search for the distance.
pub(super) fn nearest<'n>(wanted: &str, limit: usize, names: impl Iterator<Item = Name<'n>>) -> Vec<(usize, &'n str)> {
    if limit == 0 {
        return Vec::new();
    }
    let letters = letters(wanted);
    names
        .filter(|other| {
            other.name.len().abs_diff(wanted.len()) <= limit
                && (letters ^ other.letters).count_ones() as usize <= 2 * limit
        })
        .map(|other| (osa_distance(wanted, other.name), other.name))
        .filter(|(distance, _)| *distance <= limit)
        .collect()
}

/// The name of every option of every release.
pub(super) fn option_names() -> &'static [Name<'static>] {
    static NAMES: OnceLock<Vec<Name<'static>>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let mut names: Vec<&str> = catalog::all_options().map(|row| row.name()).collect();
        names.dedup();
        names.into_iter().map(Name::from).collect()
    })
}

/// The option of some release that a name is one or two slips of the pen away from; none: a release has it, or it is like none.
pub(in crate::lint) fn option_meant(name: &str) -> Option<&'static str> {
    let names = option_names();
    let is_known = names.iter().any(|known| known.name == name)
        || catalog::all_options().any(|row| row.deprecated().any(|(_, old)| old == name));
    let limit = if name.len() < 8 { 0 } else { most_slips(name).min(2) };
    let mut near = if is_known { Vec::new() } else { nearest(name, limit, names.iter().copied()) };
    near.sort_unstable();
    near.first().map(|(_, name)| *name)
}

/// The names of options that are the fewest slips of the pen away from a name; at most three.
pub fn nearest_options(name: &str) -> Vec<&'static str> {
    let found = |limit| nearest(name, limit, option_names().iter().copied());
    let mut near = (1..=most_slips(name)).map(found).find(|found| !found.is_empty()).unwrap_or_default();
    near.sort_unstable();
    near.into_iter().take(3).map(|(_, name)| name).collect()
}

/// Which bytes a name has, modulo 64.
fn letters(name: &str) -> u64 {
    name.bytes().fold(0, |set, byte| set | 1 << (byte & 63))
}

/// Length of what two names have in common at their starts and ends.
pub(super) fn common_ends(a: &str, b: &str) -> usize {
    let start = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let end = a.bytes().rev().zip(b.bytes().rev()).take_while(|(a, b)| a == b).count();
    start + end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_names_may_have_more_slips() {
        for (length, slips) in [(0, 0), (1, 0), (2, 1), (7, 1), (8, 2), (11, 2), (12, 3), (100, 3), (101, 0)] {
            assert_eq!(most_slips(&"x".repeat(length)), slips, "{length}");
        }
    }

    #[test]
    fn names_that_are_near_are_found_with_their_distances() {
        let found = |wanted: &str, limit: usize| {
            let names = ["nas_host", "nas_hosts", "nsa_host", "host", "sah_nost"].map(Name::from);
            let mut found = nearest(wanted, limit, names.into_iter());
            found.sort_unstable();
            found
        };
        assert_eq!(found("nas_host", 0), []);
        assert_eq!(found("nas_host", 1), [(0, "nas_host"), (1, "nas_hosts"), (1, "nsa_host")]);
        assert_eq!(found("nas_hostx", 1), [(1, "nas_host"), (1, "nas_hosts")]);
        // Four letters that the other lacks are at most four slips.
        assert_eq!(
            found("nas_host", 4),
            [(0, "nas_host"), (1, "nas_hosts"), (1, "nsa_host"), (3, "sah_nost"), (4, "host")]
        );
        // Three other letters take six that differ.
        assert_eq!(nearest("abc_volume_q", 3, ["xyz_volume_q"].map(Name::from).into_iter()), [(3, "xyz_volume_q")]);
        assert_eq!(common_ends("nfs_mount", "nfs_count"), 8);
        assert_eq!(common_ends("abc", "xyz"), 0);
    }
}
