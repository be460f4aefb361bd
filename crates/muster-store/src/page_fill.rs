//! How much one page may hold. A resource is small, but a group has as many rows beside it as it has members, each with
//! what it is called, and a page of groups would otherwise have no bound.

use muster_model::StoredResource;

use crate::ResourcePage;

/// A page that is being filled with resources, in the order in which they are read.
#[derive(Debug, Default)]
pub struct PageFill {
    rows: u64,
    is_begun: bool,
    is_full: bool,
}

impl PageFill {
    /// Whether the resource belongs to the page. From the first that does not, none does: a page has no gaps. The first
    /// resource of all always does, whatever its size, so that who reads on comes to an end.
    pub fn takes(&mut self, resource: &StoredResource) -> bool {
        let filled = self.rows.saturating_add(rows_of(resource));
        self.is_full |= self.is_begun && filled > ResourcePage::MOST_ROWS;
        self.is_begun = true;
        if !self.is_full {
            self.rows = filled;
        }
        !self.is_full
    }

    /// Whether a resource was turned away.
    pub fn is_full(&self) -> bool {
        self.is_full
    }
}

fn rows_of(resource: &StoredResource) -> u64 {
    let members = resource.members.as_ref().map_or(0, Vec::len);
    let groups = resource.groups.as_ref().map_or(0, Vec::len);
    members.saturating_add(groups) as u64
}
