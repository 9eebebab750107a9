"""Puts together how the app's processes are: what Ensconce says, and what one can see oneself."""

from app.control import Job
from app.models import ProcessPublic, ProcessStatus

VALKEY, API, RECORDER = "valkey", "api", "recorder"

# Ensconce's words that mean that a process is not there.
AWAY_STATES = frozenset({"failed", "stopped", "restarting", "stopping"})
READY = "ready"


def processes(
    jobs: list[Job] | None, *, valkey_answers: bool, recorder_answers: bool
) -> list[ProcessPublic]:
    """Tells how each process is; without Ensconce, those that can be seen from here."""
    seen = {VALKEY: valkey_answers, API: True, RECORDER: recorder_answers}
    if jobs is None:
        return [
            ProcessPublic(name=name, status=status(READY, answers), optional=name == RECORDER)
            for name, answers in seen.items()
        ]
    return [
        ProcessPublic(
            name=job.name,
            status=status(job.state, seen.get(job.name)),
            state=job.state,
            optional=job.optional,
        )
        for job in jobs
    ]


def status(state: str, answers: bool | None) -> ProcessStatus:
    """Gives the word for people; a process that does not answer is away, whatever is said of it.

    A task cannot be asked (`None`), and has done its work when it is ready.
    """
    if state in AWAY_STATES:
        return ProcessStatus.AWAY
    if state == READY:
        if answers is None:
            return ProcessStatus.DONE
        return ProcessStatus.RUNNING if answers else ProcessStatus.AWAY
    return ProcessStatus.STARTING
