"""What is of no block: any message, programmed answers, power, network and the CSMS's service, violations."""

from __future__ import annotations

from ocpplab_runner.csms import VIOLATIONS
from ocpplab_runner.ocppj.schemas import actions, send_actions
from ocpplab_runner.ocppj.violations import FRAME_VIOLATIONS
from ocpplab_runner.scenario.registry import FacetSpec, FieldSpec, StateSpec, VerbSpec
from ocpplab_runner.steps.fields import BOOLEAN, DURATION, OBJECT, TEXT, TOKEN, is_, listed
from ocpplab_runner.vocabulary.versions import OcppVersion

_REPLY_FIELDS = (
    FieldSpec("to", TOKEN, "The OCPP action whose next calls are answered this way.", True),
    FieldSpec("payload", OBJECT, "The whole answer."),
    FieldSpec("patch", OBJECT, "Merged into the answer that would have been given."),
    FieldSpec("error", TOKEN, "Answer with a CALLERROR of this code."),
    FieldSpec("description", TEXT, "The CALLERROR's description."),
    FieldSpec("silence", {"const": True}, "Do not answer at all."),
    FieldSpec("garbage", TEXT, "Answer with this text, which need not be OCPP-J."),
    FieldSpec("delay", DURATION, "Wait so long before answering."),
    FieldSpec(
        "times",
        {"anyOf": [{"type": "integer", "minimum": 1}, {"const": "always"}]},
        "How many calls are answered this way (default 1).",
    ),
    FieldSpec("matching", OBJECT, "Only calls whose payload matches."),
)

_CONNECTION = {"enum": ["opened", "closed"]}

_VIOLATION = {"enum": sorted({*FRAME_VIOLATIONS, *VIOLATIONS})}

VERBS: tuple[VerbSpec, ...] = (
    VerbSpec(
        "proxy_message",
        "The charger sends any OCPP message to the CSMS, past its own state.",
        "charger",
        (
            FieldSpec("action", TOKEN, "OCPP action, as in OCPP (Heartbeat) or in snake_case (heartbeat)."),
            FieldSpec("payload", OBJECT, "The payload, with the keys of OCPP or the same in snake_case."),
            FieldSpec(
                "text", TEXT, "In place of both: a WebSocket message as it stands, at once; it need not be OCPP-J."
            ),
            FieldSpec("binary", BOOLEAN, "Whether the `text` goes out as a binary WebSocket message (false)."),
            FieldSpec("ocpp_version", {"enum": ["ocpp1.6", "ocpp2.0.1", "ocpp2.1"]}, "Must be the case's version."),
        ),
        calls="charger",
        example="proxy_message: {action: Heartbeat, payload: {}}",
    ),
    VerbSpec(
        "charger_reply",
        "Programme how the charger answers the CSMS's next calls.",
        "charger",
        _REPLY_FIELDS,
        opens_window=False,
        programs="charger",
        example="charger_reply: {to: Reset, payload: {status: Rejected}}",
    ),
    VerbSpec(
        "csms_call",
        "The CSMS sends any OCPP call.",
        "csms",
        (
            FieldSpec("action", TOKEN, "The OCPP action.", True),
            FieldSpec("payload", OBJECT, "Its payload with OCPP's own keys (default empty)."),
        ),
        shorthand="action",
        calls="csms",
        example="csms_call: {action: GetConfiguration, payload: {key: [HeartbeatInterval]}}",
        description=(
            "The payload is checked against the OCPP schema of every listed version; `only` limits the step to some "
            "of them, `raw: true` lets a wrong payload through."
        ),
    ),
    VerbSpec(
        "csms_reply",
        "Programme how the CSMS answers the charger's next calls.",
        "csms",
        _REPLY_FIELDS,
        opens_window=False,
        programs="csms",
        example="csms_reply: {to: Authorize, error: GenericError, times: 2}",
    ),
    VerbSpec(
        "csms",
        "Take the CSMS out of service, or put it back; does not block.",
        "world",
        (
            FieldSpec("state", {"enum": ["started", "stopped"]}, "`stopped` lasts until `started`."),
            FieldSpec("down_for", DURATION, "Stop now and start after this time."),
            FieldSpec(
                "forgets",
                {"type": "boolean"},
                "It comes back without what it has seen (boots, transactions, reservations), as after the change to "
                "another CSMS. What the scenario has given and programmed stays.",
            ),
        ),
        shorthand="state",
        one_of=("state", "down_for"),
        opens_for_all=True,
        example="csms: {down_for: 5m}",
        description=(
            "Every charger loses its connection (close code 1001), and is answered HTTP 503 for as long as it dials in "
            "vain. The window that the step opens is every charger's."
        ),
    ),
    VerbSpec(
        "network",
        "Cut or restore the charger's connection to the CSMS; does not block.",
        "world",
        (
            FieldSpec("state", {"enum": ["up", "down"]}, "`down` cuts until `up`."),
            FieldSpec("down_for", DURATION, "Cut now and restore after this time."),
        ),
        shorthand="state",
        one_of=("state", "down_for"),
        example="network: {down_for: 5m}",
    ),
    VerbSpec(
        "power",
        "Switch the charger's supply off or on. What it holds in volatile memory is gone.",
        "world",
        (
            FieldSpec("state", {"enum": ["on", "off"]}, "`off` ends everything at once; `on` boots again."),
            FieldSpec("off_for", DURATION, "Off now, on again after this time; the step does not wait for that."),
        ),
        shorthand="state",
        one_of=("state", "off_for"),
        example="power: {off_for: 30s}",
    ),
)

