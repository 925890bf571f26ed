"""PromQL at random: every function, operator and modifier, over the data of `promql_world`."""

from __future__ import annotations

import random

INSTANT = (
    "req_total", 'req_total{job="a"}', 'req_total{job=~"a|b",code!="500"}', "temp", 'temp{inst!~"i[12]"}',
    "edge", "sparse", "rare", "ties", "info", "date", "big", "tiny", "cancel", "nothing", 'nothing{a="b",c=~"d"}',
    '{__name__=~"temp|edge"}', "empty_then_full", 'h_bucket{job="a"}', "gone", "stale_often", "flip",
    "odd_bucket", 'h_bucket{le=~"0.*"}', '{job=~"a|",__name__=~"(temp|sparse|info)"}', 'req_total{inst=~".+",absent_label=""}',
)  # fmt: skip
RANGES = ("30s", "1m", "2m", "5m", "7m30s", "15m", "1h", "15s", "14999ms", "1s", "1h30m", "1d")
OFFSETS = (
    " offset 1m",
    " offset 7m",
    " offset -2m",
    " offset 30s500ms",
    " offset 1h",
    " offset -1ms",
    " offset 5m",
)
LABELS = ("job", "inst", "code", "version", "le", "zone", "absent_label")
UNARY = [
    "abs",
    "absent",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atanh",
    "ceil",
    "cos",
    "cosh",
    "day_of_month",
    "day_of_week",
    "day_of_year",
    "days_in_month",
    "deg",
    "exp",
    "floor",
    "hour",
    "ln",
    "log10",
    "log2",
    "minute",
    "month",
    "rad",
    "sgn",
    "sin",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
    "timestamp",
    "year",
    "sort",
    "sort_desc",
]
OVER = [
    "absent_over_time",
    "avg_over_time",
    "changes",
    "count_over_time",
    "delta",
    "deriv",
    "idelta",
    "increase",
    "irate",
    "last_over_time",
    "max_over_time",
    "min_over_time",
    "present_over_time",
    "rate",
    "resets",
    "stddev_over_time",
    "stdvar_over_time",
    "sum_over_time",
]
AGGREGATIONS = ["sum", "min", "max", "avg", "group", "stddev", "stdvar", "count"]
ARITHMETIC = ("+", "-", "*", "/", "%", "^", "atan2")
COMPARISON = ("==", "!=", "<", "<=", ">", ">=")
NUMBERS = (
    "0", "1", "2", "-1", "0.5", "3.7", "10", "1e3", "-0.25", "Inf", "-Inf", "NaN", "0x1F", "1e-9", "-0", "1e300",
    "1e-320", ".5", "5.", "017",
)  # fmt: skip
QUANTILES = ("0", "0.1", "0.5", "0.9", "0.99", "1", "-1", "2", "NaN", "Inf", "-Inf", "1e-9", "0.999999")


