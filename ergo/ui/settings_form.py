"""The questions before an analysis. All are optional: an empty answer stays unknown."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from ergo.errors import SettingsError
from ergo.types import AnalysisSettings, TaskContext
from ergo.ui import texts


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsForm:
    """The form's controls, in the order in which :func:`settings_from_form` takes their values."""

    inputs: tuple[Component, ...]


def settings_form() -> SettingsForm:
    """Build the controls where a Blocks context is open."""
    quality = gr.Radio(texts.QUALITY_CHOICES, value="medium", label="How carefully", info=texts.QUALITY_INFO)
    blur = gr.Checkbox(value=True, label="Blur faces", info=texts.BLUR_INFO)
    with gr.Accordion("What the camera cannot see", open=False):
        gr.HTML(f'<p class="fine">{texts.CONTEXT_INFO}</p>', apply_default_css=False)
        with gr.Row():
            load_kg = _number("Load (kg), 0 for empty hands")
            coupling = gr.Dropdown(texts.GRIP_CHOICES, value=texts.UNKNOWN, label="Grip on the load")
        with gr.Row():
            force = gr.Dropdown(texts.FORCE_CHOICES, value=texts.UNKNOWN, label="How the force acts")
            shock = gr.Dropdown(texts.YES_NO_CHOICES, value=texts.UNKNOWN, label="Jerks or sudden force")
        with gr.Row():
            arms = gr.Dropdown(texts.YES_NO_CHOICES, value=texts.UNKNOWN, label="Arms supported or leaning")
            legs = gr.Dropdown(texts.YES_NO_CHOICES, value=texts.UNKNOWN, label="Legs and feet supported")
    with gr.Accordion("Lifting and the working day", open=False):
        gr.HTML(f'<p class="fine">{texts.LIFTING_INFO}</p>', apply_default_css=False)
        with gr.Row():
            duration = gr.Dropdown(texts.DURATION_CHOICES, value=texts.UNKNOWN, label="Lifting lasts")
            per_minute = _number("Lifts a minute", "over 15 minutes of the job")
        with gr.Row():
            control = gr.Dropdown(texts.YES_NO_CHOICES, value=texts.UNKNOWN, label="Put down with care")
            per_day = _number("Repetitions a day", "lifts or exertions of the hand")
        exertion = gr.Dropdown(
            texts.EXERTION_CHOICES, value=texts.UNKNOWN, label="Effort of the hand, 0 to 10 (OMNI scale)"
        )
    with gr.Accordion("The person", open=False), gr.Row():
        height_cm = _number("Body height (cm)", "sets the scale of all lengths")
        sex = gr.Dropdown(texts.SEX_CHOICES, value="neutral", label="Body shape", info="of the fitted body")
    with gr.Accordion("Advanced", open=False), gr.Row():
        pitch = _number("Camera pitch (°)", "positive: it looks down")
        roll = _number("Camera roll (°)", "positive: turned clockwise")
    task = (load_kg, force, shock, coupling, arms, legs)
    lifting = (duration, control, per_minute, per_day, exertion)
    return SettingsForm(inputs=(quality, height_cm, sex, *task, *lifting, pitch, roll, blur))


def _number(label: str, info: str | None = None) -> gr.Textbox:
    """A number that may stay empty: Gradio's own number field turns an empty answer into 0 when it is unfolded."""
    return gr.Textbox("", label=label, info=info, placeholder="not known", max_lines=1, max_length=12)


def parse_number(text: str | None, name: str) -> float | None:
    """A number as people type it, with a decimal point or comma; None for an empty answer.

    Raises:
        SettingsError: it is no number; the message names the field.
    """
    typed = (text or "").strip()
    if not typed:
        return None
    try:
        value = float(typed.replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise SettingsError(f"{name} is {typed!r}.", "Give a number such as 12 or 12.5, or leave it empty.")
    return value


def _known(answer: Any) -> Any:
    return None if answer == texts.UNKNOWN else answer


def _yes_no(answer: str) -> bool | None:
    return None if answer == texts.UNKNOWN else answer == "yes"


def settings_from_form(values: tuple[Any, ...]) -> AnalysisSettings:
    """The form's values as settings.

    Raises:
        SettingsError: an answer is no number or impossible; the message names the field.
    """
    quality, height_text, sex, *task, pitch_text, roll_text, blur = values
    load_text, force, shock, coupling, arms, legs, duration, control, per_minute, per_day, exertion = task
    height_cm = parse_number(height_text, "Body height")
    return AnalysisSettings(
        quality=quality,
        height_m=None if height_cm is None else height_cm / 100,
        sex=sex,
        camera_pitch_deg=parse_number(pitch_text, "Camera pitch"),
        camera_roll_deg=parse_number(roll_text, "Camera roll"),
        context=TaskContext(
            load_kg=parse_number(load_text, "Load"),
            force_pattern=_known(force),
            shock=_yes_no(shock),
            coupling=_known(coupling),
            arms_supported=_yes_no(arms),
            legs_supported=_yes_no(legs),
            lifting_duration=_known(duration),
            control_at_destination=_yes_no(control),
            lifts_per_minute=parse_number(per_minute, "Lifts a minute"),
            repetitions_per_day=parse_number(per_day, "Repetitions a day"),
            exertion=_known(exertion),
        ),
        blur_faces=bool(blur),
    )
