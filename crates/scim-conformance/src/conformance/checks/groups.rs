//! Groups and who is in them (RFC 7643 sections 4.1.2 and 4.2), where more than one resource is looked at.

use serde_json::{Value, json};

use super::super::announced::Feature;
use super::super::area::Area;
use super::super::check::Check;
use super::super::session::Session;
use super::super::verdict::{Verdict, ensure, expect_at, fault};
use super::replacement::replace;
use crate::encoding::resource_path;
use crate::likeness::member;
use crate::wire::Ask;

const AREA: Area = Area::Groups;

pub(super) fn checks() -> Vec<Check> {
    let checks = vec![
        Check::new(
            AREA,
            "create",
            "RFC 7644 section 3.3",
            "POST makes the group and answers 201 with an id",
            "Answer 201 with the resource.",
            create,
        ),
        Check::new(
            AREA,
            "create-with-members",
            "RFC 7643 section 4.2",
            "a group is made with its members",
            "Store the members of a POST.",
            create_with_members,
        ),
        Check::new(
            AREA,
            "resource-type",
            "RFC 7644 section 3.3.1",
            "meta.resourceType of a group is Group",
            "Set meta.resourceType to the type of the endpoint.",
            resource_type,
        ),
        Check::new(
            AREA,
            "member-reference",
            "RFC 7643 section 4.2",
            "members say their type and where they are",
            "Fill type and $ref of members.",
            member_reference,
        )
        .note(),
        Check::new(
            AREA,
            "groups-of-user",
            "RFC 7643 section 4.1.2",
            "a user shows the groups they are in",
            "Fill groups with value and $ref of each group.",
            groups_of_user,
        )
        .warning(),
        Check::new(
            AREA,
            "groups-read-only",
            "RFC 7643 section 4.1.2",
            "memberships do not change through the user",
            "groups is readOnly; ignore it in PUT.",
            groups_read_only,
        ),
        Check::new(
            AREA,
            "deleted-user-leaves",
            "RFC 7644 section 3.6",
            "a deleted user is a member of nothing",
            "Remove references to a deleted resource; identity providers compare members.",
            deleted_user_leaves,
        )
        .warning(),
        Check::new(
            AREA,
            "group-in-group",
            "RFC 7643 section 4.2",
            "a group can be a member of a group",
            "Accept ids of groups as members, or say in the schema that only users can be.",
            group_in_group,
        )
        .note(),
        Check::new(
            AREA,
            "filter-by-name",
            "RFC 7644 section 3.4.2.2",
            "groups are found by displayName",
            "Support filters on Groups.",
            filter_by_name,
        )
        .needs(Feature::Filter),
        Check::new(
            AREA,
            "filter-by-member",
            "RFC 7644 section 3.4.2.2",
            "groups are found by members.value",
            "Support filters on members.",
            filter_by_member,
        )
        .needs(Feature::Filter)
        .warning(),
        Check::new(
            AREA,
            "delete",
            "RFC 7644 section 3.6",
            "a deleted group is gone, and its members stay",
            "Delete the group only.",
            delete,
        ),
    ];
    checks.into_iter().map(|check| check.needs(Feature::Groups)).collect()
}

fn create(session: &mut Session<'_>) -> Verdict {
    let body = json!({"schemas": [scim::schema::GROUP], "displayName": session.fresh_name()});
    let answer = session.send(&Ask::post("/Groups", &body))?;
    answer.expect_object(&[201])?;
    ensure(answer.id().is_some(), || "the answer has no id".to_owned())?;
    answer.expect_at("/displayName", member(&body, "/displayName"))
}

fn create_with_members(session: &mut Session<'_>) -> Verdict {
    let (first, second) = (session.user(&json!({}))?, session.user(&json!({}))?);
    let group = session.group(&[&first.id, &second.id])?;
    let found = session.read(&group.path)?;
    expect_at(&found, "/members", &json!([{"value": first.id}, {"value": second.id}]))
}

