"""Fills a directory through scim2-client and finds exactly what is expected, after each kind of change.

The client validates every answer against its own models of RFC 7643 and RFC 7644, so a malformed answer fails here too.
"""

import os
import sys
import time

from expected_directory import Circle, ExpectedDirectory, Person, difference
from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import (
    Email,
    EnterpriseUser,
    Error,
    Group,
    GroupMember,
    Name,
    PatchOp,
    PatchOperation,
    ResourceType,
    ScimProvider,
    SearchRequest,
    ServiceProviderConfig,
    User,
)

USERS = 1000
GROUPS = 50
PAGE = 120
DEPARTMENTS = ("Finance", "Research", "Sales & Service", 'The "quoted" one')

Employee = User[EnterpriseUser]
Operation = PatchOperation.Op


class Failed(Exception):
    """Something is not as expected."""


def must(condition: bool, message: str) -> None:
    if not condition:
        raise Failed(message)


class Scenario:
    def __init__(self, url: str, token: str) -> None:
        http = Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60)
        resource_types = [ResourceType.from_resource(Employee), ResourceType.from_resource(Group)]
        models = [User, EnterpriseUser, Group]
        self.client = SyncSCIMClient(http, provider=ScimProvider(models, resource_types))
        # With the server's own word on ETags, the client makes its writes conditional.
        config = self.client.query(ServiceProviderConfig)
        self.client.provider = ScimProvider(models, resource_types, config)
        self.expected = ExpectedDirectory()

    # ── reading ──

    def list_all(self, model, **parameters) -> list:
        """Follows the pages to the end; every page must tell the same total and no resource may appear twice."""
        found: dict[str, object] = {}
        total = None
        while total is None or len(found) < total:
            request = SearchRequest(start_index=len(found) + 1, count=PAGE, **parameters)
            page = self.client.query(model, query_parameters=request)
            must(total in (None, page.total_results), f"the total changed from {total} to {page.total_results}")
            total = page.total_results
            resources = page.resources or []
            must(total == 0 or bool(resources), f"an empty page after {len(found)} of {total}")
            for resource in resources:
                must(resource.id not in found, "a resource appears on two pages")
                found[resource.id] = resource
        must(len(found) == total, f"{len(found)} resources were listed, {total} were announced")
        return list(found.values())

    def compare_everything(self) -> None:
        users = {user.id: person_of(user) for user in self.list_all(Employee)}
        complain(difference(users, self.expected.people))
        groups = {group.id: circle_of(group) for group in self.list_all(Group)}
        complain(difference(groups, self.expected.circles))

    def compare_filter(self, model, text: str, expected: set[str]) -> None:
        found = {resource.id for resource in self.list_all(model, filter=text)}
        must(found == expected, f"the filter {text} found {len(found)} resources, {len(expected)} were expected")
        searched = self.client.search(model, SearchRequest(filter=text, count=1))
        must(searched.total_results == len(expected), f".search with {text} announced {searched.total_results}")

    # ── the steps ──

    def create_users(self) -> None:
        for number in range(USERS):
            person = Person(
                user_name=f"Person.{number:04}@example.com",
                external_id=f"hr-{number:05}",
                given_name=f"Given{number}",
                family_name=("Žižek", "O'Neill", "Nguyễn", "Smith")[number % 4] + str(number // 100),
                title=f"Title {number % 7}" if number % 3 else None,
                active=number % 5 != 0,
                emails=frozenset({(f"p{number}@example.com", "work"), (f"p{number}@example.net", "home")}),
                department=DEPARTMENTS[number % len(DEPARTMENTS)],
            )
            created = self.client.create(user_of(person))
            must(person_of(created) == person, f"created {person_of(created)}, sent {person}")
            self.expected.people[created.id] = person
        must(len(self.expected.people) == USERS, "the server gave one id to two users")

    def refuse_duplicates(self) -> None:
        person = next(iter(self.expected.people.values()))
        twin = Employee(user_name=person.user_name.upper())
        answer = self.client.create(twin, raise_scim_errors=False)
        must(isinstance(answer, Error) and answer.status == 409, "a second user of the same name was not refused")
        must(answer.scim_type == "uniqueness", f"the refusal has the scimType {answer.scim_type}")

    def create_groups(self) -> None:
        people = list(self.expected.people)
        for number in range(GROUPS):
            members = {people[(number * 20 + offset) % USERS] for offset in range(30)}
            circle = Circle(display_name=f"Circle {number:02}", members=frozenset(members))
            created = self.client.create(group_of(circle))
            must(circle_of(created) == circle, f"created {circle_of(created)}, sent {circle}")
            self.expected.circles[created.id] = circle

    def read_one_by_one(self) -> None:
        for identifier in list(self.expected.people)[::25]:
            user = self.client.query(Employee, identifier)
            must(person_of(user) == self.expected.people[identifier], f"read {person_of(user)}")
            groups = {group.value for group in user.groups or []}
            must(groups == self.expected.circles_of(identifier), f"a user's groups: {groups}")
        for identifier in list(self.expected.circles)[::10]:
            group = self.client.query(Group, identifier)
            must(circle_of(group) == self.expected.circles[identifier], f"read {circle_of(group)}")

    def filter(self) -> None:
        expected = self.expected
        identifier, person = next(iter(expected.people.items()))
        where = expected.people_where
        urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
        for text, found in (
            (f'userName eq "{person.user_name.upper()}"', {identifier}),
            (f'externalId eq "{person.external_id}"', {identifier}),
            ('userName sw "person.01"', where(lambda one: one.user_name.lower().startswith("person.01"))),
            ('emails.value eq "p42@example.net"', where(lambda one: ("p42@example.net", "home") in one.emails)),
            ('emails[type eq "work" and value eq "p42@example.net"]', set()),
            (
                'emails[type eq "home" and value co "p42"]',
                where(lambda one: any(kind == "home" and "p42" in address for address, kind in one.emails)),
            ),
            ('name.familyName eq "ŽIŽEK3"', where(lambda one: (one.family_name or "").lower() == "žižek3")),
            ("active eq false", where(lambda one: one.active is False)),
            ('active eq true and title eq "title 3"', where(lambda one: bool(one.active) and one.title == "Title 3")),
            ("not (title pr)", where(lambda one: one.title is None)),
            (
                'title eq "Title 1" or userName ew "99@example.com"',
                where(lambda one: one.title == "Title 1" or one.user_name.endswith("99@example.com")),
            ),
            (f'{urn}:department eq "The \\"quoted\\" one"', where(lambda one: one.department == DEPARTMENTS[3])),
            (f'id eq "{identifier}"', {identifier}),
            ('userName eq "nobody@example.com"', set()),
        ):
            self.compare_filter(Employee, text, found)
        group, circle = next(iter(expected.circles.items()))
        member = min(circle.members)
        for text, found in (
            (f'displayName eq "{circle.display_name.lower()}"', {group}),
            ('displayName co "circle 1"', expected.circles_where(lambda one: "Circle 1" in one.display_name)),
            (f'members.value eq "{member}"', expected.circles_of(member)),
            (f'members[value eq "{member}"]', expected.circles_of(member)),
            (f'id eq "{group}" and members eq "{member}"', {group}),
        ):
            self.compare_filter(Group, text, found)

    def project(self) -> None:
        request = SearchRequest(attributes=["userName"], count=10)
        page = self.client.query(Employee, query_parameters=request)
        must(len(page.resources) == 10, f"{len(page.resources)} resources came, 10 were asked for")
        must(all(user.user_name and user.id and not user.emails for user in page.resources), "attributes=userName")
        request = SearchRequest(excluded_attributes=["members"], count=10)
        page = self.client.query(Group, query_parameters=request)
        must(all(group.display_name and not group.members for group in page.resources), "excludedAttributes=members")

    def replace_users(self) -> None:
        for number, identifier in enumerate(list(self.expected.people)[:100]):
            self.expected.change_person(
                identifier,
                title=f"Replaced {number}",
                active=True,
                emails=frozenset({(f"new{number}@example.org", "work")}),
            )
            user = self.client.query(Employee, identifier)
            user.title = f"Replaced {number}"
            user.active = True
            user.emails = [Email(value=f"new{number}@example.org", type="work")]
            replaced = self.client.replace(user)
            must(person_of(replaced) == self.expected.people[identifier], f"replaced {person_of(replaced)}")

    def refuse_stale_writes(self) -> None:
        if not self.client.provider.config.etag.supported:
            raise Failed("the server does not support ETags")
        identifier = next(iter(self.expected.people))
        stale = self.client.query(Employee, identifier)
        fresh = self.client.query(Employee, identifier)
        fresh.title = "Fresh"
        self.client.replace(fresh)
        self.expected.change_person(identifier, title="Fresh")
        stale.title = "Stale"
        answer = self.client.replace(stale, raise_scim_errors=False)
        must(isinstance(answer, Error) and answer.status == 412, "a write that was based on an old version was taken")

    def patch_users(self) -> None:
        for number, identifier in enumerate(list(self.expected.people)[100:200]):
            person = self.expected.people[identifier]
            address = (f"extra{number}@example.org", "other")
            self.patch(
                Employee,
                identifier,
                (Operation.replace_, "active", False),
                (Operation.replace_, "name.familyName", f"Patched{number}"),
                (Operation.add, "emails", [{"value": address[0], "type": address[1]}]),
                (Operation.remove, 'emails[type eq "home"]', None),
                (Operation.remove, "title", None),
            )
            emails = {email for email in person.emails if email[1] != "home"} | {address}
            self.expected.change_person(
                identifier, active=False, family_name=f"Patched{number}", emails=frozenset(emails), title=None
            )

    def patch_groups(self) -> None:
        people = list(self.expected.people)
        for number, (identifier, circle) in enumerate(list(self.expected.circles.items())[:20]):
            leaving, joining = min(circle.members), people[-1 - number]
            self.patch(
                Group,
                identifier,
                (Operation.add, "members", [{"value": joining}]),
                (Operation.remove, f'members[value eq "{leaving}"]', None),
                (Operation.replace_, "displayName", f"Renamed {number}"),
            )
            members = circle.members - {leaving} | {joining}
            self.expected.change_circle(identifier, display_name=f"Renamed {number}", members=members)

    def replace_groups(self) -> None:
        people = list(self.expected.people)
        for identifier in list(self.expected.circles)[20:25]:
            circle = Circle(self.expected.circles[identifier].display_name, frozenset(people[520:545]))
            group = group_of(circle)
            group.id = identifier
            replaced = self.client.replace(group)
            must(circle_of(replaced) == circle, f"replaced {circle_of(replaced)}")
            self.expected.circles[identifier] = circle

    def delete_some(self) -> None:
        # Those in the middle are members of several groups.
        for identifier in list(self.expected.people)[490:540]:
            self.delete(Employee, identifier)
            self.expected.delete_person(identifier)
        for identifier in list(self.expected.circles)[-5:]:
            self.delete(Group, identifier)
            del self.expected.circles[identifier]

    def delete(self, model, identifier: str) -> None:
        self.client.delete(model, identifier)
        for attempt in (self.client.query, self.client.delete):
            answer = attempt(model, identifier, raise_scim_errors=False)
            must(isinstance(answer, Error) and answer.status == 404, "a deleted resource is still there")

    def patch(self, model, identifier: str, *operations) -> None:
        written = [PatchOperation[model](op=op, path=path, value=value) for op, path, value in operations]
        self.client.modify(model, identifier, PatchOp[model](operations=written))


def user_of(person: Person) -> User:
    user = Employee(
        user_name=person.user_name,
        external_id=person.external_id,
        name=Name(given_name=person.given_name, family_name=person.family_name),
        title=person.title,
        active=person.active,
        emails=[Email(value=address, type=kind) for address, kind in sorted(person.emails)],
    )
    user[EnterpriseUser] = EnterpriseUser(department=person.department)
    return user


def person_of(user: User) -> Person:
    name = user.name or Name()
    extension = user[EnterpriseUser]
    return Person(
        user_name=user.user_name,
        external_id=user.external_id,
        given_name=name.given_name,
        family_name=name.family_name,
        title=user.title,
        active=user.active,
        emails=frozenset((email.value, email.type) for email in user.emails or []),
        department=extension.department if extension else None,
    )


def group_of(circle: Circle) -> Group:
    members = [GroupMember(value=member) for member in sorted(circle.members)]
    return Group(display_name=circle.display_name, members=members)


def circle_of(group: Group) -> Circle:
    values = [member.value for member in group.members or []]
    must(len(values) == len(set(values)), "a group names a member twice")
    return Circle(display_name=group.display_name, members=frozenset(values))


def complain(complaints: list[str]) -> None:
    if complaints:
        raise Failed("; ".join(complaints))


STEPS = (
    ("create 1,000 users", Scenario.create_users),
    ("refuse a second user of the same name", Scenario.refuse_duplicates),
    ("create 50 groups with members", Scenario.create_groups),
    ("find exactly that, page by page", Scenario.compare_everything),
    ("read one by one", Scenario.read_one_by_one),
    ("filter", Scenario.filter),
    ("ask for some attributes", Scenario.project),
    ("replace 100 users", Scenario.replace_users),
    ("refuse a write based on an old version", Scenario.refuse_stale_writes),
    ("patch 100 users", Scenario.patch_users),
    ("patch 20 groups", Scenario.patch_groups),
    ("replace 5 groups", Scenario.replace_groups),
    ("find exactly that", Scenario.compare_everything),
    ("delete 50 users and 5 groups", Scenario.delete_some),
    ("find exactly what is left", Scenario.compare_everything),
    ("filter again", Scenario.filter),
    ("read one by one again", Scenario.read_one_by_one),
)


def main() -> int:
    scenario = Scenario(os.environ["MUSTER_SCIM_URL"], os.environ["MUSTER_SCIM_TOKEN"])
    for title, step in STEPS:
        started = time.monotonic()
        try:
            step(scenario)
        except Failed as failed:
            print(f"scim2-client: {title}: FAILED: {failed}")
            return 1
        print(f"scim2-client: {title}: {time.monotonic() - started:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