class Maker:
    """Makes expressions; the same seed makes the same ones. `base` is the start of the world, s."""

    def __init__(self, seed: int, base: int) -> None:
        self._random = random.Random(seed)
        self._base = base

    def _of(self, *choices: str) -> str:
        return self._random.choice(choices)

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _modifiers(self) -> str:
        text = ""
        if self._chance(0.12):
            at = f"{self._base + self._random.randrange(0, 10_800)}.{self._of('0', '5', '125')}"
            text += self._of(" @ start()", " @ end()", f" @ {at}", f" @ {at}")
        if self._chance(0.15):
            text += self._of(*OFFSETS)
        return text

    def selector(self) -> str:
        return self._of(*INSTANT) + self._modifiers()

    def matrix(self, depth: int) -> str:
        if self._chance(0.7) or depth <= 0:
            return f"{self._of(*INSTANT)}[{self._of(*RANGES)}]{self._modifiers()}"
        step = self._of("", "", "30s", "1m", "17s", "2m", "5m", "10m", "700ms")
        inner = self.vector(depth - 1)
        span = self._of("2m", "5m", "10m", "30m") if step != "700ms" else "30s"
        return f"({inner})[{span}:{step}]{self._modifiers()}"

    def scalar(self, depth: int) -> str:
        roll = self._random.random()
        if roll < 0.7 or depth <= 0:
            return self._of(*NUMBERS)
        if roll < 0.8:
            return f"scalar({self.vector(depth - 1)})"
        if roll < 0.9:
            return self._of("time()", "pi()", "-time()", "(time() - 5)")
        return f"({self.scalar(depth - 1)} {self._of(*ARITHMETIC)} {self.scalar(depth - 1)})"

    def _grouping(self) -> str:
        if self._chance(0.3):
            return ""
        names = ", ".join(self._random.sample(LABELS, self._random.randrange(0, 3)))
        return f" {self._of('by', 'without')} ({names})"

    def aggregate(self, depth: int) -> str:
        inner, grouping = self.vector(depth - 1), self._grouping()
        roll = self._random.random()
        if roll < 0.7:
            return f"{self._of(*AGGREGATIONS)}{grouping} ({inner})"
        if roll < 0.8:
            return f"quantile{grouping} ({self._of(*QUANTILES)}, {inner})"
        if roll < 0.9:
            most = self._of("1", "2", "3", "0", "2.7", "-1", "100", "scalar(count(ties))")
            return f"{self._of('topk', 'bottomk')}{grouping} ({most}, {inner})"
        # of whole numbers only: a last digit that differs would be another label
        whole = self._of(self.selector(), f"changes({self.matrix(0)})", f"count{self._grouping()} ({inner})")
        return f'count_values{grouping} ("{self._of("v", "inst")}", {whole})'

    def call(self, depth: int) -> str:
        roll = self._random.random()
        if roll < 0.4:
            return f"{self._of(*OVER)}({self.matrix(depth)})"
        if roll < 0.6:
            return f"{self._of(*UNARY)}({self.vector(depth - 1)})"
        return self._special(depth)

    def _special(self, depth: int) -> str:
        inner = self.vector(depth - 1)
        kind = self._random.randrange(14)
        if kind == 0:
            return f"clamp({inner}, {self.scalar(0)}, {self.scalar(0)})"
        if kind == 1:
            return f"{self._of('clamp_min', 'clamp_max')}({inner}, {self.scalar(depth - 1)})"
        if kind == 2:
            buckets = self._of("h_bucket", self._buckets(), "odd_bucket", "rate(odd_bucket[5m])", inner)
            return f"histogram_quantile({self._of(*QUANTILES, 'scalar(sparse)')}, {buckets})"
        if kind == 3:
            return f"holt_winters({self.matrix(depth)}, {self._of('0.1', '0.5', '0.9')}, {self._of('0.2', '0.7')})"
        if kind == 4:
            names = ", ".join(
                f'"{name}"' for name in self._random.sample(LABELS, self._random.randrange(0, 3))
            )
            return f'label_join({inner}, "{self._of("z", "inst", "job")}", "-"{", " if names else ""}{names})'
        if kind == 5:
            into = self._of("$1", "x-$1", "${1}y", "$1x", "", "$$", "$0", "$2")
            regex = self._of("(.*)", "i(.)", "(a|b)", "", "nope", "[a-z]([0-9]+)", ".+")
            target, source = self._of("z", "inst", "job", "__name__"), self._of(*LABELS, "__name__")
            return f'label_replace({inner}, "{target}", "{into}", "{source}", "{regex}")'
        if kind == 6:
            return f"predict_linear({self.matrix(depth)}, {self._of('60', '3600', '-300', '0')})"
        if kind == 7:
            return f"quantile_over_time({self._of(*QUANTILES, 'scalar(sparse)')}, {self.matrix(depth)})"
        if kind == 8:
            return f"round({inner}{self._of('', ', 5', ', 0.1', ', -2', ', 0.25', ', 0', ', NaN', ', scalar(edge)')})"
        if kind == 9:
            return f"vector({self.scalar(depth - 1)})"
        if kind == 10:
            return self._of("day_of_week()", "hour()", "minute()", "month()", "year()", "day_of_month()")
        if kind == 11:
            return f"timestamp({self.selector()})"
        if kind == 12:
            return f"absent({self.selector()})"
        return f"-({inner})"

    def _buckets(self) -> str:
        span = self._of("2m", "5m", "10m")
        return self._of(f"rate(h_bucket[{span}])", f"sum by (le) (rate(h_bucket[{span}]))",
                        f"sum by (le, job) (increase(h_bucket[{span}]))", 'h_bucket{le!="1"}')  # fmt: skip

    def _matching(self, *, grouping: bool) -> str:
        if self._chance(0.35):
            return ""
        names = self._random.sample(LABELS, self._random.randrange(0, 4))
        word = self._of("on", "ignoring")
        text = f" {word} ({', '.join(names)})"
        if grouping and self._chance(0.4):
            more = [
                name
                for name in self._random.sample(LABELS, self._random.randrange(0, 2))
                if name not in names
            ]
            text += f" {self._of('group_left', 'group_right')} ({', '.join(more)})"
        return text

    def binary(self, depth: int) -> str:
        roll = self._random.random()
        left = self.vector(depth - 1)
        if roll < 0.25:
            right = self.scalar(depth - 1)
            if self._chance(0.5):
                left, right = right, left
            return f"({left} {self._of(*ARITHMETIC, *COMPARISON)} {right})"
        if roll < 0.35:
            return f"({left} {self._of(*COMPARISON)} bool {self.scalar(depth - 1)})"
        right = self._related(left, depth)
        if roll < 0.55:
            return f"({left} {self._of('and', 'or', 'unless')}{self._matching(grouping=False)} {right})"
        op = self._of(*ARITHMETIC, *COMPARISON)
        if op in COMPARISON and self._chance(0.4):
            op += " bool"
        if self._chance(0.3):
            return f"(req_total {op} on (inst) group_left (version, zone) info)"
        return f"({left} {op}{self._matching(grouping=True)} {right})"

    def _related(self, left: str, depth: int) -> str:
        """Something that may well match: the same again, or the same later, or anything."""
        if self._chance(0.3):
            return left
        if self._chance(0.4):
            return f"max without (code) ({left})"
        return self.vector(depth - 1)

    def vector(self, depth: int) -> str:
        if depth <= 0:
            return self.selector()
        roll = self._random.random()
        if roll < 0.15:
            return self.selector()
        if roll < 0.4:
            return self.aggregate(depth)
        if roll < 0.75:
            return self.call(depth)
        return self.binary(depth)

    def expression(self) -> str:
        """One expression of a few levels."""
        if self._chance(0.04):
            return self.scalar(2)
        return self.vector(self._random.choice((1, 1, 2, 2, 3, 4)))
