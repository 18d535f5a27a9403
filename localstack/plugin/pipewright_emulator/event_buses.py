"""Event buses: keys and dead letters, UpdateEventBus, and policies whose statements are kept as AWS keeps them."""

from typing import Any

_KEPT = {"kms_key_identifier": "KmsKeyIdentifier", "dead_letter_config": "DeadLetterConfig"}


def install() -> None:
    """Patches LocalStack's service; to be called before it is loaded."""
    _keep_settings()
    _keep_statements()


def _keep_settings() -> None:
    from localstack.aws.api import RequestContext, handler
    from localstack.aws.api.events import UpdateEventBusResponse
    from localstack.services.events.provider import EventsProvider

    create, shown = EventsProvider.create_event_bus, EventsProvider._event_bus_to_api_type_event_bus

    def create_event_bus(self: Any, context: RequestContext, name: str, **given: Any) -> Any:
        response = create(self, context, name, **given)
        _set(self.get_event_bus(name, self.get_store(context.region, context.account_id)), given)
        return response

    def update_event_bus(
        self: Any, context: RequestContext, name: str | None = None, **given: Any
    ) -> UpdateEventBusResponse:
        bus = self.get_event_bus(name or "default", self.get_store(context.region, context.account_id))
        if given.get("description") is not None:
            bus.description = given["description"]
        _set(bus, given)
        return {key: value for key, value in show(self, bus).items() if key in UpdateEventBusResponse.__annotations__}

    def show(self: Any, bus: Any) -> Any:
        more = {member: getattr(bus, attribute, None) for attribute, member in _KEPT.items()}
        return {**shown(self, bus), **{member: value for member, value in more.items() if value}}

    EventsProvider.create_event_bus = handler("CreateEventBus")(create_event_bus)
    EventsProvider.update_event_bus = handler("UpdateEventBus")(update_event_bus)
    EventsProvider._event_bus_to_api_type_event_bus = show


def _set(bus: Any, given: dict[str, Any]) -> None:
    for attribute in _KEPT:
        if given.get(attribute) is not None:
            setattr(bus, attribute, given[attribute])


def _keep_statements() -> None:
    """A statement replaces the one of its id, and its condition stands as IAM writes conditions."""
    from localstack.services.events.event_bus import EventBusService

    put = EventBusService.put_permission

    def put_permission(
        self: Any, action: str, principal: str, statement_id: str, condition: dict[str, str] | None, policy: str
    ) -> None:
        if policy:
            put(self, action, principal, statement_id, condition, policy)
            return
        statement = {key: value for key, value in self._parse_statement(
            statement_id, action, principal, self.arn, None
        ).items() if value is not None}
        if condition:
            statement["Condition"] = {condition["Type"]: {condition["Key"]: condition["Value"]}}
        known = self.event_bus.policy or {"Version": "2012-10-17", "Statement": []}
        others = [one for one in known["Statement"] if one.get("Sid") != statement_id]
        self.event_bus.policy = {**known, "Statement": [*others, statement]}

    EventBusService.put_permission = put_permission
