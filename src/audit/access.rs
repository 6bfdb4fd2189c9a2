//! Who may do what with a file: Linux' rule for permission bits and POSIX ACLs.
//!
//! Source: `acl_permission_check` and `posix_acl_permission` of Linux 6.12 (`fs/namei.c`, `fs/posix_acl.c`).

use serde::{Deserialize, Serialize};

/// Wants to read.
pub const READ: u8 = 4;
/// Wants to write.
pub const WRITE: u8 = 2;
/// Wants to search a folder.
pub const SEARCH: u8 = 1;

/// What a process brings: its user and all its groups.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ids {
    /// The user id.
    pub uid: u32,
    /// The group and the supplementary groups.
    pub gids: Vec<u32>,
}

impl Ids {
    /// Whether no bits hold it, on file systems of this machine.
    pub fn is_root(&self) -> bool {
        self.uid == 0
    }

    fn is_in(&self, gid: u32) -> bool {
        self.gids.contains(&gid)
    }
}

/// What of an inode decides.
#[derive(Clone, Copy, Debug)]
pub struct Attributes<'a> {
    /// The permission bits.
    pub mode: u32,
    /// The owner.
    pub uid: u32,
    /// The owning group.
    pub gid: u32,
    /// The ACL, where there is one beyond the bits.
    pub acl: Option<&'a Acl>,
}

/// What of an inode decides, kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Held {
    /// The mode, with the bits of its type.
    pub mode: u32,
    /// The owner.
    pub uid: u32,
    /// The owning group.
    pub gid: u32,
    /// The ACL, where there is one beyond the bits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acl: Option<Acl>,
}

impl Held {
    /// The same, kept.
    pub fn of(file: &Attributes<'_>) -> Self {
        Self { mode: file.mode, uid: file.uid, gid: file.gid, acl: file.acl.cloned() }
    }

    /// The same, to be asked.
    pub fn attributes(&self) -> Attributes<'_> {
        Attributes { mode: self.mode, uid: self.uid, gid: self.gid, acl: self.acl.as_ref() }
    }

    /// Whether an identity can search the folder.
    pub fn lets_search(&self, ids: &Ids) -> bool {
        ids.is_root() || may(ids, &self.attributes(), SEARCH)
    }
}

/// Whether an identity can search all these folders.
pub fn reaches(ids: &Ids, folders: &[Held]) -> bool {
    folders.iter().all(|folder| folder.lets_search(ids))
}

/// Whom an entry of an ACL is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Tag {
    /// The owner.
    Owner,
    /// A named user.
    User(u32),
    /// The owning group.
    OwningGroup,
    /// A named group.
    Group(u32),
    /// The most that named users and all groups get.
    Mask,
    /// Everybody else.
    Other,
}

/// A POSIX access ACL: entries in the order in which the kernel keeps them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Acl(pub Vec<(Tag, u8)>);

impl Acl {
    /// Reads the bytes of the attribute `system.posix_acl_access`; none for what is no ACL of version 2.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (version, entries) = bytes.split_at_checked(4)?;
        if version != [2, 0, 0, 0] || entries.len() % 8 != 0 {
            return None;
        }
        let entries = entries.chunks_exact(8).map(|entry| {
            let id = u32::from_le_bytes([entry[4], entry[5], entry[6], entry[7]]);
            let tag = match u16::from_le_bytes([entry[0], entry[1]]) {
                0x01 => Tag::Owner,
                0x02 => Tag::User(id),
                0x04 => Tag::OwningGroup,
                0x08 => Tag::Group(id),
                0x10 => Tag::Mask,
                0x20 => Tag::Other,
                _ => return None,
            };
            Some((tag, entry[2] & 7))
        });
        entries.collect::<Option<Vec<_>>>().map(Self)
    }

    /// The entries that the bits do not show: `user:107:rw-,mask::rw-`.
    pub fn text(&self) -> String {
        let entries = self.0.iter().filter_map(|(tag, bits)| {
            let who = match tag {
                Tag::User(id) => format!("user:{id}"),
                Tag::Group(id) => format!("group:{id}"),
                Tag::Mask => "mask:".to_string(),
                Tag::OwningGroup => "group:".to_string(),
                Tag::Owner | Tag::Other => return None,
            };
            let bit = |bit: u8, letter: char| if bits & bit != 0 { letter } else { '-' };
            Some(format!("{who}:{}{}{}", bit(READ, 'r'), bit(WRITE, 'w'), bit(SEARCH, 'x')))
        });
        entries.collect::<Vec<_>>().join(",")
    }

    /// What the ACL says; the owner has been asked before.
    fn allows(&self, ids: &Ids, gid: u32, want: u8) -> bool {
        let mask = self.0.iter().find(|(tag, _)| *tag == Tag::Mask).map_or(7, |(_, bits)| *bits);
        let mut in_a_group = false;
        for &(tag, bits) in &self.0 {
            let is_meant = match tag {
                Tag::User(uid) if uid == ids.uid => return bits & mask & want == want,
                Tag::OwningGroup => ids.is_in(gid),
                Tag::Group(group) => ids.is_in(group),
                Tag::Other => return !in_a_group && bits & want == want,
                Tag::User(_) | Tag::Owner | Tag::Mask => false,
            };
            if is_meant && bits & want == want {
                return mask & want == want;
            }
            in_a_group |= is_meant;
        }
        false
    }
}

