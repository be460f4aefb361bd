"""The model that a client keeps beside the server: what should be there, in a form that can be compared."""

from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Person:
    """What the scenario sets of a user, and compares."""

    user_name: str
    external_id: str | None
    given_name: str | None
    family_name: str | None
    title: str | None
    active: bool | None
    emails: frozenset[tuple[str, str | None]] = frozenset()
    department: str | None = None


@dataclass(frozen=True)
class Circle:
    """What the scenario sets of a group, and compares."""

    display_name: str
    members: frozenset[str] = frozenset()


@dataclass
class ExpectedDirectory:
    """Users and groups by the ids that the server gave them."""

    people: dict[str, Person] = field(default_factory=dict)
    circles: dict[str, Circle] = field(default_factory=dict)

    def change_person(self, identifier: str, **changes: object) -> None:
        self.people[identifier] = replace(self.people[identifier], **changes)

    def change_circle(self, identifier: str, **changes: object) -> None:
        self.circles[identifier] = replace(self.circles[identifier], **changes)

    def delete_person(self, identifier: str) -> None:
        """A deleted user is a member of nothing."""
        del self.people[identifier]
        for circle in self.circles_of(identifier):
            self.change_circle(circle, members=self.circles[circle].members - {identifier})

    def circles_of(self, person: str) -> set[str]:
        return {identifier for identifier, circle in self.circles.items() if person in circle.members}

    def people_where(self, predicate) -> set[str]:
        return {identifier for identifier, person in self.people.items() if predicate(person)}

    def circles_where(self, predicate) -> set[str]:
        return {identifier for identifier, circle in self.circles.items() if predicate(circle)}


def difference(found: dict[str, object], expected: dict[str, object], limit: int = 5) -> list[str]:
    """What differs, in words; a few cases, cut to a readable length, are enough to see the pattern."""
    complaints = [f"missing: {expected[one]}" for one in expected.keys() - found.keys()]
    complaints += [f"not expected: {found[one]}" for one in found.keys() - expected.keys()]
    for one in found.keys() & expected.keys():
        for part in vars(expected[one]):
            there, wanted = getattr(found[one], part), getattr(expected[one], part)
            if there != wanted:
                complaints.append(f"{one}: {part} is {str(there)[:300]}, expected {str(wanted)[:300]}")
    more = len(complaints) - limit
    return complaints[:limit] + ([f"and {more} more"] if more > 0 else [])
