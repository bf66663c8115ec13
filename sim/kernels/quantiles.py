"""Normal quantiles of many uniforms near a half, as one row."""

from __future__ import annotations

from .heat_compile import row_kernel
from .layout import Array

__all__ = ["central_quantiles"]

Eight = tuple[float, float, float, float, float, float, float, float]


@row_kernel
def central_quantiles(uniform: Array, numerator: Eight, denominator: Eight, out: Array) -> None:
    """Fill `out` with standard normal quantiles, right where a uniform is no more than 0.425 from a half (AS 241).

    Parameters
    ----------
    uniform : array, shape (number,)
        In (0, 1).
    numerator, denominator
        Of the ratio of polynomials, from the constant on: see :data:`heatseason.scenarios.chance.CENTRAL`.
    """
    a, b = numerator, denominator
    for i in range(len(out)):
        q = uniform[i] - 0.5
        r = 0.180625 - q * q
        top = ((((((a[7] * r + a[6]) * r + a[5]) * r + a[4]) * r + a[3]) * r + a[2]) * r + a[1]) * r + a[0]
        low = ((((((b[7] * r + b[6]) * r + b[5]) * r + b[4]) * r + b[3]) * r + b[2]) * r + b[1]) * r + b[0]
        out[i] = q * (top / low)
