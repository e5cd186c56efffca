"""A mean kept as a sum and a count, so that parts computed apart can be merged."""

import dataclasses

from huegram.errors import DataError

__all__ = ["MeanSum"]


@dataclasses.dataclass
class MeanSum:
    """A running mean over photographs whose state is sums.

    Merging the halves of a set gives the mean of the set, also where the halves differ in size.

    Attributes:
        total: Sum of the values.
        count: Number of the values.

    >>> first, second = MeanSum(), MeanSum()
    >>> first.add(1.0)
    >>> second.add(2.0)
    >>> second.add(6.0)
    >>> first.merge(second)
    >>> first.compute()
    3.0
    """

    total: float = 0.0
    count: int = 0

    def add(self, value: float) -> None:
        """Count one more value."""
        self.total += value
        self.count += 1

    def merge(self, other: "MeanSum") -> None:
        """Count all that `other` has counted; `other` stays as it is."""
        self.total += other.total
        self.count += other.count

    def compute(self) -> float:
        """Return the mean.

        Raises:
            DataError: If nothing was counted.
        """
        if self.count == 0:
            raise DataError(
                "Expected at least one photograph to average over. Got none. "
                "Call update before compute."
            )
        return self.total / self.count
