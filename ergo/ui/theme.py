"""The look that Gradio's own controls get; everything else is in ``assets/page``."""

from __future__ import annotations

from gradio.themes import Base

_SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif")
_MONO = ("ui-monospace", "SF Mono", "Menlo", "Consolas", "monospace")


def theme() -> Base:
    """One accent, hairline borders, an 8-px grid, fonts of the system; nothing is fetched from elsewhere."""
    return Base(
        primary_hue="indigo",
        neutral_hue="gray",
        radius_size="md",
        font=list(_SANS),
        font_mono=list(_MONO),
    ).set(
        body_background_fill="var(--ergo-paper)",
        body_background_fill_dark="var(--ergo-paper)",
        body_text_color="var(--ergo-ink)",
        body_text_color_dark="var(--ergo-ink)",
        body_text_color_subdued="var(--ergo-muted)",
        body_text_color_subdued_dark="var(--ergo-muted)",
        background_fill_primary="var(--ergo-card)",
        background_fill_primary_dark="var(--ergo-card)",
        background_fill_secondary="var(--ergo-paper)",
        background_fill_secondary_dark="var(--ergo-paper)",
        border_color_primary="var(--ergo-line)",
        border_color_primary_dark="var(--ergo-line)",
        block_background_fill="var(--ergo-card)",
        block_background_fill_dark="var(--ergo-card)",
        block_border_width="0px",
        block_border_width_dark="0px",
        block_shadow="none",
        block_shadow_dark="none",
        block_label_background_fill="transparent",
        block_label_background_fill_dark="transparent",
        block_title_text_color="var(--ergo-ink)",
        block_title_text_color_dark="var(--ergo-ink)",
        block_title_text_weight="500",
        block_info_text_color="var(--ergo-muted)",
        block_info_text_color_dark="var(--ergo-muted)",
        input_background_fill="var(--ergo-field)",
        input_background_fill_dark="var(--ergo-field)",
        input_border_color="var(--ergo-line-strong)",
        input_border_color_dark="var(--ergo-line-strong)",
        input_border_color_focus="var(--ergo-accent)",
        input_border_color_focus_dark="var(--ergo-accent)",
        input_border_width="1px",
        input_border_width_dark="1px",
        input_shadow="none",
        input_shadow_focus="none",
        color_accent="var(--ergo-accent)",
        color_accent_soft="var(--ergo-accent-soft)",
        color_accent_soft_dark="var(--ergo-accent-soft)",
        checkbox_label_background_fill="var(--ergo-field)",
        checkbox_label_background_fill_dark="var(--ergo-field)",
        checkbox_label_background_fill_selected="var(--ergo-accent-soft)",
        checkbox_label_background_fill_selected_dark="var(--ergo-accent-soft)",
        checkbox_label_border_color="var(--ergo-line-strong)",
        checkbox_label_border_color_dark="var(--ergo-line-strong)",
        checkbox_label_text_color_selected="var(--ergo-ink)",
        checkbox_label_text_color_selected_dark="var(--ergo-ink)",
        checkbox_background_color_selected="var(--ergo-accent)",
        checkbox_background_color_selected_dark="var(--ergo-accent)",
        checkbox_border_color_selected="var(--ergo-accent)",
        checkbox_border_color_selected_dark="var(--ergo-accent)",
        button_primary_background_fill="var(--ergo-accent)",
        button_primary_background_fill_dark="var(--ergo-accent)",
        button_primary_background_fill_hover="var(--ergo-accent-strong)",
        button_primary_background_fill_hover_dark="var(--ergo-accent-strong)",
        button_primary_text_color="var(--ergo-on-accent)",
        button_primary_text_color_dark="var(--ergo-on-accent)",
        button_primary_border_color="transparent",
        button_primary_border_color_dark="transparent",
    )
