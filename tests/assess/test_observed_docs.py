"""The tables of docs/methods/observed.md are the thresholds that the code goes by."""

from pathlib import Path

from ergo.assess import inputs, pace, posture, signals

PAGE = Path(__file__).parents[2] / "docs" / "methods" / "observed.md"

ITEMS = {
    "twisted": ("trunk or neck twisted", "turn of the shoulders against the hips, of the eyes against the shoulders"),
    "side_bent": ("trunk or neck bent to the side", "lean along the line of the hips, tilt of the eyes"),
    "sideways": ("back twisted or side-bent, OWAS", "the same angles of the trunk"),
    "abducted": ("upper arm abducted", "its angle out of the sagittal plane of the trunk"),
    "raised": ("shoulder raised", "acromion against its neutral height; not above 120° of arm elevation"),
    "across": ("hand across the midline", "wrist beyond the mid-sagittal plane"),
    "out": ("hand beside the body", "wrist lateral of the acromion"),
    "deviated": ("wrist deviated", "radial or ulnar deviation"),
    "seated_bend": ("sitting", "hips and knees bent by this, and the pelvis low, and the weight once beside the feet"),
    "foot_lifted": ("one foot lifted", "its height over the other's, the same foot for half a second"),
    "walking": ("walking", "horizontal speed of the pelvis over half a second"),
}


def yes_no(name):
    entry = posture.THRESHOLDS[name]
    item, how = ITEMS[name]
    return (item, how, f"{entry.on:g} {entry.unit}", f"{entry.off:g} {entry.unit}", entry.source)


RULES = (
    ("angles", f"median over {signals.MEDIAN_WINDOW_S:g} s; gaps up to {signals.LONGEST_FILLED_GAP_S:g} s are bridged",
     "single wrong pictures go, postures stay"),
    ("sitting, pelvis low", f"below {posture.SEATED_PELVIS_SHARE:.0%} of its standing height", "engineering choice"),
    ("sitting, weight beside the feet", f"by {100 * posture.SEATED_BALANCE_M:g} cm or more", "engineering choice"),
    ("kneeling", f"middle of a knee below {100 * posture.KNEE_ON_GROUND_M:g} cm, for {posture.ONE_LEG_S:g} s",
     "engineering choice"),
    ("held", f"within {signals.STATIC_SPAN_DEG:g}° for longer than {signals.MINUTE_S:g} s", "INSST, NTP 847"),
    ("held away from neutral, REBA", f"the same, further than {posture.AWAY_FROM_NEUTRAL_DEG:g}° from neutral",
     "engineering choice"),
    ("repeated, RULA", f"{inputs.RULA_CYCLES_A_MINUTE} times a minute or more", "McAtamney & Corlett 1993"),
    ("repeated, REBA", f"more than {inputs.REBA_CYCLES_A_MINUTE} times a minute, walking left out",
     "Hignett & McAtamney 2000"),
    ("a repetition", f"there and back by {signals.CYCLE_DEG:g}°; only where {signals.MIN_WINDOW_COVERAGE:.0%} of a"
     " minute are seen, never under 60 s of film", "engineering choice"),
    ("rapid large change, REBA", f"trunk by {posture.RAPID_TRUNK_DEG:g}°, upper arm by {posture.RAPID_ARM_DEG:g}° in"
     f" {posture.RAPID_S:g} s", "engineering choice"),
    ("back support possible, RULA", f"seated and leaning forward by less than {inputs.BACKREST_LIMIT_DEG:g}°",
     "engineering choice"),
    ("held posture, ISO 11226 and EN 1005-4", f"longer than {pace.SHORTEST_HOLD_S:g} s", "both standards: static"),
)  # fmt: skip


def table(head, rows):
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def test_the_tables_are_the_thresholds_of_the_code():
    page = PAGE.read_text(encoding="utf-8")
    flags = table(("yes or no", "seen from", "on above", "off below", "source"), map(yes_no, posture.THRESHOLDS))
    rules = table(("what", "when", "source"), RULES)
    for wanted in (flags, rules):
        assert wanted in page, f"docs/methods/observed.md should have:\n{wanted}"