fn resource_type(session: &mut Session<'_>) -> Verdict {
    let group = session.group(&[])?;
    expect_at(&group.body, "/meta/resourceType", &json!("Group"))
}

fn member_reference(session: &mut Session<'_>) -> Verdict {
    let user = session.user(&json!({}))?;
    let group = session.group(&[&user.id])?;
    let found = session.read(&group.path)?;
    expect_at(&found, "/members/0/type", &json!("User"))?;
    let reference = member(&found, "/members/0/$ref").as_str().unwrap_or_default();
    ensure(
        reference.ends_with(&resource_path("/Users", &user.id)) || reference.ends_with(&format!("/Users/{}", user.id)),
        || format!("$ref is \"{reference}\""),
    )
}

fn groups_of_user(session: &mut Session<'_>) -> Verdict {
    let user = session.user(&json!({}))?;
    let group = session.group(&[&user.id])?;
    let found = session.read(&user.path)?;
    expect_at(&found, "/groups", &json!([{"value": group.id}]))
}

fn groups_read_only(session: &mut Session<'_>) -> Verdict {
    let user = session.user(&json!({}))?;
    let group = session.group(&[])?;
    replace(session, &user.path, &user.name, &json!({"groups": [{"value": group.id}]}))?.expect(&[200, 400])?;
    let found = session.read(&group.path)?;
    expect_at(&found, "/members", &Value::Null)
}

fn deleted_user_leaves(session: &mut Session<'_>) -> Verdict {
    let (leaving, staying) = (session.user(&json!({}))?, session.user(&json!({}))?);
    let group = session.group(&[&leaving.id, &staying.id])?;
    session.send(&Ask::delete(leaving.path))?.expect(&[204, 200])?;
    let found = session.read(&group.path)?;
    expect_at(&found, "/members", &json!([{"value": staying.id}]))
}

fn group_in_group(session: &mut Session<'_>) -> Verdict {
    let inner = session.group(&[])?;
    let body = json!({"schemas": [scim::schema::GROUP], "displayName": session.fresh_name(), "members": [{"value": inner.id, "type": "Group"}]});
    let answer = session.send(&Ask::post("/Groups", &body))?;
    answer.expect(&[201])?;
    let Some(id) = answer.id() else { return fault("the answer has no id") };
    let found = session.read(&resource_path("/Groups", id))?;
    expect_at(&found, "/members", &json!([{"value": inner.id}]))
}

fn found_ids(session: &mut Session<'_>, filter: &str) -> Verdict<Vec<String>> {
    let answer = session.query("/Groups", &[("filter", filter)])?;
    answer.expect_list()?;
    Ok(answer.resources().iter().filter_map(|group| member(group, "/id").as_str()).map(str::to_owned).collect())
}

fn filter_by_name(session: &mut Session<'_>) -> Verdict {
    let (group, _) = (session.group(&[])?, session.group(&[])?);
    let found = found_ids(session, &format!("displayName eq \"{}\"", group.name))?;
    ensure(found == [group.id.as_str()], || format!("{} groups were found, expected the one", found.len()))
}

fn filter_by_member(session: &mut Session<'_>) -> Verdict {
    let user = session.user(&json!({}))?;
    let (group, _) = (session.group(&[&user.id])?, session.group(&[])?);
    let found = found_ids(session, &format!("members.value eq \"{}\"", user.id))?;
    ensure(found == [group.id.as_str()], || format!("{} groups were found, expected the one", found.len()))
}

fn delete(session: &mut Session<'_>) -> Verdict {
    let user = session.user(&json!({}))?;
    let group = session.group(&[&user.id])?;
    session.send(&Ask::delete(group.path.clone()))?.expect(&[204])?;
    session.send(&Ask::get(group.path))?.expect(&[404])?;
    let found = session.read(&user.path)?;
    expect_at(&found, "/groups", &Value::Null)
}
