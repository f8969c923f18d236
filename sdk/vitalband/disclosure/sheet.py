"""The sheet without its looks: sections of sentences, bullets and tables, in one language."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum, IntFlag

from bandschema.enums import Capability, Group, Recipient, Unit
from bandschema.enums import Reading as ReadingId
from bandschema.field import DataClass, Sender
from bandschema.layout import LAYOUTS
from bandschema.records import ManifestEntry
from vitalband.disclosure import chinese, english
from vitalband.disclosure.accuracy import FIGURES
from vitalband.disclosure.facts import DisclosedFacts
from vitalband.errors import LocalError
from vitalband.values import unit_symbol, words
from vitalband.view import printable

LANGUAGES = {"en": english.WORDS, "zh": chinese.WORDS}
"""Languages of the sheet, and their words by key."""

_CUFF_READINGS = (ReadingId.SYSTOLIC_MMHG, ReadingId.DIASTOLIC_MMHG, ReadingId.CUFF_AGE_S)
_CHINESE_UNITS = {" /min": " 次/分", " steps": " 步", " ms": " 毫秒"}
_SECOND_MS = 1000


@dataclass(frozen=True)
class SheetTable:
    """Texts in rows, each as long as `head`."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it: sentences, a table, bullets, in that order."""

    title: str
    sentences: tuple[str, ...] = ()
    table: SheetTable | None = None
    bullets: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """All that a sheet says. `language` is a key of `LANGUAGES`, `tag` its name in HTML and PDF.

    `firmware_digest` and `manifest_digest`, in hex, are what it speaks of.
    """

    language: str
    tag: str
    title: str
    lead: str
    sections: tuple[Section, ...]
    firmware_digest: str
    manifest_digest: str


def sheet_of(facts: DisclosedFacts, language: str) -> Sheet:
    """The sheet of a band in one of `LANGUAGES`; `LocalError` for another one."""
    if language not in LANGUAGES:
        raise LocalError(f"wanted a language of {', '.join(LANGUAGES)}, got {language!r}")
    return _Maker(facts, language).sheet()


