//! That streaming is byte for byte the other way of writing, for whatever is asked, is shown by the property test of
//! [`super::super`]; here is what needs many members.

use jiff::Timestamp;
use muster_app::resources::Labels;
use muster_model::{ResourceId, StoredDocument, Version};
use scim::schema::{group_resource_schema, user_resource_schema};

use super::*;
use crate::spliced::tests::base;

/// The pieces of a body, whose length is right before each of them.
pub(crate) fn pieces(mut body: ManyMembers) -> Vec<Vec<u8>> {
    let mut context = Context::from_waker(std::task::Waker::noop());
    let mut lengths = vec![body.size_hint().exact().unwrap()];
    let mut pieces = Vec::new();
    while !body.is_end_stream() {
        let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut body).poll_frame(&mut context) else { panic!("no piece") };
        pieces.push(frame.into_data().unwrap().to_vec());
        lengths.push(body.size_hint().exact().unwrap());
    }
    assert!(matches!(Pin::new(&mut body).poll_frame(&mut context), Poll::Ready(None)));
    let mut left = 0;
    for (piece, length) in pieces.iter().rev().zip(lengths.iter().rev().skip(1)) {
        left += piece.len() as u64;
        assert_eq!(*length, left);
    }
    assert_eq!(lengths.last(), Some(&0));
    pieces
}

fn group(members: usize) -> StoredResource {
    let id = |number: usize| ResourceId::parse(&format!("01a20126-0000-7000-8000-{number:012}")).unwrap();
    let mut all = Members::default();
    for number in 0..members {
        let kind = if number % 10 == 0 { "Group" } else { "User" };
        let display = format!("Person \"{number}\"\n");
        all.push(id(number), kind, (number % 3 > 0).then_some(display.as_str()));
    }
    StoredResource {
        id: id(members),
        resource_type: TypeName::new("Group"),
        owner: None,
        version: Version(4),
        created: Timestamp::UNIX_EPOCH,
        last_modified: Timestamp::UNIX_EPOCH,
        document: StoredDocument::from_text(r#"{"displayName":"Everybody"}"#),
        members: Some(all),
        groups: None,
    }
}

fn streamed(resource: &mut StoredResource, only: &[&str]) -> Option<ManyMembers> {
    let (base, labels) = (base(), Labels::default());
    let schemas = [user_resource_schema(), group_resource_schema()];
    let shelf = Shelf { base: &base, schemas: &schemas, labels: &labels };
    let projection = projection(only);
    ManyMembers::of(&shelf, &schemas[1], resource, &projection).unwrap()
}

fn projection(only: &[&str]) -> Projection {
    let only: Vec<String> = only.iter().map(|name| (*name).to_owned()).collect();
    Projection::compile(&group_resource_schema(), &only, &[]).unwrap()
}

fn at_once(resource: &StoredResource, only: &[&str]) -> Vec<u8> {
    let (base, labels) = (base(), Labels::default());
    let schemas = [user_resource_schema(), group_resource_schema()];
    let shelf = Shelf { base: &base, schemas: &schemas, labels: &labels };
    let mut out = Vec::new();
    Splicer::new(&shelf).write(&schemas[1], resource, &projection(only), &mut out).unwrap();
    out
}

#[test]
fn many_members_come_in_small_pieces_which_are_the_whole() {
    for only in [&[][..], &["members.value"], &["members.display"], &["members"], &["displayName", "members.$ref"]] {
        let resource = group(20_000);
        let pieces = pieces(streamed(&mut resource.clone(), only).unwrap());
        assert_eq!(pieces.concat(), at_once(&resource, only), "{only:?}");
        assert!(pieces.len() > 5, "{only:?}");
        // One member more than the measure.
        assert!(pieces.iter().all(|piece| !piece.is_empty() && piece.len() < PIECE + 400), "{only:?}");
    }
}

#[test]
fn few_members_and_those_that_are_not_shown_are_left_to_the_other_way() {
    let mut few = group(MANY - 1);
    assert!(streamed(&mut few, &[]).is_none());
    assert_eq!(few, group(MANY - 1));
    let mut hidden = group(MANY);
    assert!(streamed(&mut hidden, &["displayName"]).is_none());
    assert_eq!(hidden, group(MANY));
    assert!(streamed(&mut hidden, &[]).is_some());
    // Nobody is called anything, so that no list is shown.
    let mut nameless = group(0);
    let mut members = Members::default();
    for _ in 0..MANY {
        members.push(nameless.id, "User", None);
    }
    nameless.members = Some(members);
    assert!(streamed(&mut nameless, &["members.display"]).is_none());
    assert!(!String::from_utf8(at_once(&nameless, &["members.display"])).unwrap().contains("members"));
}

#[test]
fn the_length_of_every_character_is_known() {
    for character in (0..0x180).chain([0x2028, 0xfffd, 0x1d11e]).filter_map(char::from_u32) {
        let text = character.to_string();
        let written = serde_json::to_string(&text).unwrap();
        assert_eq!(escaped_length(&text) + 2, written.len(), "{written}");
    }
}
