//! Which of Cinder's services read a deployment.

/// Some of Cinder's services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Services(u8);

impl Services {
    /// cinder-api.
    pub const API: Self = Self(1);
    /// cinder-scheduler.
    pub const SCHEDULER: Self = Self(2);
    /// cinder-volume.
    pub const VOLUME: Self = Self(4);
    /// cinder-backup.
    pub const BACKUP: Self = Self(8);
    /// All of them, or any: nobody says which.
    pub const ALL: Self = Self(15);

    /// The service of this name; none: it is none of Cinder's.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "cinder-api" => Some(Self::API),
            "cinder-scheduler" => Some(Self::SCHEDULER),
            "cinder-volume" => Some(Self::VOLUME),
            "cinder-backup" => Some(Self::BACKUP),
            _ => None,
        }
    }

    /// These and those.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether one of those is among them.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl Default for Services {
    fn default() -> Self {
        Self::ALL
    }
}
