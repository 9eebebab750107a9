"""The tables, and the shapes the API takes in and gives out."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, StringConstraints
from sqlalchemy import JSON, Column, DateTime, Dialect, TypeDecorator, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.expectations import Verdict
from app.suites.suite import Case, Problem

NAME_LENGTH = 255

ModelName = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=NAME_LENGTH, pattern=r"^[\x21-\x7e]+$"
    ),
]


def now() -> datetime:
    """Returns the current time, in UTC."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """Keeps a point in time as UTC, because SQLite drops the time zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turns any aware time into the UTC that is stored."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Gives the stored time its time zone back."""
        return None if value is None else value.replace(tzinfo=UTC)


class ProviderName(StrEnum):
    """Who is asked."""

    ANTHROPIC = "anthropic"
    OPENAI = "openai"


class RunState(StrEnum):
    """How far a run is."""

    RUNNING = "running"  # Cases without a result are being asked, also after a restart.
    STOPPED = "stopped"  # The user stopped it; it can go on.
    FINISHED = "finished"  # Every case has a result.


class Outcome(StrEnum):
    """What came of asking a case."""

    PASSED = "passed"
    FAILED = "failed"  # There is an answer, which is not as expected.
    ERROR = "error"  # There is no answer.


# Tables


class Run(SQLModel, table=True):
    """A suite, asked of one or more models. Keeps its cases, for the suite's file may change."""

    id: int | None = Field(default=None, primary_key=True)
    suite_id: str = Field(max_length=NAME_LENGTH)
    suite_name: str = Field(max_length=NAME_LENGTH)
    state: RunState = Field(default=RunState.RUNNING, index=True)
    created_at: datetime = Field(
        default_factory=now, sa_column=Column(UtcDateTime, nullable=False, index=True)
    )
    finished_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))


class Target(SQLModel, table=True):
    """A model that a run asks."""

    id: int | None = Field(default=None, primary_key=True)
    run_id: int = Field(foreign_key="run.id", ondelete="CASCADE", index=True)
    provider: ProviderName
    model: str = Field(max_length=NAME_LENGTH)


class RunCase(SQLModel, table=True):
    """A case, as it was when the run began."""

    __tablename__ = "run_case"

    id: int | None = Field(default=None, primary_key=True)
    run_id: int = Field(foreign_key="run.id", ondelete="CASCADE", index=True)
    position: int
    name: str = Field(max_length=NAME_LENGTH)
    definition: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class Result(SQLModel, table=True):
    """What a model said to a case. There is never more than one."""

    __table_args__ = (UniqueConstraint("target_id", "case_id", name="uq_result_target_case"),)

    id: int | None = Field(default=None, primary_key=True)
    target_id: int = Field(foreign_key="target.id", ondelete="CASCADE")
    case_id: int = Field(foreign_key="run_case.id", ondelete="CASCADE", index=True)
    outcome: Outcome
    text: str = ""
    verdicts: list[dict[str, Any]] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )
    input_tokens: int | None = None
    output_tokens: int | None = None
    seconds: float | None = None
    # How often the SDK had to ask again.
    retries: int = 0
    # Whether the answer ended because it was as long as allowed.
    cut_off: bool = False
    # What kept the model from answering, in words.
    error: str | None = None
    created_at: datetime = Field(default_factory=now, sa_column=Column(UtcDateTime, nullable=False))


# What the API takes in


class TargetCreate(BaseModel):
    """A model to be asked."""

    provider: ProviderName
    model: ModelName


class RunCreate(BaseModel):
    """A run to be started."""

    suite_id: str
    targets: list[TargetCreate] = Field(min_length=1, max_length=12)


class SuiteCreate(BaseModel):
    """A suite, as YAML."""

    text: str
    # Whether it may take the place of the user's suite of that name.
    replace: bool = False


# What the API gives out


class Message(BaseModel):
    """Says what was done."""

    message: str


class About(BaseModel):
    """What this server is."""

    version: str


