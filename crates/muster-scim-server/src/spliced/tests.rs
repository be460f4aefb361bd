//! The text and the values say the same, whatever is stored and whatever is asked for.

use std::sync::Arc;

use jiff::Timestamp;
use muster_app::resources::Labels;
use muster_model::{Member, Membership, ResourceId, StoredDocument, TypeName, Version};
use proptest::prelude::*;
use scim::schema::{ENTERPRISE_USER, Mutability, Returned, group_resource_schema, user_resource_schema};
use scim::{Document, Schema};

use super::*;
use crate::render::Base;
use crate::wire::Wire;

const TOP: [&str; 22] = [
    "userName",
    "name",
    "emails",
    "EMAILS",
    "active",
    "title",
    "password",
    "nickName",
    "x509Certificates",
    "addresses",
    "roles",
    "unknown",
    "na\"m\\e\n\u{1f}ü𝄞",
    "ID",
    "externalId",
    "owners",
    "Owners",
    "displayName",
    ENTERPRISE_USER,
    ENTERPRISE_USER,
    ENTERPRISE_USER,
    "URN:IETF:params:scim:schemas:extension:enterprise:2.0:User",
];
const INSIDE: [&str; 14] = [
    "value",
    "type",
    "display",
    "displayName",
    "primary",
    "givenName",
    "familyName",
    "$ref",
    "unknown",
    "VALUE",
    "manager",
    "MANAGER",
    "department",
    "\"ö\\",
];
const NAMED: [&str; 22] = [
    "userName",
    "name",
    "name.givenName",
    "emails",
    "emails.value",
    "password",
    "members",
    "members.display",
    "members.value",
    "groups",
    "groups.$ref",
    "meta",
    "meta.created",
    "meta.location",
    "id",
    "unknown",
    "owners.display",
    ENTERPRISE_USER,
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
];

fn id(number: u8) -> ResourceId {
    ResourceId::parse(&format!("01a20126-0000-7000-8000-{number:012}")).unwrap()
}

/// The first two are known.
fn id_texts() -> impl Strategy<Value = Value> {
    (0..3_u8).prop_map(|number| Value::from(id(number).to_string()))
}

fn scalars() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[a-z\"\\\\\n\t\u{0}ü𝄞/]{0,6}".prop_map(Value::from),
        id_texts(),
    ]
}

fn object(values: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    prop::collection::vec((prop::sample::select(&INSIDE[..]), values), 0..5)
        .prop_map(|entries| Value::Object(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()))
}

fn references() -> impl Strategy<Value = Value> {
    let element = (id_texts(), object(scalars())).prop_map(|(value, mut element)| {
        element["value"] = value;
        element
    });
    element.boxed()
}

fn values() -> impl Strategy<Value = Value> {
    let list = |element: BoxedStrategy<Value>| prop::collection::vec(element, 0..4).prop_map(Value::from);
    let flat = prop_oneof![scalars(), object(scalars()), references()].boxed();
    prop_oneof![scalars(), object(flat.clone()), list(flat.clone()), list(list(flat).boxed()), references()]
}

