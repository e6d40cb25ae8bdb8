"""Between whom the copies of cases play: departments of every level and their people, one for another."""

import re
from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, func, select

from engine.app import Engine
from engine.demo.copying import KEY, Pattern, Reading
from engine.storage.tables import (
    catalogue_entry,
    event,
    organisation,
    process_definition,
    process_instance,
    user,
    user_role,
)

Others = dict[str, str]
_APART = 10_000 << 22  # of keys: ten seconds before the first one that was handed out


class Office:
    """Departments and people, and who stands for whom in a copy."""

    def __init__(self, conn: Connection, engine: Engine) -> None:
        self._conn, self._calendar = conn, engine.calendar()
        of = organisation.c
        self.departments = conn.execute(
            select(of.key, of.name, of.area, of.level, of.managing, of.kind).order_by(of.key)
        ).all()
        roles = select(user_role.c.organisation_key, user_role.c.role, user.c.key, user.c.name).join(
            user, user.c.key == user_role.c.user_key
        )
        self._people: dict[tuple[int, str], list[tuple[int, str]]] = defaultdict(list)
        for row in conn.execute(roles.order_by(user.c.key)):
            self._people[row.organisation_key, row.role].append((row.key, row.name))
        least = [select(func.min(t.c.key)) for t in (organisation, user, process_definition, catalogue_entry)]
        least.append(select(func.min(process_instance.c.key)))
        keys = [conn.execute(query).scalar_one() for query in least]
        self.floor = min(keys) - _APART
        self._scene: dict[int, Others] = {}
        self._homes = {row.key: (row.level, row.area) for row in self.departments}

    def patterns(self) -> list[Pattern]:
        """Return the finished cases that can be copied, in the order in which they began."""
        seen: dict[str, set[int]] = defaultdict(set)
        for row in self._conn.execute(select(event.c.stream, event.c.body)):
            for key in set(re.findall(KEY, bytes(row.body).decode())):
                seen[key].add(row.stream)
        cases = (
            self._conn.execute(
                select(process_instance.c.key)
                .where(process_instance.c.ended_at.is_not(None))
                .order_by(process_instance.c.key)
            )
            .scalars()
            .all()
        )
        shared = {k for k, streams in seen.items() if len(streams) > 1 or int(k) <= self.floor}
        names = [row.name for row in self.departments]
        names += [f'"{name}"' for people in self._people.values() for _, name in people]
        reading = Reading(self._conn, self._calendar, frozenset(shared), set(names))
        return [found for key in cases if (found := reading.pattern(key)) is not None]

    def standing_in(self, number: int) -> Others:
        """Return keys and names of departments and people → those of the scene a copy plays in."""
        scenes = self._scenes()
        number %= len(scenes) * len(self.departments)
        if number not in self._scene:
            self._scene[number] = self._played(scenes, number)
        return self._scene[number]

    def _played(self, scenes: list[tuple[Any, list[Any]]], number: int) -> Others:
        managing, others = scenes[number % len(scenes)]
        here = [row for row in self.departments if not row.managing and row.kind != "government_office"]
        found: Others = {}
        for n, row in enumerate(here):
            self._instead(found, row, others[(n + number // len(scenes)) % len(others)])
        for row in self.departments:
            if row.managing:
                self._instead(found, row, managing)
        return found

    def home(self, department: int | None) -> tuple[str, str]:
        """Return level and area of a department; empty of none."""
        return self._homes.get(department or 0, ("", ""))

    def _scenes(self) -> list[tuple[Any, list[Any]]]:
        found = []
        for row in self.departments:
            if row.managing:
                area = [o for o in self.departments if not o.managing and o.area.startswith(row.area)]
                some = [o for o in area if o.kind != "government_office"]
                wanted = [o for o in some if o.level == row.level] if row.level == "province" else some
                if len(wanted) > 1:
                    found += [(row, wanted)] * len(wanted)
        return found

    def _instead(self, found: Others, old: Any, new: Any) -> None:
        found[str(old.key)], found[old.name] = str(new.key), new.name
        for role in ("handler", "head"):
            theirs, ours = self._people[new.key, role], self._people[old.key, role]
            for n, (key, name) in enumerate(ours if theirs else []):
                other = theirs[n % len(theirs)]
                found[str(key)], found[f'"{name}"'] = str(other[0]), f'"{other[1]}"'