class _Maker:
    def __init__(self, facts: DisclosedFacts, language: str) -> None:
        self._facts = facts
        self._language = language
        self._words = LANGUAGES[language]

    def sheet(self) -> Sheet:
        identity, facts = self._facts.identity, self._facts
        version = (identity.firmware_major, identity.firmware_minor, identity.firmware_patch)
        makers: tuple[Callable[[], Section], ...] = (
            self._who, self._what, self._else, self._where, self._long, self._right, self._radio,
            self._battery, self._comfort, self._stop, self._true,
        )  # fmt: skip
        return Sheet(
            language=self._language,
            tag=self._words["language"],
            title=self._words["title"],
            lead=self._say(
                "lead",
                maker=printable(identity.maker),
                model=printable(identity.model),
                hardware=printable(identity.hardware),
                certification=self._certification(),
                firmware=".".join(str(number) for number in version),
            ),
            sections=tuple(make() for make in makers),
            firmware_digest=identity.firmware_digest.hex(),
            manifest_digest=facts.manifest_digest.hex(),
        )

    def _certification(self) -> str:
        match self._facts.identity.certification:
            case "":
                return self._words["certification_not_told"]
            case "none":
                return self._words["certification_none"]
            case certification:
                return printable(certification)

    def _say(self, key: str, **values: object) -> str:
        return self._words[key].format(**values)

    def _section(
        self, key: str, *sentences: str, table: SheetTable | None = None, bullets: Sequence[str] = ()
    ) -> Section:
        say = self._words
        return Section(
            say[key], tuple(say[each] for each in sentences), table, tuple(say[each] for each in bullets)
        )

    def _who(self) -> Section:
        issuance = self._facts.issuance
        if issuance is None:
            return self._section("who", "who_nobody")
        nothing = self._words["no_notice"]
        told = {
            name: printable(getattr(issuance, name)).strip() or nothing
            for name in ("issuer", "contact", "purpose", "notice")
        }
        told["may_refuse"] = self._words["yes" if issuance.is_voluntary else "no"]
        told["on_refusal"] = printable(issuance.refusal).strip() or nothing
        told["from"] = _day(issuance.start_unix_s) or nothing
        told["until"] = _day(issuance.end_unix_s) or nothing
        colon = self._words["colon"]
        lines = tuple(f"{self._words[name]}{colon}{text}" for name, text in told.items())
        return Section(self._words["who"], bullets=lines)

    def _what(self) -> Section:
        heads = ("name", "group", "page", "interval", "kept", "recipients")
        head = tuple(self._words[f"head_{name}"] for name in heads)
        rows = tuple(self._row(entry) for entry in self._facts.manifest)
        return self._section("what", "what_note", "what_raw", table=SheetTable(head, rows))

    def _row(self, entry: ManifestEntry) -> tuple[str, ...]:
        name = self._name(entry)
        return (
            self._say("raw", name=name) if entry.stream_id else name,
            self._member("group", Group(entry.group)),
            self._member("page", entry.page),
            self._interval(entry.interval_ms),
            self._say("hours", number=entry.retention_h) if entry.retention_h else self._words["not_kept"],
            self._member("recipient", Recipient(entry.recipients)),
        )

    def _name(self, entry: ManifestEntry) -> str:
        return printable(entry.name_zh if self._language == "zh" else entry.name_en)

    def _interval(self, interval_ms: int) -> str:
        if 0 < interval_ms < _SECOND_MS:
            return self._say("times_a_second", number=round(_SECOND_MS / interval_ms))
        return self._say("every_s", number=f"{interval_ms / _SECOND_MS:g}")

    def _member(self, kind: str, member: int) -> str:
        """A member in words, each flag of a combination; the number of an unknown one."""
        parts = list(member) if isinstance(member, IntFlag) else [member]
        known = (self._words.get(f"{kind}_{_name_of(part)}", words(part)) for part in parts)
        return self._words["and"].join(known)

    def _else(self) -> Section:
        senders = {layout.data for layout in LAYOUTS if layout.sender is not Sender.HOST}
        classes = [f"data_{data.value}" for data in DataClass if data in senders]
        return self._section("else", "else_note", bullets=(*classes, "never"))

    def _where(self) -> Section:
        capabilities = self._facts.capabilities
        sealed = "where_open"
        if Capability.SEALED_RECORDS in capabilities:
            sealed = "where_sealed"
        elif Capability.SECURE_SESSION in capabilities:
            sealed = "where_can_seal"
        return self._section(
            "where", bullets=("where_display", "where_host", sealed, "where_apps", "where_on")
        )

    def _long(self) -> Section:
        return self._section("long", bullets=("long_band", "long_host"))

    def _right(self) -> Section:
        head = (self._words["head_name"], self._words["head_measured"])
        rows = tuple(
            (self._name(entry), measured)
            for entry in self._facts.manifest
            if not entry.stream_id
            for measured in self._measured(entry)
        )
        return self._section("right", "right_note", table=SheetTable(head, rows))

    def _measured(self, entry: ManifestEntry) -> list[str]:
        if entry.agreement_milli:
            number, unit = f"{entry.agreement_milli / 1000:g}", unit_symbol(Unit(entry.unit))
            return [self._say("agreement", number=number, unit=unit).strip()]
        if entry.reading_id in _CUFF_READINGS:
            return [self._words["cuff"]]
        name = _name_of(ReadingId(entry.reading_id)) if entry.reading_id in set(ReadingId) else ""
        found = [self._figure(*figure) for reading, *figure in FIGURES if reading == name]
        return found or [self._words["not_measured"]]

    def _figure(self, study: str, value: str, interval: str, share: str, count: str) -> str:
        if self._language == "zh":
            for unit, chinese_unit in _CHINESE_UNITS.items():
                value = value.replace(unit, chinese_unit)
        low, _, high = interval.partition(" to ")
        measured = self._say(
            "measured",
            value=value,
            interval=self._say("interval", low=low, high=high) if interval else "",
            shown=self._say("shown", share=share) if share else "",
        )
        return self._say(f"study_{study}", measured=measured, count=count)

    def _radio(self) -> Section:
        does_change = Capability.PRIVATE_RADIO in self._facts.capabilities
        address = "radio_changes" if does_change else "radio_fixed"
        return self._section("radio", bullets=("radio_service", address, "radio_connect"))

    def _battery(self) -> Section:
        return self._section("battery", "battery_note")

    def _comfort(self) -> Section:
        return self._section(
            "comfort", bullets=("comfort_light", "comfort_strap", "comfort_alerts", "comfort_numbers")
        )

    def _stop(self) -> Section:
        return self._section("stop", bullets=("stop_press", "stop_pause", "stop_off", "stop_never"))

    def _true(self) -> Section:
        return self._section("true", "true_digest", "true_check")


def _name_of(member: int) -> str:
    return member.name.lower() if isinstance(member, IntEnum | IntFlag) and member.name else str(int(member))


def _day(unix_s: int) -> str:
    return datetime.fromtimestamp(unix_s, UTC).strftime("%Y-%m-%d") if unix_s else ""
