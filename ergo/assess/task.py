"""What the film tells of the task beyond postures: lifts, fatigue damage, repetition, dose."""

from __future__ import annotations

from dataclasses import dataclass

from ergo.assess.cycles import Repetition, find_repetition
from ergo.assess.dose import Dose, doses
from ergo.assess.fatigue import DayDamage, assess_fatigue
from ergo.assess.lifting import Lifting, assess_lifting
from ergo.types import AnalysisSettings, JointAngles, Motion


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Lifts with their NIOSH limits, LiFFT and DUET, movements and cycles, dose of each part of the body."""

    lifting: Lifting
    fatigue: tuple[DayDamage, ...]
    repetition: Repetition
    doses: tuple[Dose, ...]


def assess_task(motion: Motion, angles: JointAngles, settings: AnalysisSettings) -> Task:
    """Judge the task of one person from what was measured and told."""
    lifting = assess_lifting(motion, settings)
    return Task(
        lifting=lifting,
        fatigue=assess_fatigue(lifting, settings),
        repetition=find_repetition(angles),
        doses=doses(angles, motion.valid, settings.overrides),
    )
