//! Ids by which a load knows what it has made itself, without remembering it: they end alike.

use muster_model::{Clock, ResourceId, Rng};

const LENGTH: usize = 4;

/// How the ids of one load end; chosen at random, so that one in four thousand million others ends so too.
#[derive(Clone, Copy, Debug)]
pub(super) struct LoadMark([u8; LENGTH]);

impl LoadMark {
    pub(super) fn new(rng: &dyn Rng) -> Self {
        let mut ending = [0; LENGTH];
        rng.fill(&mut ending);
        Self(ending)
    }

    /// The rest is random as ever, and the time stands in front, so that the order is that of creation.
    pub(super) fn new_id(self, clock: &dyn Clock, rng: &dyn Rng) -> ResourceId {
        ResourceId::new(clock, &Marking { rng, mark: self })
    }

    pub(super) fn is_on(self, id: ResourceId) -> bool {
        id.as_uuid().as_bytes().ends_with(&self.0)
    }
}

struct Marking<'a> {
    rng: &'a dyn Rng,
    mark: LoadMark,
}

impl Rng for Marking<'_> {
    fn fill(&self, bytes: &mut [u8]) {
        self.rng.fill(bytes);
        for (byte, marking) in bytes.iter_mut().rev().zip(self.mark.0.iter().rev()) {
            *byte = *marking;
        }
    }
}

#[cfg(test)]
mod tests {
    use muster_model::fake::{FakeClock, SeededRng};

    use super::*;

    #[test]
    fn a_load_knows_its_own_ids_and_no_others() {
        let (clock, rng) = (FakeClock::new(), SeededRng::new(1));
        let (mark, other) = (LoadMark::new(&rng), LoadMark::new(&rng));
        let ids = [mark.new_id(&clock, &rng), mark.new_id(&clock, &rng)];
        assert!(ids.iter().all(|id| mark.is_on(*id) && !other.is_on(*id)));
        assert_ne!(ids[0], ids[1]);
        assert_eq!(ids[0].as_uuid().get_version_num(), 7);
        assert!(!mark.is_on(ResourceId::new(&clock, &rng)));
    }
}