/// Whether the bits and the ACL allow all of `want` at once. Root's privileges are not looked at.
pub fn may(ids: &Ids, file: &Attributes<'_>, want: u8) -> bool {
    let bits = |shift: u32| (file.mode >> shift) as u8 & want == want;
    if ids.uid == file.uid {
        return bits(6);
    }
    // Where the bits of the group class are all clear, the kernel does not ask the ACL.
    if let Some(acl) = file.acl
        && file.mode & 0o070 != 0
    {
        return acl.allows(ids, file.gid, want);
    }
    if ids.is_in(file.gid) { bits(3) } else { bits(0) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ids() -> impl Strategy<Value = Ids> {
        (1..5_u32, proptest::collection::vec(1..5_u32, 1..3)).prop_map(|(uid, gids)| Ids { uid, gids })
    }

    fn acl() -> impl Strategy<Value = Acl> {
        let named = proptest::collection::vec((any::<bool>(), 1..5_u32, 0..8_u8), 0..4);
        (named, 0..8_u8, 0..8_u8, 0..8_u8, 0..8_u8).prop_map(|(named, owner, group, mask, other)| {
            let mut entries =
                vec![(Tag::Owner, owner), (Tag::OwningGroup, group), (Tag::Mask, mask), (Tag::Other, other)];
            entries.extend(
                named.into_iter().map(|(user, id, bits)| (if user { Tag::User(id) } else { Tag::Group(id) }, bits)),
            );
            entries.sort_unstable();
            Acl(entries)
        })
    }

    proptest! {
        #[test]
        fn more_wanted_is_never_easier(ids in ids(), mode in 0..0o1000_u32, uid in 1..5_u32, gid in 1..5_u32, acl in proptest::option::of(acl())) {
            let file = Attributes { mode, uid, gid, acl: acl.as_ref() };
            if may(&ids, &file, READ | WRITE) {
                prop_assert!(may(&ids, &file, READ) && may(&ids, &file, WRITE));
            }
        }

        #[test]
        fn an_acl_without_names_is_the_bits(ids in ids(), mode in 0..0o1000_u32, uid in 1..5_u32, gid in 1..5_u32) {
            let bits = |shift: u32| (mode >> shift) as u8 & 7;
            let acl = Acl(vec![(Tag::Owner, bits(6)), (Tag::OwningGroup, bits(3)), (Tag::Mask, bits(3)), (Tag::Other, bits(0))]);
            for want in 0..8 {
                let with = may(&ids, &Attributes { mode, uid, gid, acl: Some(&acl) }, want);
                prop_assert_eq!(with, may(&ids, &Attributes { mode, uid, gid, acl: None }, want));
            }
        }

        #[test]
        fn bytes_of_any_kind_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Some(acl) = Acl::read(&bytes) {
                let _ = acl.text();
                prop_assert_eq!(acl.0.len(), (bytes.len() - 4) / 8);
            }
        }
    }

    #[test]
    fn a_named_user_is_held_by_the_mask() {
        let acl =
            Acl(vec![(Tag::Owner, 6), (Tag::User(107), 6), (Tag::OwningGroup, 6), (Tag::Mask, 4), (Tag::Other, 0)]);
        let qemu = Ids { uid: 107, gids: vec![107] };
        let file = Attributes { mode: 0o640, uid: 64, gid: 64, acl: Some(&acl) };
        assert!(may(&qemu, &file, READ) && !may(&qemu, &file, WRITE));
        assert_eq!(acl.text(), "user:107:rw-,group::rw-,mask::r--");
    }
}
