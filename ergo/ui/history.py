"""*My analyses*: what an owner has, with a picture and the verdict; open, compare, share, delete."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from ergo.access.audit import note
from ergo.access.visitor import Visitor
from ergo.errors import ErgoError, InputError
from ergo.jobs.ledger import Ledger
from ergo.jobs.owned import OwnedJobs
from ergo.jobs.services import Services
from ergo.jobs.shares import Share, Shares
from ergo.jobs.wire import JobStatus
from ergo.ui import texts
from ergo.ui.assets import ASSETS, import_module
from ergo.ui.levels import level_entry, risk_mark, risk_step
from ergo.ui.results import score_words, worst_side
from ergo.ui.visit import visitor_of
from ergo.ui.ways import SHARED

SHOWN_JOBS = 24
_SUMMARIES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a line says of a result: the verdict as HTML, and the file of its picture."""

    verdict: str
    picture: str | None


class History:
    """Makes the list, and answers what its buttons ask."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._shares = Shares(Ledger(services.store), services.signer)
        self._summaries: OrderedDict[str, Summary] = OrderedDict()  # results never change

    def shown(self, jobs: OwnedJobs) -> str:
        """The list of an owner as HTML: the newest, and a button for more where there are more."""
        shown, lines, more = self._page(jobs)
        return history(shown, lines, more=more)

    def _page(
        self, jobs: OwnedJobs, before: str | None = None
    ) -> tuple[list[JobStatus], list[tuple[Summary | None, str]], bool]:
        """The next jobs of an owner, their lines, and whether there are more."""
        statuses = jobs.recent(SHOWN_JOBS + 1, before)
        shown = statuses[:SHOWN_JOBS]
        with ThreadPoolExecutor(8) as pool:
            return shown, list(pool.map(self._line, shown)), len(statuses) > len(shown)

    def _line(self, status: JobStatus) -> tuple[Summary | None, str]:
        """Summary and address of the picture of a job."""
        if status.state != "completed":
            return None, ""
        try:
            summary = self._summaries.get(status.job_id) or _summary(self._services.jobs.result(status.job_id))
            self._summaries[status.job_id] = summary
            if len(self._summaries) > _SUMMARIES:
                self._summaries.popitem(last=False)
            url = self._services.jobs.result_url(status.job_id, summary.picture) if summary.picture else ""
        except (ErgoError, KeyError, TypeError, ValueError):  # deleted at this moment, or of another version
            return None, ""
        return summary, url

    # -- what the buttons ask -------------------------------------------------------------------------------------

    def links(self, data: Mapping[str, Any], visitor: Visitor) -> dict[str, Any]:
        """The links to a job: ``{job}`` → ``{links}``."""
        return {"links": [self._link(share) for share in self._shares.of(self._job(data, visitor))]}

    def share(self, data: Mapping[str, Any], visitor: Visitor) -> dict[str, Any]:
        """A new link: ``{job, span, film}`` → ``{links, made}``."""
        job_id = self._job(data, visitor)
        if self._services.jobs.status(job_id).state != "completed":
            raise InputError("There is no result to share yet.", "Wait until the analysis has ended.")
        made = self._shares.make(job_id, str(data["span"]), film=data.get("film") is True)
        note(visitor, "share", f"{job_id} {data['span']}{' with film' if made.film else ''}")
        return {**self.links(data, visitor), "made": self._link(made)}

    def end(self, data: Mapping[str, Any], visitor: Visitor) -> dict[str, Any]:
        """End a link: ``{job, share}`` → ``{links}``."""
        job_id = self._job(data, visitor)
        self._shares.end(job_id, str(data["share"]))
        note(visitor, "end a link", job_id)
        return self.links(data, visitor)

    def delete(self, data: Mapping[str, Any], visitor: Visitor) -> dict[str, Any]:
        """Delete a job with all that belongs to it: ``{job}`` → ``{left}``, how many objects the store still lists."""
        job_id = self._job(data, visitor)
        left = self._services.jobs.delete(job_id)
        self._summaries.pop(job_id, None)
        note(visitor, "delete", job_id, f"{len(left)} left" if left else "ok")
        return {"left": len(left)}

    def older(self, data: Mapping[str, Any], visitor: Visitor) -> dict[str, Any]:
        """The lines after the last one shown: ``{after}``, its job, → ``{items, more}``."""
        before = self._job({"job": data["after"]}, visitor)
        shown, lines, more = self._page(self._services.owned(visitor), before)
        return {"items": items_of(shown, lines, time.time()), "more": more}

    def functions(self) -> list[Callable[..., dict[str, Any]]]:
        """For ``server_functions``, with typed errors as values."""
        return [_guard(call) for call in (self.links, self.share, self.end, self.delete, self.older)]

    def _job(self, data: Mapping[str, Any], visitor: Visitor) -> str:
        return self._services.owned(visitor).check(str(data["job"]))

    def _link(self, share: Share) -> dict[str, Any]:
        return {
            "share": share.share_id,
            "path": f".{SHARED}{self._shares.token(share)}",
            "until": texts.moment_words(share.expires_s),
            "film": share.film,
        }


def _guard(call: Callable[[Mapping[str, Any], Visitor], dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def answer(data: Mapping[str, Any], request: gr.Request) -> dict[str, Any]:
        try:
            return call(data, visitor_of(request))
        except ErgoError as error:
            return {"error": {"code": error.code, "message": error.message, "hint": error.hint}}
        except (KeyError, TypeError, ValueError):
            return {"error": {"code": "InputError", "message": "The request was incomplete.", "hint": "Reload."}}

    answer.__name__ = call.__name__
    return answer


def history_component(history: History) -> gr.HTML:
    """The list as a component; the browser's side is ``assets/page/history.js``."""
    module = import_module(ASSETS / "page" / "history.js")
    return gr.HTML(
        "",
        apply_default_css=False,
        elem_id="ergo-history",
        server_functions=history.functions(),
        js_on_load=f"{module}.then((page) => page.history({{ element, server }}));",
    )