fn documents() -> impl Strategy<Value = Document> {
    let beside = prop::sample::select(&BESIDE[..]);
    let name = prop_oneof![60 => prop::sample::select(&TOP[..]), 1 => beside];
    let value = prop_oneof![
        values(),
        references().prop_map(|manager| serde_json::json!({ "department": "a", "manager": manager }))
    ];
    prop::collection::vec((name, value), 0..9)
        .prop_map(|entries| entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// `%` makes any number fit.
type Change = (usize, Option<usize>, Returned);

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let returned = [Returned::Always, Returned::Never, Returned::Default, Returned::Request];
    prop::collection::vec((any::<usize>(), any::<Option<usize>>(), prop::sample::select(returned.to_vec())), 0..12)
}

fn changed(schema: &Schema, changes: &[Change]) -> Arc<Schema> {
    let mut schema = schema.clone();
    for (place, sub_place, returned) in changes {
        let place = place % schema.attributes.len();
        let attribute = Arc::make_mut(&mut schema.attributes[place]);
        match sub_place {
            Some(sub_place) if !attribute.sub_attributes.is_empty() => {
                let sub_place = sub_place % attribute.sub_attributes.len();
                Arc::make_mut(&mut attribute.sub_attributes[sub_place]).returned = *returned;
            }
            _ => attribute.returned = *returned,
        }
    }
    Arc::new(schema)
}

/// People, with a reference of the base schema; groups; and a type whose `groups` clients write.
fn schemas() -> impl Strategy<Value = ResourceSchema> {
    (0..3_u8, changes(), changes()).prop_map(|(kind, of_base, of_extension)| {
        let (user, group) = (user_resource_schema(), group_resource_schema());
        if kind == 0 {
            let base = changed(group.base(), &of_base);
            return ResourceSchema::new(group.resource_type().clone(), base, Vec::new());
        }
        let mut base = Schema::clone(user.base());
        let mut owners = Attribute::clone(group.base().attribute("members").unwrap());
        owners.name = "owners".to_owned();
        base.attributes.push(Arc::new(owners));
        if kind == 1 {
            let groups = base.attributes.iter_mut().find(|attribute| attribute.name == "groups").unwrap();
            Arc::make_mut(groups).mutability = Mutability::ReadWrite;
        }
        let extensions = user.extensions().iter().map(|one| changed(one, &of_extension)).collect();
        ResourceSchema::new(user.resource_type().clone(), changed(&base, &of_base), extensions)
    })
}

#[derive(Clone, Debug)]
struct Asked {
    names: Vec<String>,
    excludes: bool,
    on_request: Vec<&'static str>,
}

fn questions() -> impl Strategy<Value = Asked> {
    let names = prop::collection::vec(prop::sample::select(&NAMED[..]).prop_map(str::to_owned), 0..4);
    let on_request = prop::sample::subsequence(vec!["members", "groups"], 0..=2);
    (names, any::<bool>(), on_request).prop_map(|(names, excludes, on_request)| Asked { names, excludes, on_request })
}

fn projection(schema: &ResourceSchema, asked: &Asked) -> Projection {
    let (only, except) = if asked.excludes { (&[][..], &asked.names[..]) } else { (&asked.names[..], &[][..]) };
    let projection = Projection::compile(schema, only, except).unwrap();
    asked.on_request.iter().fold(projection, |projection, name| projection.only_on_request(name))
}

fn members() -> impl Strategy<Value = Vec<Member>> {
    let kinds = prop::sample::select(vec!["User", "Group", "Dev\"ice"]);
    let member = (any::<u8>(), kinds, any::<Option<String>>()).prop_map(|(number, kind, display)| Member {
        id: id(number),
        resource_type: TypeName::new(kind),
        display,
    });
    prop::collection::vec(member, 0..4)
}

fn resource(document: StoredDocument, members: Option<Vec<Member>>, groups: Option<Vec<Member>>) -> StoredResource {
    let membership = |(place, group): (usize, Member)| Membership {
        id: group.id,
        resource_type: group.resource_type,
        display: group.display,
        is_direct: place == 0,
    };
    StoredResource {
        id: id(77),
        resource_type: TypeName::new("User"),
        owner: None,
        version: Version(4),
        created: Timestamp::UNIX_EPOCH,
        last_modified: Timestamp::from_millisecond(1_700_000_000_123).unwrap(),
        document,
        members: members.map(|members| members.into_iter().collect()),
        groups: groups.map(|groups| groups.into_iter().enumerate().map(membership).collect()),
    }
}

pub(super) fn base() -> Base {
    Base { url: "https://muster.example.com/scim/v2/con_1".to_owned(), wire: Wire::V2 }
}

fn known(number: u8, kind: &str, display: Option<&str>) -> Member {
    Member { id: id(number), resource_type: TypeName::new(kind), display: display.map(str::to_owned) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn text_and_values_give_the_same_bytes(
        schema in schemas(),
        document in documents(),
        asked in questions(),
        (members, groups) in (any::<bool>(), members(), members())
            .prop_map(|(are_read, members, groups)| (are_read.then_some(members), are_read.then_some(groups))),
        has_labels in any::<bool>(),
    ) {
        let projection = projection(&schema, &asked);
        let labels: Labels =
            [known(0, "User", Some("Bö\"ss")), known(1, "Group", None)].into_iter().filter(|_| has_labels).collect();
        let base = base();
        let schemas = [user_resource_schema(), group_resource_schema()];
        let shelf = Shelf { base: &base, schemas: &schemas, labels: &labels };
        let text = serde_json::to_string(&document).unwrap();
        let stored = resource(StoredDocument::from_text(text), members, groups);
        let mut out = b"before".to_vec();
        Splicer::new(&shelf).write(&schema, &stored, &projection, &mut out).unwrap();
        let mut left = stored.clone();
        let streamed = ManyMembers::from(1, &shelf, &schema, &mut left, &projection).unwrap();
        if let Some(streamed) = streamed {
            prop_assert_eq!(&many_members::tests::pieces(streamed).concat(), &out["before".len()..]);
        } else {
            prop_assert_eq!(&left, &stored);
        }
        let values = render::resource(&shelf, &schema, stored, &projection).unwrap();
        prop_assert_eq!(String::from_utf8(out).unwrap(), format!("before{values}"));
    }
}

#[test]
fn a_damaged_document_is_no_answer() {
    let (base, labels) = (base(), Labels::default());
    let schemas = [user_resource_schema()];
    let shelf = Shelf { base: &base, schemas: &schemas, labels: &labels };
    let whole = r#"{"userName":"canary","emails":[{"value":"canary"}],"unknown":{"a":[1]},"title":"x"}"#;
    let cut_off = (0..whole.len()).map(|length| whole[..length].to_owned());
    let others = ["null", "[]", "{} x", r#"{"unknown":{]}"#, r#"{"emails":[{"value":nul}]}"#, r#"{"id":1,"a":}"#];
    for text in cut_off.chain(others.map(str::to_owned)) {
        let stored = resource(StoredDocument::from_text(text.clone()), None, None);
        let refusal = Splicer::new(&shelf).write(&schemas[0], &stored, &Projection::default(), &mut Vec::new());
        let refusal = refusal.unwrap_err();
        assert!(matches!(refusal, AppError::Store(muster_app::StoreError::Failed(_))), "{text}: {refusal:?}");
        let (status, _, detail) = crate::failure::of_app_error(&refusal);
        assert_eq!(status, http::StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!detail.contains("canary") && !format!("{refusal:?}").contains("canary"), "{detail} {refusal:?}");
    }
}
