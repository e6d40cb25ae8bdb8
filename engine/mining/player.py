"""What each event of a history does to the tokens of its case."""

from functools import singledispatchmethod

from engine import events as e
from engine.history.chain import Recorded
from engine.mining.board import Board, Round
from engine.mining.graph import GATEWAYS, PEOPLE, Graph, graph_of
from engine.model import Node

_BESIDE = ("boundaryEvent", "startEvent")


class Player(Board):
    """One case that is being played."""

    def take(self, recorded: Recorded, told: frozenset[str] = frozenset()) -> None:
        """Let an event do what it does.

        Args:
            told: Elements of which its command tells.
        """
        self._now, self._elements = recorded, told
        self._taken, self._lacks, self._left, self._kind, self._element = [], [], [], "", ""
        self._on(recorded.event)
        self._marking.advance()
        self._note()

    @singledispatchmethod
    def _on(self, event: e.Event) -> None:
        """Most events move no token."""

    @_on.register
    def _(self, event: e.InstanceStarted) -> None:
        self._goes_under(event.definition_key, {})

    @_on.register
    def _(self, event: e.InstanceRebound) -> None:
        self._goes_under(event.definition_key, {})

    @_on.register
    def _(self, event: e.InstanceMigrated) -> None:
        self._flush()
        self._deviates("migration", "")
        self._goes_under(event.definition_key, event.names if self._against is None else {})

    def _goes_under(self, key: int, names: dict[str, str]) -> None:
        if self._against is not None:
            return
        self._definition_key = key
        before, graph = self._graph, graph_of(self._definition(key).process)
        self._marking.graph, self._marking.stirred = graph, True
        for number, scope in list(self._marking.scopes.items()):
            self._marking.scopes[number] = type(scope)(
                names.get(scope.element_id, scope.element_id), scope.parent, scope.stay
            )
        for token in list(self._marking.tokens.values()):
            token.node = names.get(token.node, token.node)
            token.via = _moved_flow(token.via, before, graph, names)
            if names and token.node not in graph.nodes:
                self._marking.take(token, "migrated")
                self._deviates("migration", token.node, left=[token.node])

    @_on.register
    def _(self, event: e.VariablesSet) -> None:
        self._variables.update(event.values)

    @_on.register
    def _(self, event: e.ElementReached) -> None:
        node = self._graph.nodes.get(event.element_id)
        if node is None:
            self._deviates("no_way", event.element_id, lacks=[event.element_id])
            return
        if node.type in PEOPLE:
            self._at_task(node, event.skipped)
        elif node.type in GATEWAYS:
            self._skip_gateway(node)
        elif not self._graph.is_scope(node.id) and not node.event_scope:
            self._work(node)

    def _at_task(self, node: Node, skipped: bool) -> None:
        if not skipped:
            self._bring(node.id, lambda t: t.free)
            return
        held = set(self._held.values())
        over = next((t for t in self._marking.at(node.id) if t.number in held), None)
        token = over or self._bring(node.id, lambda t: t.free)
        self._marking.leave(token, how="skipped")

    def _skip_gateway(self, node: Node) -> None:
        token = self._bring(node.id, lambda t: not t.given)
        flows = self._flows.pop(node.id, ())
        chosen = [f for f in self._graph.out[node.id] if f.id in flows]
        if self._marking.waits_to_join(token):
            for other in self._marking.arrived(token).values():
                if other is not token:
                    self._marking.take(other)
        if chosen or node.type == "parallelGateway":
            self._marking.leave(token, chosen or None, how="skipped")

    def _work(self, node: Node) -> None:
        if node.type == "boundaryEvent":
            self._flush()
            token = self._boundary(node)
        elif node.type == "startEvent":
            self._flush()
            token = self._start(node)
        else:
            token = self._reach(node.id)
        if node.type == "endEvent":
            self._end(node, token)
        else:
            self._marking.leave(token)

    @_on.register
    def _(self, event: e.UserTaskOpened) -> None:
        base = event.token.partition("#")[0]
        self._base[event.user_task_key] = base
        round_ = self._rounds.setdefault(base, Round(event.element_id))
        round_.open.add(event.user_task_key)
        token = next((t for t in self._marking.tokens.values() if t.base == base), None)
        if token is not None:
            token.done = False
            return
        if event.element_id not in self._graph.nodes:
            self._deviates("no_way", event.element_id, lacks=[event.element_id])
            return
        token = self._bring(event.element_id, lambda t: t.free)
        token.base = base
        self._note()
        self._visits.told(token.number, event.organisation_key, event.lane)

    @_on.register
    def _(self, event: e.UserTaskMoved) -> None:
        token = self._of_task(event.user_task_key)
        if token is not None:
            self._visits.told(token.number, event.organisation_key)

    @_on.register
    def _(self, event: e.UserTaskChanged) -> None:
        token = self._of_task(event.user_task_key)
        if token is not None:
            self._visits.told(token.number, event.organisation_key, event.lane)

    @_on.register
    def _(self, event: e.UserTaskCompleted) -> None:
        self._flush()
        rounds = {base: Round(r.element_id, set(r.open)) for base, r in self._rounds.items() if r.open}
        self._before[event.user_task_key] = self._marking.copy(), rounds
        base = self._base.get(event.user_task_key, "")
        if base in self._rounds:
            self._rounds[base].open.discard(event.user_task_key)
        token = self._of_task(event.user_task_key)
        if token is None:
            if event.element_id not in self._graph.nodes or base:
                return
            token = self._bring(event.element_id, lambda t: t.free)
            token.base = f"{event.user_task_key}"
        token.done = True
        assert self._now is not None
        self._note()
        self._visits.handed_in(token.number, self._now)

    @_on.register
    def _(self, event: e.UserTaskCancelled) -> None:
        base = self._base.get(event.user_task_key, "")
        round_ = self._rounds.get(base)
        if round_ is not None:
            round_.open.discard(event.user_task_key)
        token = self._of_task(event.user_task_key)
        if token is not None and not token.done and round_ is not None and not round_.open:
            token.taken = True

    @_on.register
    def _(self, event: e.TimerArmed) -> None:
        self._waits(event.element_id)

    @_on.register
    def _(self, event: e.SubscriptionOpened) -> None:
        self._waits(event.element_id)

    def _waits(self, element_id: str) -> None:
        """An event waits: its token has come to it."""
        node = self._graph.nodes.get(element_id)
        if node is not None and node.type not in _BESIDE:
            self._await(element_id)

    @_on.register
    def _(self, event: e.TaskReturned) -> None:
        self._move("return", event.user_task_key, event.element_id, event.target)

    @_on.register
    def _(self, event: e.TaskJumped) -> None:
        self._move("jump", event.user_task_key, event.element_id, event.target)

    def _move(self, kind: str, key: int, element_id: str, target: str) -> None:
        token = self._of_task(key)
        left = [element_id] if token is not None else []
        scope = token.scope if token is not None else 0
        if token is not None:
            self._marking.take(token, f"{kind}ed" if kind == "return" else "jumped")
        if target in self._graph.nodes:
            self._marking.put(
                target, scope if token is not None else self._scope(self._graph.nodes[target].scope)
            )
        self._deviates(kind, element_id, lacks=[target], left=left)

    @_on.register
    def _(self, event: e.TaskRecalled) -> None:
        kept = self._before.pop(event.user_task_key, None)
        if kept is None:
            self._deviates("recall", event.element_id, lacks=[event.element_id])
            return
        assert self._now is not None
        self._flush()
        now = self._marking
        self._note()
        marking, rounds = kept
        self._rounds.update(rounds)
        before = set(marking.tokens) | set(marking.scopes)
        for token in now.tokens.values():
            if token.number not in before:
                self._visits.end(token.number, "recalled", self._now)
        for number in now.scopes:
            if number not in before:
                self._visits.end(number, "recalled", self._now)
        back = [t.node for n, t in marking.tokens.items() if n not in now.tokens]
        gone = [t.node for n, t in now.tokens.items() if n not in marking.tokens]
        for number in sorted(before - (set(now.tokens) | set(now.scopes))):
            self._visits.again(number, self._now)
        marking.next, marking.graph = now.next, now.graph
        marking.produced, marking.consumed = now.produced + len(back), now.consumed + len(gone)
        marking.moves = []
        self._marking = marking
        self._deviates("recall", event.element_id, lacks=back, left=gone)

    @_on.register
    def _(self, event: e.IncidentRaised) -> None:
        node = self._graph.nodes.get(event.element_id)
        if node is None or not event.token or self._graph.is_scope(node.id) or node.event_scope:
            return
        if event.step == "completion":
            base = event.token.partition("#")[0]
            token = next((t for t in self._marking.tokens.values() if t.base == base), None)
        elif node.type in _BESIDE:
            if event.step != "work":
                return
            self._flush()
            token = self._boundary(node) if node.type == "boundaryEvent" else self._start(node)
        else:
            token = self._await(node.id)
        if token is not None:
            self._held[event.incident_key] = token.number
            self._stuck[event.incident_key] = node.id

    @_on.register
    def _(self, event: e.IncidentTriedAgain) -> None:
        element_id = self._stuck.get(event.incident_key)
        # A loop without end is held at another token each time, wherever the one before has gone.
        if element_id in self._graph.nodes and self._held.get(event.incident_key) not in self._marking.tokens:
            self._held[event.incident_key] = self._await(element_id).number

    @_on.register
    def _(self, event: e.IncidentEnded) -> None:
        self._held.pop(event.incident_key, None)

    @_on.register
    def _(self, event: e.IncidentSkipped) -> None:
        self._deviates("skip", event.element_id)
        self._flows[event.element_id] = tuple(event.flows)

    @_on.register
    def _(self, event: e.ErrorUncaught) -> None:
        self._flush()
        self._marking.clear()

    @_on.register
    def _(self, event: e.MessageReceived) -> None:
        if not event.element_id:
            self._empty("voided")

    @_on.register
    def _(self, event: e.InstanceVoided) -> None:
        self._empty("voided")

    @_on.register
    def _(self, event: e.CaseAnnulled) -> None:
        self._empty("voided")

    @_on.register
    def _(self, event: e.InstanceEnded) -> None:
        self._empty("no_way")


def _moved_flow(via: str, before: Graph, after: Graph, names: dict[str, str]) -> str:
    """Return the flow of another version by which a token would have come."""
    if not via or via in after.flows or via not in before.flows:
        return via
    source, target = (names.get(end, end) for end in (before.flows[via].source, before.flows[via].target))
    return next((f.id for f in after.into[target] if f.source == source), via)
