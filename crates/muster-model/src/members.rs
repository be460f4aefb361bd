//! The members of one group, packed. A group may have very many, and all of them are in memory while its answer is written:
//! some thirty bytes for each beside what it is called, and two allocations for all.

use std::fmt;

use crate::{Member, ResourceId, TypeName};

/// Members in the order of joining.
#[derive(Clone, Default)]
pub struct Members {
    rows: Vec<Row>,
    /// What they are called, one behind the other.
    labels: String,
    /// The types that they are of, each once. There are few.
    types: Vec<TypeName>,
}

#[derive(Clone, Copy)]
struct Row {
    id: ResourceId,
    /// Where in `labels` its name begins.
    begin: usize,
    /// How long its name is, or [`NAMELESS`].
    length: u32,
    /// Its type's place in `types`.
    kind: u32,
}

/// The length of the name of what has none. No database holds a text that is as long.
const NAMELESS: u32 = u32::MAX;

/// One of them: a [`Member`] that is borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberView<'a> {
    pub id: ResourceId,
    pub resource_type: &'a TypeName,
    /// As [`Member::display`].
    pub display: Option<&'a str>,
}

impl MemberView<'_> {
    pub fn to_member(self) -> Member {
        let Self { id, resource_type, display } = self;
        Member { id, resource_type: resource_type.clone(), display: display.map(str::to_owned) }
    }
}

impl<'a> From<&'a Member> for MemberView<'a> {
    fn from(member: &'a Member) -> Self {
        Self { id: member.id, resource_type: &member.resource_type, display: member.display.as_deref() }
    }
}

impl Members {
    pub fn with_capacity(members: usize) -> Self {
        Self { rows: Vec::with_capacity(members), ..Self::default() }
    }

    pub fn push(&mut self, id: ResourceId, resource_type: &str, display: Option<&str>) {
        let known = self.types.iter().position(|known| known.as_str() == resource_type);
        let kind = known.unwrap_or_else(|| {
            self.types.push(TypeName::new(resource_type));
            self.types.len() - 1
        });
        let begin = self.labels.len();
        let length = display.and_then(|display| u32::try_from(display.len()).ok()).unwrap_or(NAMELESS);
        if let Some(display) = display.filter(|_| length != NAMELESS) {
            self.labels.push_str(display);
        }
        self.rows.push(Row { id, begin, length, kind: u32::try_from(kind).unwrap_or(u32::MAX) });
    }

    /// Gives back the room that was kept for more.
    pub fn shrink_to_fit(&mut self) {
        self.rows.shrink_to_fit();
        self.labels.shrink_to_fit();
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How long all their names are together, in bytes.
    pub fn label_bytes(&self) -> usize {
        self.labels.len()
    }

    pub fn get(&self, place: usize) -> Option<MemberView<'_>> {
        self.rows.get(place).and_then(|row| self.view(row))
    }

    pub fn iter(&self) -> impl Iterator<Item = MemberView<'_>> + Clone {
        self.rows.iter().filter_map(|row| self.view(row))
    }

    /// Every row was pushed with its type and its name, so that none is left out.
    fn view(&self, row: &Row) -> Option<MemberView<'_>> {
        let resource_type = self.types.get(row.kind as usize)?;
        let end = row.begin.checked_add(row.length as usize);
        let display = end.filter(|_| row.length != NAMELESS).and_then(|end| self.labels.get(row.begin..end));
        Some(MemberView { id: row.id, resource_type, display })
    }

    /// Leaves the others out. Their names keep their room.
    pub fn retain(&mut self, mut stays: impl FnMut(ResourceId) -> bool) {
        self.rows.retain(|row| stays(row.id));
    }

    /// The same members in another order: first the one that stands at the first of these places, and so on. Who is not
    /// named is left out.
    #[must_use]
    pub fn reordered(self, places: impl ExactSizeIterator<Item = usize>) -> Self {
        let mut rows = Vec::with_capacity(places.len());
        rows.extend(places.filter_map(|place| self.rows.get(place).copied()));
        Self { rows, ..self }
    }
}

impl FromIterator<Member> for Members {
    fn from_iter<I: IntoIterator<Item = Member>>(members: I) -> Self {
        let mut packed = Self::default();
        for Member { id, resource_type, display } in members {
            packed.push(id, resource_type.as_str(), display.as_deref());
        }
        packed
    }
}

impl PartialEq for Members {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl Eq for Members {}

impl fmt::Debug for Members {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> ResourceId {
        ResourceId::from_uuid(uuid::Uuid::from_u128(number))
    }

    fn member(number: u128, kind: &str, display: Option<&str>) -> Member {
        Member { id: id(number), resource_type: TypeName::new(kind), display: display.map(str::to_owned) }
    }

    fn some() -> Vec<Member> {
        vec![
            member(1, "User", Some("Änne")),
            member(2, "Group", None),
            member(3, "User", Some("")),
            member(4, "Device", Some("x")),
        ]
    }

    #[test]
    fn members_come_back_as_they_were_put_in() {
        let packed: Members = some().into_iter().collect();
        assert_eq!(packed.iter().map(MemberView::to_member).collect::<Vec<_>>(), some());
        assert_eq!((packed.len(), packed.label_bytes()), (4, 6));
        assert_eq!(packed.get(2).map(MemberView::to_member).as_ref(), some().get(2));
        assert_eq!(packed.get(4), None);
        assert!(Members::default().is_empty() && !packed.is_empty());
    }

    #[test]
    fn order_counts_and_the_way_it_came_about_does_not() {
        let packed: Members = some().into_iter().collect();
        let turned = packed.clone().reordered([3, 1, 0, 2, 9].into_iter());
        assert_ne!(turned, packed);
        let [one, two, three, four] = some().try_into().unwrap();
        assert_eq!(turned, [four, two, one.clone(), three.clone()].into_iter().collect());
        let mut kept = turned;
        kept.retain(|member| [one.id, three.id].contains(&member));
        assert_eq!(kept, [one, three].into_iter().collect());
    }

    #[test]
    fn a_member_takes_thirty_two_bytes_and_its_name() {
        assert_eq!(size_of::<Row>(), 32);
    }
}
