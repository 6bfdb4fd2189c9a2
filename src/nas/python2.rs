//! The order in which CPython 2.7 walks through a `dict` with string keys.
//!
//! Up to Queens, cinder-volume runs on Python 2.7 only, where "the first share" is the first of a hash table, not of the
//! file. 64-bit builds without `-R` and `PYTHONHASHSEED` are meant: what distributions shipped.

/// The indices of `keys` (all different) in the order of `for key in {…}`, each inserted in the given order.
pub fn dict_order<T: AsRef<str>>(keys: &[T]) -> Vec<usize> {
    let hashes: Vec<u64> = keys.iter().map(|key| hash(key.as_ref())).collect();
    let mut table: Vec<Option<usize>> = vec![None; 8];
    for (used, at) in (0..keys.len()).enumerate() {
        insert(&mut table, &hashes, at);
        let used = used + 1;
        if used * 3 >= table.len() * 2 {
            let wanted = used * if used > 50_000 { 2 } else { 4 };
            let mut size = 8;
            while size <= wanted {
                size *= 2;
            }
            let mut larger = vec![None; size];
            for slot in table.into_iter().flatten() {
                insert(&mut larger, &hashes, slot);
            }
            table = larger;
        }
    }
    table.into_iter().flatten().collect()
}

fn insert(table: &mut [Option<usize>], hashes: &[u64], at: usize) {
    let mask = table.len() as u64 - 1;
    let mut perturb = hashes[at];
    let mut slot = hashes[at] & mask;
    while table[slot as usize].is_some() {
        slot = slot.wrapping_mul(5).wrapping_add(perturb).wrapping_add(1);
        perturb >>= 5;
        slot &= mask;
    }
    table[slot as usize] = Some(at);
}

/// `hash()` of a byte string.
fn hash(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let Some(&first) = bytes.first() else { return 0 };
    let mut x = u64::from(first) << 7;
    for &byte in bytes {
        x = x.wrapping_mul(1_000_003) ^ u64::from(byte);
    }
    x ^= bytes.len() as u64;
    if x == u64::MAX { u64::MAX - 1 } else { x }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_cinders_own_documentation() {
        let shares = ["192.168.1.200:/storage", "192.168.1.201:/storage", "192.168.1.202:/storage"];
        assert_eq!(shares[dict_order(&shares)[0]], "192.168.1.202:/storage");
    }

    /// Each line: shares in file order, and the order that a real Python 2.7.18 walked through them.
    #[test]
    fn agrees_with_python_2_7_18() {
        #[derive(serde::Deserialize)]
        struct Vector {
            shares: Vec<String>,
            order: Vec<usize>,
        }
        let vectors = include_str!("../../tests/data/python2-share-order.jsonl");
        assert!(vectors.lines().count() > 30);
        for line in vectors.lines() {
            let vector: Vector = serde_json::from_str(line).unwrap();
            assert_eq!(dict_order(&vector.shares), vector.order);
        }
    }
}
