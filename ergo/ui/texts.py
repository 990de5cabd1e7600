"""The words of the page: plain, direct, and all in one place."""

from __future__ import annotations

import time

from ergo.report.words import clock, degrees, duration_words, percent  # noqa: F401  words that reports share
from ergo.types import Stage

TITLE = "Ergo"
SUBTITLE = "From a video of work to where the strain is, how sure that is, and why."

#: The stages a person can follow, with what happens in each.
STAGE_LINE: tuple[tuple[str, str, str], ...] = (
    ("upload", "Upload", "the video is stored"),
    ("queue", "Queue", "waiting for its turn"),
    ("people", "People", "finding and following the people"),
    ("body", "Body", "fitting a moving body"),
    ("assess", "Assess", "measuring angles and scoring"),
    ("report", "Report", "writing the files"),
)

#: The place in STAGE_LINE of each stage that a job reports.
STAGE_PLACE: dict[Stage, int] = {"queue": 1, "video": 2, "people": 2, "body": 3, "assess": 4, "report": 5, "done": 6}

STAGE_NOW: dict[Stage, str] = {
    "queue": "Waiting for its turn",
    "video": "Reading the video",
    "people": "Finding and following the people",
    "body": "Fitting a moving body",
    "assess": "Measuring angles and scoring",
    "report": "Writing the report",
    "done": "Done",
}

SAFE_TO_LEAVE = "You can close this page. The analysis goes on, and this address brings you back to it."

#: Of a long film, while it is still being looked at.
PRELIMINARY = "Preliminary"
PRELIMINARY_WHAT = "How far the trunk leans from upright, so far"
PRELIMINARY_SHARE = "{percent} % of the film seen"
PRELIMINARY_NOTE = (
    "A first look only, of whoever seems to be the worker, as if the camera were level: some ten degrees off. "
    "The analysis itself begins when all of the film has been seen."
)

START_WAITS = "Press it now, and the analysis starts by itself as soon as the video has arrived."

#: One, several.
BEGUN = ("The analysis has started.", "{} analyses have started.")
BEGINS = (
    "The analysis starts by itself as soon as the video has arrived. Keep this page open until then.",
    "{} analyses start by themselves, each as soon as its video has arrived. Keep this page open until then.",
)

QUALITY_CHOICES = [
    ("Quick look", "low"),
    ("Standard", "medium"),
    ("Careful", "high"),
    ("As good as it gets", "ultra"),
]
QUALITY_INFO = (
    "On two cores Standard takes about as long as the film lasts, Careful three to four times, the best six to seven "
    "times as long. More cores or a GPU make it faster."
)

BLUR_INFO = "In the video, pictures and reports, before anything is kept; the video you send is not changed."

SEX_CHOICES = [("Not said", "neutral"), ("Female", "female"), ("Male", "male")]

#: The value of an answer nobody gave: a list cannot show None as chosen.
UNKNOWN = "unknown"

YES_NO_CHOICES = [("Not known", UNKNOWN), ("Yes", "yes"), ("No", "no")]

FORCE_CHOICES = [
    ("Not known", UNKNOWN),
    ("Now and then", "intermittent"),
    ("Held still, over a minute", "static"),
    ("Repeated, over 4 times a minute", "repeated"),
]

GRIP_CHOICES = [
    ("Not known", UNKNOWN),
    ("Good: handles that fit", "good"),
    ("Fair: usable, not ideal", "fair"),
    ("Poor: possible, but not acceptable", "poor"),
    ("Unacceptable: no safe grip", "unacceptable"),
]

DURATION_CHOICES = [
    ("Not known", UNKNOWN),
    ("Up to an hour, then as long a rest", "short"),
    ("Up to two hours, then a rest", "moderate"),
    ("Up to eight hours", "long"),
]

EXERTION_CHOICES: list[tuple[str, str | int]] = [
    ("Not known", UNKNOWN),
    *((f"{n}{word}", n) for n, word in enumerate(
        (": extremely easy", "", ": easy", "", ": somewhat easy", "", ": somewhat hard", "", ": hard", "",
         ": extremely hard")
    )),
]  # fmt: skip

LIFTING_INFO = "For the NIOSH lifting equation and the fatigue failure tools (LiFFT, DUET). All of it is optional."

CONTEXT_INFO = (
    "All of this is optional. What stays unknown is not counted as zero: "
    "it widens the score into a range, such as 6 (5–7)."
)

