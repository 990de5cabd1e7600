"""What the page shows of a job before there is a result: stages, trouble, and the jobs of this browser.

Pure functions to HTML. The outermost element tells the page's script and style sheet where they are: ``data-view``
is ``job``, ``trouble`` or ``result``, ``data-job`` the job, ``data-state`` its state.
"""

from __future__ import annotations

from html import escape

from ergo.errors import ErgoError
from ergo.jobs.wire import JobStatus
from ergo.ui import texts

#: Nothing is going on: the page shows the drop area.
IDLE = ""


def watching(status: JobStatus, preliminary: str = "") -> str:
    """A queued or running job: the line of stages, percent, time left, what is seen so far, and a way to stop it."""
    progress = status.progress
    place = texts.STAGE_PLACE[progress.stage]
    now, left = _now(status), texts.time_left_words(progress.eta_s)
    detail = "" if status.state == "queued" or progress.message == now else progress.message  # said once is enough
    if status.cost is not None:
        detail = " · ".join(filter(None, (detail, texts.cost_words(status.cost.usd, status.cost.estimate_usd))))
    percent = round(100 * progress.fraction)
    return (
        f'{_open("job", status.job_id, status.state)}<div class="card running">'
        f'<p class="job-title">{escape(status.title or "Your video")}</p>'
        f'<p class="job-now"><strong>{escape(now)}</strong><span class="percent">{percent} %</span></p>'
        f'<div class="bar" role="progressbar" aria-label="Analysis" aria-valuemin="0" aria-valuemax="100"'
        f' aria-valuenow="{percent}"><span style="inline-size:{100 * progress.fraction:.1f}%"></span></div>'
        f'<p class="job-detail muted"><span>{escape(detail)}</span><span>{escape(left)}</span></p>'
        f'<ol class="stages">{_stages(place)}</ol>{preliminary}'
        f'<p class="sr-only" role="status">{escape(now)}</p>'
        f'<footer class="job-foot"><p class="muted">{escape(texts.SAFE_TO_LEAVE)}</p>'
        f'<button type="button" class="page-button quiet" data-action="cancel" data-job="{escape(status.job_id)}">'
        f"Cancel the analysis</button></footer></div></section>"
    )


def _now(status: JobStatus) -> str:
    if status.state == "queued":
        if status.queue_position is None:
            return texts.STAGE_NOW["queue"]
        return f"{texts.STAGE_NOW['queue']}: {texts.ordinal_place(status.queue_position)}"
    return texts.STAGE_NOW[status.progress.stage]


def _stages(place: int) -> str:
    items = ""
    for i, (_, word, what) in enumerate(texts.STAGE_LINE):
        state = "done" if i < place else "now" if i == place else "later"
        current = ' aria-current="step"' if state == "now" else ""
        items += f'<li class="{state}" title="{escape(what)}"{current}><i aria-hidden="true"></i>{escape(word)}</li>'
    return items


def ended(status: JobStatus) -> str:
    """A failed or cancelled job, with what to do about it."""
    if status.state == "cancelled":
        return trouble(
            "This analysis was cancelled.",
            "Nothing was kept of it. The video is still here: you can start again with other settings.",
            title=status.title,
            job_id=status.job_id,
            code="JobCancelled",
        )
    error = status.error
    if error is None:
        return trouble(
            "The analysis stopped without saying why.", "Try it again.", title=status.title, job_id=status.job_id
        )
    return trouble(error.message, error.hint, title=status.title, job_id=status.job_id, code=error.code)


def trouble(message: str, hint: str, *, title: str = "", job_id: str = "", code: str = "") -> str:
    """Something went wrong: what happened, to what, and what to do."""
    again = ""
    if job_id:
        again = (
            f'<button type="button" class="page-button" data-action="again" data-job="{escape(job_id)}">'
            f"Run it again</button>"
        )
    head = f'<p class="job-title">{escape(title)}</p>' if title else ""
    return (
        f'{_open("trouble", job_id, "failed")}<div class="card trouble" role="alert" data-code="{escape(code)}">{head}'
        f'<p class="what">{escape(message)}</p><p class="hint">{escape(hint)}</p>'
        f'<p class="actions">{again}<a class="page-button quiet" href="?new">Analyse another video</a></p>'
        f"</div></section>"
    )


def finished(status: JobStatus, compare_with: str = "") -> str:
    """The panel of a finished job: only where it is and the way on; the result follows below it.

    `compare_with` is the list of what it can be compared with, as HTML.
    """
    return (
        f"{_open('result', status.job_id, status.state)}"
        f'<div class="again-line">{compare_with}<a class="page-button quiet" href="?new">Analyse another</a>'
        f'<button type="button" class="page-button quiet" data-action="print">Print</button></div></section>'
    )


def _open(view: str, job_id: str, state: str) -> str:
    return f'<section class="ergo-job" data-view="{view}" data-job="{escape(job_id)}" data-state="{escape(state)}">'


def promise(begun: int, waiting: int) -> str:
    """What pressing the button has done, where the page stays: several videos, or one that is on its way."""
    words = [texts.count_words(begun, texts.BEGUN)] if begun else []
    words += [texts.count_words(waiting, texts.BEGINS)] if waiting else []
    return f'<p class="ergo-promise{" pending" if waiting else ""}" role="status">{escape(" ".join(words))}</p>'


def notice(error: ErgoError) -> str:
    """A wrong answer in the form, beside the button that was pressed."""
    hint = f'<span class="hint">{escape(error.hint)}</span>'
    return f'<p class="ergo-notice" role="alert">{escape(error.message)} {hint}</p>'
