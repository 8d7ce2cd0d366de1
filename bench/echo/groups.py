"""What came out, group by group: figures per row, series and round; medians, spreads and ratios of them."""
import dataclasses
import statistics


@dataclasses.dataclass
class Ratio:
    value: float
    spread: float  # half of the range over the rounds, as a share of the value
    is_clear: bool  # all rounds agree on which is the larger

    def __str__(self):
        return f"{'' if self.is_clear else '~'}{self.value:.2f}"


@dataclasses.dataclass
class Group:
    """A table and a chart."""
    name: str
    title: str
    unit: str
    base: str = ""  # the series that nobody can be better than
    subject: str = "ours"
    rows: dict = dataclasses.field(default_factory=dict)  # {row: {series: [value of each round]}}
    note: str = ""
    has_chart: bool = True
    has_ratios: bool = True
    aside: tuple = ()  # series that are compared with nothing

    def add(self, row, results, figure):
        """`results`: {series: [figures of each round]}."""
        self.rows[row] = {series: [one[figure] for one in rounds] for series, rounds in results.items() if rounds}

    def series(self):
        """In the order in which they first come."""
        return list(dict.fromkeys(series for row in self.rows.values() for series in row))

    def median(self, row, series):
        return statistics.median(self.rows[row][series])

    def spread(self, row, series):
        """Half of the range as a share of the median."""
        return half_range(self.rows[row][series])

    def ratio(self, row, above, below):
        """Median over the rounds of above ÷ below, or nothing. Rounds are compared one by one, since what disturbed
        one server in a round disturbed the other too."""
        values = self.rows[row]
        if above not in values or below not in values:
            return None
        ratios = [a / b for a, b in zip(values[above], values[below]) if b > 0]
        if not ratios:
            return None
        return Ratio(statistics.median(ratios), half_range(ratios), min(ratios) > 1 or max(ratios) < 1)

    def ratio_columns(self):
        """[(above, below)]: the subject to its base, the others to the subject."""
        if not self.has_ratios:
            return []
        others = [series for series in self.series() if series not in (self.base, self.subject, *self.aside)]
        return ([(self.subject, self.base)] if self.base else []) + [(other, self.subject) for other in others]


def half_range(values):
    middle = statistics.median(values)
    return (max(values) - min(values)) / 2 / middle if middle else 0.0