def history(
    jobs: Sequence[JobStatus],
    lines: Sequence[tuple[Summary | None, str]],
    now_s: float | None = None,
    *,
    more: bool = False,
) -> str:
    """The list; `lines` are summary and picture of each job, `more` offers those before."""
    now_s = time.time() if now_s is None else now_s
    if not jobs:
        return (
            '<section class="history" aria-label="My analyses"><h2>My analyses</h2><p class="muted history-empty">'
            "Nothing here yet. What you analyse is listed here, for you alone until you share it.</p></section>"
        )
    items = items_of(jobs, lines, now_s)
    older = '<button type="button" class="page-button quiet" data-do="older">Older ones</button>' if more else ""
    compare = (
        '<button type="button" class="page-button quiet" data-do="compare" disabled>Compare the two marked</button>'
        if sum(job.state == "completed" for job in jobs) > 1
        else ""
    )
    return (
        f'<section class="history" aria-label="My analyses"><header><h2>My analyses</h2>{compare}</header>'
        f'<ul>{items}</ul>{older}<p class="history-said muted" role="status"></p>{_SHARE_FORM}</section>'
    )


def items_of(jobs: Sequence[JobStatus], lines: Sequence[tuple[Summary | None, str]], now_s: float) -> str:
    """The lines of the list."""
    return "".join(_item(job, *line, now_s) for job, line in zip(jobs, lines, strict=True))


def _item(job: JobStatus, summary: Summary | None, picture: str, now_s: float) -> str:
    title, job_id, done = escape(job.title or "A video"), escape(job.job_id), job.state == "completed"
    day = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(job.created_s))
    image = f'<img src="{escape(picture)}" alt="" loading="lazy">' if picture else '<i aria-hidden="true"></i>'
    verdict = summary.verdict if summary else f'<span class="state {job.state}">{texts.STATE_WORDS[job.state]}</span>'
    mark = (
        f'<label class="mark" title="Mark two to compare them"><input type="checkbox" data-mark="{job_id}"'
        f' data-created="{job.created_s:.3f}"><span class="sr-only">Mark {title} to compare</span></label>'
        if done
        else ""
    )
    share = '<button type="button" class="plain" data-do="share">Share</button>' if done else ""
    return (
        f'<li data-job="{job_id}" data-state="{job.state}">{mark}<a href="?job={job_id}">{image}'
        f'<span class="words"><span class="name">{title}</span><span class="verdict-line">{verdict}</span>'
        f'<span class="muted when" title="{day}">{texts.ago_words(now_s - job.created_s)}</span></span></a>'
        f'<span class="history-acts"><a class="plain" href="?job={job_id}">Open</a>{share}'
        f'<button type="button" class="plain" data-do="delete">Delete now</button></span></li>'
    )


_SHARE_FORM = (
    '<template class="share-form"><div class="share-panel"><p class="warning">'
    f"{escape(texts.PERSONAL)} {escape(texts.SHARE_WARNING)}</p>"
    '<div class="share-row"><label>Holds for <select data-field="span"><option value="1h">1 hour</option>'
    '<option value="1d" selected>1 day</option><option value="7d">7 days</option><option value="30d">30 days</option>'
    '</select></label><label><input type="checkbox" data-field="film"> show the film and its pictures</label>'
    '<button type="button" class="page-button quiet" data-do="make">Make a link</button>'
    '<button type="button" class="plain" data-do="close">Close</button></div>'
    '<ul class="share-links"></ul></div></template>'
    '<template class="delete-form"><div class="share-panel" role="alertdialog" aria-label="Delete this analysis">'
    "<p>Delete this analysis for good, with its results, and its video unless another analysis needs it?</p>"
    '<div class="share-row"><button type="button" class="page-button danger" data-do="really">Delete now</button>'
    '<button type="button" class="plain" data-do="close">Keep it</button></div></div></template>'
)


def _summary(result: Mapping[str, Any]) -> Summary:
    parts = []
    for key in ("reba", "rula"):
        method = result["methods"].get(key)
        side = worst_side(method) if method else None
        if method and side:
            seen = method["sides"][side]
            step = risk_step(key, method["levels"], seen["peak_level"])
            mark = risk_mark(step, level_entry(method, seen["peak_level"])["label"])
            parts.append(
                f"<span>{escape(method['label'])} <b>{score_words(seen).split(',')[0].split(' ')[0]}</b> {mark}</span>"
            )
    moments = result.get("worst_moments") or [{}]
    return Summary(
        verdict="".join(parts) or '<span class="muted">not assessed</span>', picture=moments[0].get("thumbnail")
    )
