"""Alerts: what is wrong for longer than a moment, told once until it is well again."""

import enum
import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from terminal_ai.messages import gettext as _
from terminal_ai.quantities import duration, size

PAST_LIMIT = 50
"""Alerts that are over, the newest."""
SUBJECTS_LIMIT = 20
"""At most so many operations are watched for one rule at a time."""


class Signal(enum.StrEnum):
    """What is watched."""

    LOOP_LAG = "loop_lag"
    """Seconds: the event loop's 99th percentile of the last minute."""
    MEMORY = "memory"
    """Resident bytes."""
    CPU = "cpu"
    """Percent of one core."""
    ERROR_RATE = "error_rate"
    """The part (0 to 1) of the last minute's operations that failed."""
    SLOW_OPERATION = "slow_operation"
    """Seconds: the 95th percentile of one kind of operation, its subject."""


@dataclass(frozen=True, slots=True)
class AlertRule:
    """When a signal is an alert.

    It is raised once the value has been at ``raised_at`` or worse for ``seconds``, and
    cleared once it has been at ``cleared_at`` or better as long. Between the two an
    alert stays what it is. More is worse.
    """

    signal: Signal
    raised_at: float
    cleared_at: float
    seconds: float

    def is_bad(self, value: float) -> bool:
        """Tell whether a value would raise the alert."""
        return value >= self.raised_at

    def is_well(self, value: float) -> bool:
        """Tell whether a value would clear the alert."""
        return value <= self.cleared_at


SLOW_SECONDS = 1.0


def rules(slow_seconds: float = SLOW_SECONDS) -> tuple[AlertRule, ...]:
    """Return the rules for one limit of what is slow."""
    return (
        AlertRule(Signal.LOOP_LAG, raised_at=0.1, cleared_at=0.05, seconds=5.0),
        # Under a full load the app is to stay far below the first of the two.
        AlertRule(Signal.MEMORY, raised_at=200e6, cleared_at=180e6, seconds=10.0),
        AlertRule(Signal.CPU, raised_at=80.0, cleared_at=50.0, seconds=30.0),
        AlertRule(Signal.ERROR_RATE, raised_at=0.2, cleared_at=0.05, seconds=10.0),
        AlertRule(
            Signal.SLOW_OPERATION,
            raised_at=slow_seconds,
            cleared_at=slow_seconds / 2,
            seconds=5.0,
        ),
    )


@dataclass(frozen=True, slots=True)
class Alert:
    """One episode. Times are in seconds since the epoch; None while it lasts.

    ``worst`` is the worst value of the episode, ``subject`` a name of ours or "".
    """

    signal: Signal
    subject: str
    limit: float
    worst: float
    raised_at: float
    cleared_at: float | None = None

    @property
    def text(self) -> str:
        """One line for people."""
        return _text_of(self)


Readings = Mapping[tuple[Signal, str], float]
"""The value of each signal and subject; what is missing is as good as well."""


class _Watch:
    """One rule at one subject."""

    def __init__(self, rule: AlertRule, subject: str) -> None:
        self.rule = rule
        self.subject = subject
        self.alert: Alert | None = None
        self._since: float | None = None
        self._worst = 0.0

    @property
    def is_idle(self) -> bool:
        """True while there is nothing to remember."""
        return self.alert is None and self._since is None

    def check(self, value: float | None, clock: float, now: float) -> Alert | None:
        """Take a value; return the episode that begins or ends with it."""
        rule = self.rule
        if self.alert is None:
            if value is None or not rule.is_bad(value):
                self._since = None
                return None
            self._worst = value if self._since is None else max(self._worst, value)
            return self._raised(now) if self._has_lasted(clock) else None
        if value is not None:
            self.alert = replace(self.alert, worst=max(self.alert.worst, value))
            if not rule.is_well(value):
                self._since = None
                return None
        return self._cleared(now) if self._has_lasted(clock) else None

    def _has_lasted(self, clock: float) -> bool:
        self._since = clock if self._since is None else self._since
        return clock - self._since >= self.rule.seconds

    def _raised(self, now: float) -> Alert:
        rule, self._since = self.rule, None
        self.alert = Alert(rule.signal, self.subject, rule.raised_at, self._worst, now)
        return self.alert

    def _cleared(self, now: float) -> Alert:
        assert self.alert is not None
        over, self.alert, self._since = self.alert, None, None
        return replace(over, cleared_at=now)


class Alerts:
    """Watches by rules; the listener hears of each alert once, and of its end once.

    ``clock`` measures how long something lasts, ``now`` dates it. One thread calls
    ``check``; the others may read.
    """

    def __init__(
        self,
        rules: Iterable[AlertRule],
        *,
        tell: Callable[[Alert], object] = lambda _alert: None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._rules = {rule.signal: rule for rule in rules}
        self._tell = tell
        self._clock = clock
        self._now = now
        self._watches: dict[tuple[Signal, str], _Watch] = {}
        self._current: tuple[Alert, ...] = ()
        self._past: deque[Alert] = deque(maxlen=PAST_LIMIT)
        self.raised_count = 0
        """How many there were since the start."""

    @property
    def current(self) -> tuple[Alert, ...]:
        """What is wrong now, the newest first."""
        return self._current

    @property
    def past(self) -> tuple[Alert, ...]:
        """What is well again, the newest first."""
        return tuple(reversed(self._past.copy()))

    def check(self, readings: Readings) -> None:
        """Take the values of now; NaN counts as missing."""
        clock, now = self._clock(), self._now()
        for signal, subject in readings.keys() | self._watches.keys():
            watch = self._watch(signal, subject)
            if watch is None:
                continue
            value = readings.get((signal, subject))
            is_missing = value is None or math.isnan(value)
            changed = watch.check(None if is_missing else value, clock, now)
            if changed is not None:
                self._note(changed)
            if watch.is_idle:
                del self._watches[signal, subject]
        lasting = [watch.alert for watch in self._watches.values() if watch.alert]
        lasting.sort(key=lambda alert: -alert.raised_at)
        self._current = tuple(lasting)

    def _watch(self, signal: Signal, subject: str) -> _Watch | None:
        key = signal, subject
        watch, rule = self._watches.get(key), self._rules.get(signal)
        if watch is None and rule is not None:
            watched = sum(known is signal for known, _subject in self._watches)
            if watched < SUBJECTS_LIMIT:
                watch = self._watches[key] = _Watch(rule, subject)
        return watch

    def _note(self, alert: Alert) -> None:
        if alert.cleared_at is None:
            self.raised_count += 1
        else:
            self._past.append(alert)
        self._tell(alert)


def _text_of(alert: Alert) -> str:
    worst, limit = alert.worst, alert.limit
    match alert.signal:
        case Signal.LOOP_LAG:
            text = _("The app reacts {worst} late (limit {limit}).")
            return text.format(worst=duration(worst), limit=duration(limit))
        case Signal.MEMORY:
            text = _("The app takes {worst} of memory (limit {limit}).")
            return text.format(worst=size(worst), limit=size(limit))
        case Signal.CPU:
            text = _("The app takes {worst:.0f} % of a core (limit {limit:.0f} %).")
            return text.format(worst=worst, limit=limit)
        case Signal.ERROR_RATE:
            text = _("{worst:.0%} of the operations fail (limit {limit:.0%}).")
            return text.format(worst=worst, limit=limit)
        case Signal.SLOW_OPERATION:
            text = _("{name} takes {worst} (limit {limit}).")
            return text.format(
                name=alert.subject, worst=duration(worst), limit=duration(limit)
            )
