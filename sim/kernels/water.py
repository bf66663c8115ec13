"""Properties of liquid water by temperature, for pressure losses and pipe contents.

Polynomials fitted to IAPWS-95/IAPWS 2008 saturation-line values at 0, 10, … 130 degC (figures of any steam table);
largest relative deviation from them: density 6e-5, viscosity 2e-4.
"""

from __future__ import annotations

from .heat_compile import kernel

__all__ = ["density_kg_m3", "fluidity_1_pa_s"]


@kernel
def density_kg_m3(temperature_c: float) -> float:
    """Return the density of water [kg/m3] at a temperature [degC] of 0 to 130."""
    t = temperature_c
    return 999.8826890756303 + t * (
        0.04179617931088773 + t * (-0.006959500548471265 + t * (3.205642396818988e-05 - t * 8.167078020019793e-08))
    )


@kernel
def fluidity_1_pa_s(temperature_c: float) -> float:
    """Return one over the dynamic viscosity of water [1/(Pa s)] at a temperature [degC] of 0 to 130.

    The reciprocal is fitted because it is nearly straight and is what a Reynolds number needs.
    """
    t = temperature_c
    return 558.052695931972 + t * (
        19.45284161286902 + t * (0.13336013747712291 + t * (-0.0002596423023925618 - t * 2.5813130324460073e-07))
    )
