"""The second half of a full report: how it adds up, what was told, assumed and not seen, methods and their limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ergo.assess.enough import ENOUGH
from ergo.methods.catalogue import METHODS, TASK_METHODS
from ergo.report.blocks import Block, Facts, Paragraph, Points, Section, Table
from ergo.report.levels import assumptions_by_methods
from ergo.report.stored import Stored
from ergo.report.words import clock, degrees, duration_words, percent

_UNITS: Final = {"load_kg": "kg", "lifts_per_minute": "a minute", "repetitions_per_day": "a day", "exertion": "of 10"}
_KINDS: Final = {"lift": "lift", "lower": "lower", "transfer": "move across"}
_LIMITS: Final = (
    "One camera sees no forces and little depth: what the hands hold, and how hard, must be told.",
    "Angles carry the errors of the pose estimate; their standard deviations are in angles.csv.",
    "What is hidden from the camera is not assessed, or is a guess that widens the range.",
    "Lifts are possible lifts, found from how the hands move.",
    "The scores judge a way of working, not a person.",
)


def appendix(stored: Stored) -> list[Section]:
    """The sections behind those that everybody reads."""
    result = stored.result
    sections = [
        _section("Time in bent and raised postures", _doses(result)),
        _section("Lifts", _lifts(result)),
        _section("Repetition", _repetition(result)),
        _section("What was told, and what was set by hand", _told(result)),
        _section("What was not seen", _unseen(result)),
        _section("What was assumed", _assumed(result)),
        _section("How it was made", _made(result)),
        _section("Methods and sources", _methods(result)),
        _section("Limits", iter((Points(_LIMITS),))),
    ]
    return [section for section in sections if section.blocks]


def _section(title: str, blocks: Iterator[Block]) -> Section:
    return Section(title, tuple(blocks))


def _doses(result: Mapping[str, Any]) -> Iterator[Block]:
    doses = result.get("doses") or []
    if not doses:
        return
    rows = []
    for dose in doses:
        if not dose["assessed"]:
            rows.append((dose["label"], "not assessed", "", "", ""))
            continue
        shares = ", ".join(f">{key}°: {percent(share)}" for key, share in dose["share_above"].items())
        longest = max(dose["longest_s"].values(), default=0.0)
        rows.append(
            (
                dose["label"],
                f"{dose['median_deg']:.0f}°".replace("-", "−"),
                f"{dose['p90_deg']:.0f}°".replace("-", "−"),
                shares,
                duration_words(longest) if longest else "–",
            )
        )
    header = ("Posture", "Median", "90th percentile", "Share of the time seen", "Longest at a stretch")
    yield Table(header, tuple(rows), (3.0, 1.2, 1.6, 4.2, 2.0))


def _lifts(result: Mapping[str, Any]) -> Iterator[Block]:
    lifting = result.get("lifting")
    if not lifting:
        return
    if not lifting["lifts"]:
        yield Paragraph("No lift was found in this film.")
    else:
        header = ("No.", "When", "What", "Height", "Reach", "Allowed at most", "Lifting index")
        yield Table(header, tuple(map(_lift_row, lifting["lifts"])), (0.7, 2.2, 2.2, 2.0, 1.6, 2.4, 1.5))
    yield from _fatigue(result.get("fatigue") or {})
    if lifting["assumptions"]:
        yield Points(tuple(lifting["assumptions"]), "What the limits rest on")


def _lift_row(lift: Mapping[str, Any]) -> tuple[str, ...]:
    origin, destination = lift["origin"], lift["destination"]
    limit = next((limit for limit in lift["limits"] if limit["end"] == lift["counts"]), None)
    allowed, index = "one hand: no limit", ""
    if limit is not None:
        allowed = f"{limit['rwl']:.1f} kg ({limit['rwl_p05']:.0f}–{limit['rwl_p95']:.0f})"
        index = "load not told" if limit["index"] is None else f"{limit['index']:.1f}"
    return (
        str(lift["number"]),
        f"{clock(origin['time_s'])}–{clock(destination['time_s'])}",
        f"{_KINDS[lift['kind']]}, {lift['hands']}",
        f"{origin['height_cm']:.0f} to {destination['height_cm']:.0f} cm",
        f"{origin['reach_cm']:.0f} ±{origin['reach_sd_cm']:.0f} cm",
        allowed,
        index,
    )


def _fatigue(fatigue: Mapping[str, Any]) -> Iterator[Block]:
    rows = []
    for tool in fatigue.values():
        words = f"needs {' and '.join(tool['missing'])}"
        if not tool["missing"]:
            level = next(entry for entry in tool["levels"] if entry["level"] == tool["level"])
            words = f"{percent(tool['probability'])}, {level['label'].lower()}; damage of a day {tool['damage']:.2g}"
        rows.append((f"{tool['label']}, a whole day", words))
    if rows:
        yield Facts(tuple(rows))


def _repetition(result: Mapping[str, Any]) -> Iterator[Block]:
    cycles = result.get("cycles")
    if not cycles:
        return
    told = [part for part in cycles["parts"] if part["per_minute"] is not None]
    if not told:
        yield Paragraph("Repetition cannot be told from less than a minute of film.")
        return
    rows = tuple(
        (
            part["label"],
            f"{part['per_minute']:.1f} a minute",
            "–" if part["period_s"] is None else f"{part['period_s']:.1f} s",
        )
        for part in told
    )
    yield Table(("Part", "Movements", "Usual cycle"), rows, (3.0, 2.0, 2.0))


def _told(result: Mapping[str, Any]) -> Iterator[Block]:
    context = result["settings"]["context"]
    yield Facts(tuple((_name(name), _said(name, value)) for name, value in context.items()))
    said = result.get("overrides") or ()
    if said:
        rows = tuple((o["text"], o["span"], o["who"] or "–", o["why"] or "–", o["made_utc"][:10]) for o in said)
        yield Table(("Set by hand", "When", "Who", "Why", "Date"), rows, (3.2, 1.8, 1.6, 2.8, 1.4))


def _name(field: str) -> str:
    return field.removesuffix("_kg").replace("_", " ").capitalize()


def _said(name: str, value: Any) -> str:
    if value is None:
        return "not told"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g} {_UNITS.get(name, '')}".strip() if isinstance(value, int | float) else str(value)


def _unseen(result: Mapping[str, Any]) -> Iterator[Block]:
    parts = result["coverage"].get("parts", {})
    if parts:
        rows = tuple(
            (part.replace("_", " ").capitalize(), percent(share), "" if share >= ENOUGH else "not assessed")
            for part, share in parts.items()
        )
        yield Table(("Part of the body", "Seen", ""), rows, (3.0, 1.5, 3.0))
    if result["warnings"]:
        yield Points(tuple(result["warnings"]))


def _assumed(result: Mapping[str, Any]) -> Iterator[Block]:
    for name, texts in assumptions_by_methods(result).items():
        yield Points(tuple(texts), name)


def _made(result: Mapping[str, Any]) -> Iterator[Block]:
    video, gravity, body = result["video"], result["gravity"], result["body"]
    source = {"user": "given by hand", "body": "estimated from the body"}.get(gravity["source"], "estimated")
    tilt = f"{degrees(gravity['pitch_deg'])} pitch, {degrees(gravity['roll_deg'])} roll, ±{gravity['sd_deg']:.1f}°"
    yield Facts(
        (
            ("Software", f"Ergo {result['ergo_version']}"),
            (
                "Analysed",
                f"{result['created_utc'][:16].replace('T', ' ')} UTC, quality {result['settings']['quality']}",
            ),
            (
                "Film",
                f"{video['name']}, {video['width_px']} × {video['height_px']}, {video['fps']:.3g} pictures a second",
            ),
            ("Camera tilt", f"{tilt} ({source})"),
            ("Body", f"{'SMPL-X' if body['model'] == 'smplx' else 'free body'}, {body['stature_m']:.2f} m"),
        )
    )


def _methods(result: Mapping[str, Any]) -> Iterator[Block]:
    entries = [METHODS[name] for name in result["methods"] if name in METHODS]
    tools = [TASK_METHODS[name] for name in ("niosh", *(result.get("fatigue") or {})) if name in TASK_METHODS]
    for entry in (*entries, *tools):
        yield Points((entry.citation, *entry.limits), f"{entry.label}: {entry.name}")
