use strsim::osa_distance;

/// Names that are a few slips of the pen away from `wanted`, with their distances; in no order.
///
/// Most names are sorted out by their lengths and letters, without a search for the distance.
pub(super) fn nearest<'n>(wanted: &str, names: impl Iterator<Item = &'n str>) -> Vec<(usize, &'n str)> {
    let limit = (wanted.len() / 4).clamp(1, 3);
    if wanted.len() < 3 || wanted.len() > 100 {
        return Vec::new();
    }
    let letters = letters(wanted);
    let mut found = Vec::new();
    for name in names {
        let near = name.len().abs_diff(wanted.len()) <= limit
            && (letters ^ self::letters(name)).count_ones() as usize <= 2 * limit;
        if near {
            let distance = osa_distance(wanted, name);
            if distance <= limit {
                found.push((distance, name));
            }
        }
    }
    found
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
