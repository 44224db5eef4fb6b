//! Where crypto units stand: a table of believable places per region.
//!
//! Zones of us-south, us-east and eu-de were seen in the field; the others follow the same pattern and are ours.

use hpcs_hsm::Profile;
use hpcs_names::Region;

/// One region of the service.
pub(super) struct Place {
    pub region: Region,
    /// Generation of the modules: CEX6 in us-south, us-east, eu-de and au-syd, CEX7 elsewhere.
    pub profile: Profile,
    /// Host and base domain index, one per availability zone.
    pub zones: &'static [(&'static str, u32, u32)],
    /// Where the second recovery unit is; `None` where the region has no recovery units.
    pub recovery_region: Option<Region>,
    /// Where failover units are; `None` where they are not offered.
    pub failover_region: Option<Region>,
}

/// Zone and host, module index, domain index of the first unit placed there.
pub(super) static PLACES: &[Place] = &[
    Place {
        region: Region::of("us-south"),
        profile: Profile::Cex6,
        zones: &[("AZ1-CS7", 1, 13), ("AZ3-CS9", 1, 39), ("AZ2-CS5", 2, 6)],
        recovery_region: Some(Region::of("us-east")),
        failover_region: Some(Region::of("us-east")),
    },
    Place {
        region: Region::of("us-east"),
        profile: Profile::Cex6,
        zones: &[("AZ3-CS3", 1, 12), ("AZ1-CS1", 1, 7), ("AZ2-CS2", 1, 13)],
        recovery_region: Some(Region::of("us-south")),
        failover_region: Some(Region::of("us-south")),
    },
    Place {
        region: Region::of("eu-de"),
        profile: Profile::Cex6,
        zones: &[
            ("AZ2-fra2-qz1-sr3-rk007-a04", 6, 3),
            ("AZ3-fra3-qz1-sr3-rk008-a03", 4, 37),
            ("AZ1-fra1-qz1-sr2-rk005-a02", 2, 21),
        ],
        recovery_region: Some(Region::of("eu-gb")),
        failover_region: None,
    },
    Place {
        region: Region::of("eu-gb"),
        profile: Profile::Cex7,
        zones: &[
            ("AZ1-lon1-qz1-sr1-rk003-a02", 1, 11),
            ("AZ2-lon2-qz1-sr2-rk011-a05", 3, 24),
            ("AZ3-lon3-qz1-sr1-rk006-a01", 2, 8),
        ],
        recovery_region: Some(Region::of("eu-de")),
        failover_region: None,
    },
    Place {
        region: Region::of("eu-es"),
        profile: Profile::Cex7,
        zones: &[
            ("AZ1-mad1-qz1-sr1-rk002-a03", 1, 9),
            ("AZ2-mad2-qz1-sr1-rk004-a01", 2, 17),
            ("AZ3-mad3-qz1-sr2-rk009-a02", 1, 30),
        ],
        recovery_region: None,
        failover_region: Some(Region::of("eu-de")),
    },
    Place {
        region: Region::of("br-sao"),
        profile: Profile::Cex7,
        zones: &[
            ("AZ1-sao1-qz1-sr1-rk001-a04", 1, 5),
            ("AZ2-sao2-qz1-sr2-rk008-a02", 2, 19),
            ("AZ3-sao3-qz1-sr1-rk005-a01", 3, 27),
        ],
        recovery_region: Some(Region::of("us-south")),
        failover_region: None,
    },
    Place {
        region: Region::of("jp-tok"),
        profile: Profile::Cex7,
        zones: &[
            ("AZ1-tok1-qz1-sr2-rk004-a01", 1, 14),
            ("AZ2-tok2-qz1-sr1-rk010-a03", 2, 22),
            ("AZ3-tok3-qz1-sr1-rk002-a02", 1, 33),
        ],
        recovery_region: Some(Region::of("us-south")),
        failover_region: None,
    },
    Place {
        region: Region::of("ca-tor"),
        profile: Profile::Cex7,
        zones: &[
            ("AZ1-tor1-qz1-sr1-rk006-a02", 1, 10),
            ("AZ2-tor2-qz1-sr2-rk003-a04", 3, 18),
            ("AZ3-tor3-qz1-sr1-rk007-a01", 2, 25),
        ],
        recovery_region: Some(Region::of("us-east")),
        failover_region: None,
    },
    Place {
        region: Region::of("au-syd"),
        profile: Profile::Cex6,
        zones: &[("AZ1-CS2", 1, 16), ("AZ2-CS4", 2, 28), ("AZ3-CS6", 1, 20)],
        recovery_region: Some(Region::of("jp-tok")),
        failover_region: None,
    },
];

/// The place of this region.
pub(super) fn find(region: &Region) -> Option<&'static Place> {
    PLACES.iter().find(|place| place.region == *region)
}

/// Generation of the modules of this region.
pub(super) fn profile_of(region: &Region) -> Option<Profile> {
    find(region).map(|place| place.profile)
}
