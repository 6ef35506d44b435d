"""What the codes mean that this program prints, from the data of which the documentation is made."""

from ocpplab_runner.tools.explaining.explanations import Explanation, explanations

__all__ = ["Explanation", "explanations"]
