"""Numbers: arrays in, arrays out. No SimPy, no pydantic, no pandas."""