FACETS: tuple[FacetSpec, ...] = (
    FacetSpec(
        "connection",
        "The charger's WebSocket has opened or closed.",
        (
            is_(_CONNECTION, "Which.", always=True),
            FieldSpec(
                "by",
                {"enum": ["charger", "csms"]},
                "Who closed it with a Close frame; nothing when it was cut.",
                shown_with=("is", ("closed",)),
            ),
            FieldSpec(
                "code",
                # The codes that a Close frame may have (RFC 6455, 7.4.2).
                {"type": "integer", "minimum": 1000, "maximum": 4999},
                "The Close frame's code: 1000 is an ordinary end, 1008 a refusal.",
                shown_with=("is", ("closed",)),
            ),
            FieldSpec(
                "reason",
                TEXT,
                "The Close frame's words, or why the connection was cut.",
                shown_with=("is", ("closed",)),
            ),
        ),
        value=_CONNECTION,
        event="connection",
        example="connection: {is: closed, by: csms, code: 1008}",
        state=StateSpec(),
    ),
    FacetSpec(
        "message",
        "An OCPP frame has crossed.",
        (
            FieldSpec(
                "action",
                TOKEN,
                "Its action; an answer has the action of its call.",
                schemas=listed({version: actions(version) | send_actions(version) for version in OcppVersion}),
            ),
            FieldSpec("from", {"enum": ["charger", "csms"]}, "Who sent it.", always=True),
            FieldSpec("type", {"enum": ["call", "result", "error"]}, "CALL unless said."),
            FieldSpec("payload", OBJECT, "What the payload must contain."),
            FieldSpec("error_code", TEXT, "Code of a CALLERROR.", shown_with=("type", ("error",))),
        ),
        kind="frame",
        example="message: {action: StatusNotification, from: charger}",
    ),
    FacetSpec(
        "response",
        "The answer to this step's own call is a CALLRESULT with this payload; `none`: none comes within the deadline.",
        (),
        kind="frame",
        bound=True,
        value={"type": "object"},
        example="response: {status: Accepted}",
    ),
    FacetSpec(
        "call_error",
        "The answer to this step's own call is a CALLERROR.",
        (FieldSpec("code", TEXT, "Its code."), FieldSpec("description", TEXT, "Its description.")),
        value=TEXT,
        kind="frame",
        bound=True,
        example="call_error: NotImplemented",
    ),
    FacetSpec(
        "outcome",
        "What became of this step's own command.",
        (
            is_({"enum": ["done", "refused"]}, "Whether the charger did it.", always=True),
            FieldSpec("reason", TEXT, "Why it was refused.", shown_with=("is", ("refused",))),
            FieldSpec("detail", {"type": "object"}, "What the command hands back (`{entries_deleted: 2}`)."),
        ),
        value={"enum": ["done", "refused"]},
        kind="command",
        bound=True,
        example="outcome: done",
    ),
    FacetSpec(
        "violation",
        "The other side broke the protocol.",
        (
            is_(_VIOLATION, "The violation's code; docs/reports.md explains each.", always=True),
            FieldSpec("action", TEXT, "In which action."),
            FieldSpec("by", {"enum": ["charger", "csms"]}, "Who broke it.", always=True),
            FieldSpec(
                "weight",
                {"enum": ["must", "should"]},
                "Whether the specification forbids it, or advises against it.",
                always=True,
            ),
        ),
        value=_VIOLATION,
        kind="violation",
        example="violation: schema",
    ),
)
