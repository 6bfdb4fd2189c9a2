//! What each Cinder release knows: releases, options, types, drivers.

pub mod types;