class SuitePublic(BaseModel):
    """A suite in a list."""

    id: str
    name: str
    description: str
    own: bool
    cases: int
    # Only where the file cannot be used.
    problems: list[Problem]


class SuitesPublic(BaseModel):
    """All suites."""

    data: list[SuitePublic]
    # Where the user's own are.
    folder: str


class SuiteDetail(SuitePublic):
    """A suite with all that is in it."""

    text: str
    content: list[Case]


class SuiteRefused(BaseModel):
    """Why a suite was not taken in."""

    detail: str
    problems: list[Problem]


class ModelPublic(BaseModel):
    """A model, and what it costs in dollars for a million tokens, where that is known."""

    name: str
    input: float | None = None
    output: float | None = None


class ProviderPublic(BaseModel):
    """A provider, and whether it can be asked."""

    name: ProviderName
    label: str
    ready: bool
    # Why not, or which address is asked.
    message: str
    # The models that are offered first.
    models: list[ModelPublic]


class ProvidersPublic(BaseModel):
    """All providers."""

    data: list[ProviderPublic]
    # What is wrong with the user's own list of models.
    problem: str | None
    models_file: str


class ProviderModels(BaseModel):
    """The models that a provider says it has."""

    data: list[str]
    # Why there are none.
    message: str | None = None


class HoldPublic(BaseModel):
    """Why a model is not asked just now."""

    kind: str
    message: str
    # When it is tried again by itself; never, where the user has to do something first.
    until: datetime | None


class TargetPublic(BaseModel):
    """How far a model is."""

    id: int
    provider: ProviderName
    model: str
    passed: int
    failed: int
    errors: int
    # How many questions are open at this moment.
    asking: int
    hold: HoldPublic | None


class RunPublic(BaseModel):
    """A run, and how far it is."""

    id: int
    suite_id: str
    suite_name: str
    state: RunState
    created_at: datetime
    finished_at: datetime | None
    # How many cases there are for each model.
    cases: int
    targets: list[TargetPublic]


class RunsPublic(BaseModel):
    """A page of runs, and how many there are."""

    data: list[RunPublic]
    count: int


class ResultPublic(BaseModel):
    """What a model said to a case."""

    target_id: int
    case_id: int
    outcome: Outcome
    text: str
    verdicts: list[Verdict]
    input_tokens: int | None
    output_tokens: int | None
    seconds: float | None
    retries: int
    cut_off: bool
    error: str | None


class CasePublic(BaseModel):
    """A case of a run."""

    id: int
    name: str
    prompt: str
    system: str | None


class RunResults(BaseModel):
    """All cases of a run, and what came of them so far."""

    cases: list[CasePublic]
    results: list[ResultPublic]


class ColumnPublic(BaseModel):
    """What one model did in one run, in numbers."""

    run_id: int
    target_id: int
    suite_name: str
    created_at: datetime
    provider: ProviderName
    model: str
    cases: int
    passed: int
    failed: int
    errors: int
    # Of the cases that have a result; nothing when none has.
    pass_rate: float | None
    # In seconds, of the cases that have an answer.
    latency_median: float | None
    latency_p95: float | None
    latencies: list[float]
    input_tokens: int
    output_tokens: int
    # In dollars; nothing where the price is not known.
    cost: float | None


class CellPublic(BaseModel):
    """A case in one column; nothing is known of one that is still open."""

    target_id: int
    outcome: Outcome | None
    seconds: float | None
    note: str | None


class RowPublic(BaseModel):
    """A case, in all columns that have it."""

    suite_name: str
    name: str
    cells: list[CellPublic]
    # Whether the outcomes differ.
    differs: bool


class ComparisonPublic(BaseModel):
    """Runs, side by side."""

    columns: list[ColumnPublic]
    rows: list[RowPublic]


class LiveMessage(BaseModel):
    """What pages are told of their own accord; what is not said is left out."""

    kind: str
    run: RunPublic | None = None
    run_id: int | None = None
    result: ResultPublic | None = None
    what: str | None = None
