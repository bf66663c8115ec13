"""Where a kernel's time goes: its source compiled anew with the cycle counter read between its calls.

No profiler looks into compiled kernels, and timing them one by one from Python times mostly Python. Here every call
statement of the chosen functions is followed by a read of the time-stamp counter (some 10 ns), so the parts add up to
the whole.
"""

from __future__ import annotations

import ast
import inspect
import time
from types import ModuleType
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = ["Profile"]

_LARGEST = 512


class Profile:
    """A kernel with ticks.

    Parameters
    ----------
    module : module
        Where the kernel and the functions to look into are defined; decorated by ``kernel`` or ``inlined``.
    name : str
        The kernel to call.
    inside : tuple of str
        Functions of the module whose call statements are told apart.
    """

    def __init__(self, module: ModuleType, name: str, inside: tuple[str, ...]) -> None:
        self.cycles = np.zeros(2 * _LARGEST + 1, np.int64)  # cycles, how often; last: when the counter was last read
        self.parts: list[str] = []
        tree = ast.parse(inspect.getsource(module))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name in inside:
                node.body = self._ticked(node.body, node.name)
                node.decorator_list = [ast.Name("inlined", ast.Load())]
        tree.body = [node for node in tree.body if not _is_future(node)]
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name == name:
                node.decorator_list = [ast.Name("kernel", ast.Load())]
        space: dict[str, Any] = {"__name__": module.__name__, "__package__": module.__package__}
        code = compile(ast.fix_missing_locations(tree), f"<{module.__name__}, with ticks>", "exec", dont_inherit=True,
                       flags=__import__("__future__").annotations.compiler_flag)  # fmt: skip
        # the folder of the module's own imports is kept; what is compiled here is not cached
        import heatseason.sim.kernels.heat_compile as compiling

        kept = compiling.kernel, compiling.inlined, compiling.row_kernel
        compiling.kernel = njit(error_model="numpy", _nrt=False)
        compiling.inlined = njit(error_model="numpy", inline="always", _nrt=False)
        compiling.row_kernel = njit(error_model="numpy", pipeline_class=compiling._Apart, _nrt=False)
        try:
            space["_tick"] = _ticker(self.cycles.ctypes.data)
            exec(code, space)
        finally:
            compiling.kernel, compiling.inlined, compiling.row_kernel = kept
        self.run = space[name]

    def _ticked(self, body: list[ast.stmt], owner: str) -> list[ast.stmt]:
        """Return statements with a tick after each that calls something, and into their blocks."""
        result = []
        for statement in body:
            for block in ("body", "orelse"):
                inner = getattr(statement, block, None)
                if inner:
                    setattr(statement, block, self._ticked(inner, owner))
            result.append(statement)
            called = None
            if isinstance(statement, ast.Expr | ast.Assign) and isinstance(statement.value, ast.Call):
                called = statement.value.func
            if isinstance(called, ast.Name):
                self.parts.append(f"{owner}: {called.id} (line {statement.lineno})")
                result.append(ast.parse(f"_tick({len(self.parts) - 1})").body[0])
        return result

    def milliseconds(self) -> list[tuple[str, float, int]]:
        """Return each part's time since the last reading [ms] and how often it ran; what runs between calls counts to
        the next one.
        """  # fmt: skip
        rate = _cycles_per_ms()
        found = [
            (part, float(self.cycles[k] / rate), int(self.cycles[_LARGEST + k])) for k, part in enumerate(self.parts)
        ]
        self.cycles[:] = 0
        return found


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _ticker(address: int) -> Any:
    @intrinsic
    def tick(typing: Any, place: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            long = ir.IntType(64)
            read = cgutils.get_or_insert_function(builder.module, ir.FunctionType(long, []), "llvm.readcyclecounter")
            cells = builder.inttoptr(ir.Constant(long, address), long.as_pointer())
            now = builder.call(read, [])
            last = builder.gep(cells, [ir.Constant(long, 2 * _LARGEST)])
            before = builder.load(last)
            builder.store(now, last)
            mine = builder.gep(cells, [args[0]])
            started = builder.icmp_signed("!=", before, ir.Constant(long, 0))
            gone = builder.select(started, builder.sub(now, before), ir.Constant(long, 0))
            builder.store(builder.add(builder.load(mine), gone), mine)
            times = builder.gep(mine, [ir.Constant(long, _LARGEST)])
            builder.store(builder.add(builder.load(times), ir.Constant(long, 1)), times)
            return context.get_dummy_value()

        return types.void(types.int64), generate

    @njit
    def call(place: int) -> None:
        tick(place)

    return call


def _cycles_per_ms() -> float:
    @intrinsic
    def cycles(typing: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            long = ir.IntType(64)
            read = cgutils.get_or_insert_function(builder.module, ir.FunctionType(long, []), "llvm.readcyclecounter")
            return builder.call(read, [])

        return types.int64(), generate

    read = njit(lambda: cycles())
    read()
    start, begun = time.perf_counter(), read()
    time.sleep(0.05)
    return float((read() - begun) / (1e3 * (time.perf_counter() - start)))