#: The name under which the job service offers all files at once.
ARCHIVE = "all.zip"

FILES: dict[str, tuple[str, str]] = {
    "result.json": ("Summary", "all results and settings, for programs"),
    "scores.csv": ("Scores over time", "one row per moment, opens in a spreadsheet"),
    "angles.csv": ("Joint angles over time", "degrees, with their uncertainty"),
    "lifts.csv": ("Lifts", "one row per possible lift, with NIOSH limits"),
    "motion.npz": ("Motion", "SMPL-X parameters, for research tools"),
    "body.glb": ("Moving body", "3D, for Blender and viewers"),
    "preview.mp4": ("Preview video", "the film as it was analysed"),
}

DISCLAIMER = "Scores support a judgement on the spot; they do not replace it."

SIDE_WORD = {"left": "left side", "right": "right side", "body": "whole body"}

PEAK_MEANS = (
    "The peak: the score that only the worst 5 % of the time seen exceed, counting what lasts half a second or longer"
)

WHERE = "Where it strains"

GOOD_FILM = "Nothing in the film stands in the way: the worker is seen well and the camera stands still."
FILM_TROUBLE = "What the film makes less sure"

OWN_BODY = "Have an SMPL-X licence?"
OWN_BODY_HOW = (
    "Set ERGO_SMPLX_DIR to the folder with your SMPLX_NEUTRAL.npz (and MALE, FEMALE) and start Ergo again: that body "
    "is fitted instead. Angles and scores are made for either."
)

UNKNOWN_JOB = (
    "There is no analysis at this address.",
    "The address may be incomplete, or the analysis has been deleted. Start a new one below.",
)


STATE_WORDS = {
    "queued": "waiting",
    "running": "running",
    "completed": "done",
    "failed": "failed",
    "cancelled": "cancelled",
}

PERSONAL = "A film of somebody at work, and what is measured of it, is personal data."
SHARE_WARNING = (
    "Whoever has the link can look at it until it ends, and can pass it on. Give it only to those who need it."
)


def moment_words(seconds: float) -> str:
    """A time since 1970 as ``2026-11-30 14:05 UTC``."""
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))


def expired(day: str) -> tuple[str, str]:
    """What became of an analysis whose time was over on `day`."""
    return (
        f"This analysis has expired. It was deleted with all its files on {day}.",
        "Results are kept for a while only, as the privacy page says. Analyse the video again to see it anew.",
    )


def count_words(count: int, one_or_several: tuple[str, str]) -> str:
    """A sentence about one or several things."""
    return one_or_several[0] if count == 1 else one_or_several[1].format(count)


def cost_words(usd: float, estimate_usd: float | None) -> str:
    """What the rented GPUs cost: so far, and at the end if that can be told."""
    so_far = f"${usd:.2f}" if usd >= 0.01 else "under $0.01"
    return so_far if estimate_usd is None or estimate_usd < 0.01 else f"{so_far} of about ${estimate_usd:.2f}"


def time_left_words(seconds: float | None) -> str:
    """How long a job still takes, as roughly as it is known; empty while it is not."""
    if seconds is None:
        return ""
    if seconds < 5:
        return "a few seconds left"
    if seconds < 55:
        return f"about {5 * round(seconds / 5)} s left"
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return f"about {minutes} min left"
    hours, rest = divmod(minutes, 60)
    return f"about {hours} h {rest} min left" if rest else f"about {hours} h left"


def size_words(size_bytes: int) -> str:
    """A file's size in decimal units: ``740 KB``, ``1.3 GB``."""
    value, units = float(size_bytes), ["bytes", "KB", "MB", "GB", "TB"]
    while value >= 999.5 and len(units) > 1:
        value /= 1000
        units.pop(0)
    return f"{value:.0f} {units[0]}" if units[0] == "bytes" or value >= 99.5 else f"{value:.1f} {units[0]}"


def ordinal_place(position: int) -> str:
    """The place in the queue, counted from 1, in words."""
    return "next in line" if position <= 1 else f"number {position} in the queue"


def ago_words(seconds: float) -> str:
    """How long ago: ``just now``, ``5 min ago``, ``3 h ago``, ``2 days ago``."""
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{int(seconds // 60)} min ago"
    if seconds < 86_400:
        return f"{int(seconds // 3600)} h ago"
    days = int(seconds // 86_400)
    return "yesterday" if days == 1 else f"{days} days ago"
