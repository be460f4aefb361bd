//! What can be wrong with a server.

/// One fault, as it was seen in the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A second user of the same name is made.
    AllowsDuplicates,
    /// `status` of errors is a number.
    StatusIsNumber,
    /// A search without a result is answered with 404.
    MissIsNotFound,
    /// Filters are ignored.
    IgnoresFilters,
    /// `Remove members` with a list empties the group.
    RemovalEmptiesGroup,
    /// Operations before the one that fails stay applied.
    PatchIsPartial,
    /// The password comes back.
    EchoesPassword,
    /// Pages are cut from a list that turns at every request.
    PagesTurn,
    /// A deleted user stays a member.
    DeletedStayMembers,
    /// POST is answered without a body.
    EmptyCreated,
    /// A deactivated user disappears.
    HidesInactive,
    /// Every third addition to a group is answered with success and forgotten.
    ForgetsMembers,
    /// A PUT in which the title is missing keeps the old one, and so does a title of null.
    NullKeeps,
    /// Everybody may read.
    NeedsNoToken,
}
