"""Networks that pandapipes builds, solves and saves, with its answer in the file: run by an interpreter that has it.

    python saved_networks.py NAME FILE.json [BENCH.py]

``little``, ``one_sided`` and ``ring`` are stored in tests/network_models/formats/, where tests without pandapipes
read them.
"""

import importlib.util
import sys

import pandapipes as pp

SOLVE = {"mode": "bidirectional", "iter": 500, "tol_p": 1e-6, "tol_m": 1e-6, "tol_T": 1e-5, "tol_res": 1e-5}


def pipe(net, start, end, km, mm, name, **more):
    more = {"k_mm": 0.1, "u_w_per_m2k": 1.5, "outer_diameter_mm": mm + 50.0, "text_k": 278.15} | more
    return pp.create_pipe_from_parameters(net, start, end, km, mm, name=name, **more)


def both(net, supply, back, ends, km, mm, name, **more):
    """Lay a supply pipe, and a return pipe drawn the other way."""
    a, b = ends
    return pipe(net, supply[a], supply[b], km, mm, f"供{name}", **more), pipe(
        net, back[b], back[a], km, mm, f"回{name}", **more
    )


def sides(net, count, heights=None):
    heights = heights or [0.0] * count
    supply = [
        pp.create_junction(net, 6, 353.15, height_m=h, name=f"供点{n}", geodata=(100.0 * n, 0.0))
        for n, h in enumerate(heights)
    ]
    back = [
        pp.create_junction(net, 4, 323.15, height_m=h, name=f"回点{n}", geodata=(100.0 * n, -2.0))
        for n, h in enumerate(heights)
    ]
    return supply, back


def little():
    """A loop, a shut pipe, valves of both kinds, and consumers of every kind; two at one junction."""
    net = pp.create_empty_network("小网", fluid="water")
    supply, back = sides(net, 8)
    pp.create_circ_pump_const_pressure(net, back[0], supply[0], 7.0, 3.0, 363.15, name="热源厂")
    both(net, supply, back, (0, 1), 0.4, 125.0, "管甲", loss_coefficient=2.0)
    both(net, supply, back, (1, 2), 0.3, 100.0, "管乙")
    both(net, supply, back, (2, 3), 0.2, 80.0, "管丙")
    both(net, supply, back, (1, 4), 0.25, 100.0, "管丁")
    valved, _ = both(net, supply, back, (4, 3), 0.35, 80.0, "管戊")
    both(net, supply, back, (2, 5), 0.1, 65.0, "支己", text_k=283.15)
    both(net, supply, back, (4, 6), 0.12, 65.0, "支庚")
    both(net, supply, back, (5, 6), 0.3, 65.0, "联络管", in_service=False)
    pp.create_valve(net, supply[4], valved, "pi", 80.0, name="管端阀", loss_coefficient=0.5)
    pp.create_valve(net, supply[3], supply[7], "ju", 80.0, name="分段阀", loss_coefficient=1.0)
    pipe(net, back[7], back[3], 0.05, 65.0, "回支辛")
    pp.create_heat_consumer(net, supply[5], back[5], qext_w=120e3, treturn_k=318.15, name="热力站一")
    pp.create_heat_consumer(net, supply[5], back[5], qext_w=40e3, deltat_k=30.0, name="热力站二")
    pp.create_heat_consumer(net, supply[6], back[6], controlled_mdot_kg_per_s=0.6, treturn_k=313.15, name="热力站三")
    pp.create_heat_consumer(net, supply[7], back[7], controlled_mdot_kg_per_s=0.5, qext_w=70e3, name="热力站四")
    middle = pp.create_junction(net, 5, 330.0, name="中间点")
    pp.create_flow_control(net, supply[2], middle, 0.8, name="流量阀")
    pp.create_heat_exchanger(net, middle, back[2], 100e3, inner_diameter_mm=80.0, name="换热器")
    pp.set_user_pf_options(net, friction_model="colebrook")
    pp.pipeflow(net, **SOLVE)
    return net


def heights():
    """Junctions at different heights, the supply drawn against the flow, pandapipes' own friction law."""
    net = pp.create_empty_network("heights", fluid="water")
    supply, back = sides(net, 5, [0.0, 5.0, 12.0, 3.0, 8.0])
    pp.create_circ_pump_const_pressure(net, back[0], supply[0], 8.0, 3.0, 358.15, name="A")
    for ends, mm in (((1, 0), 125.0), ((1, 2), 100.0), ((3, 2), 100.0), ((1, 4), 80.0)):
        both(net, supply, back, ends, 0.4, mm, f"{ends}")
    for node, heat in ((2, 150e3), (3, 90e3), (4, 80e3)):
        pp.create_heat_consumer(net, supply[node], back[node], qext_w=heat, treturn_k=318.15, name=f"c{node}")
    pp.pipeflow(net, **SOLVE)
    return net


def ring(heights=None, valve=True, **more):
    """A ring whose two ways are alike but for a narrow valve, so that water hardly creeps where they meet.

    Pipes have several sections, each with the loss coefficient; a twelfth of the heat is lost.
    """
    more = {"sections": 3, "loss_coefficient": 2.0} | more
    net = pp.create_empty_network("环网", fluid="water")
    supply, back = sides(net, 6, heights)
    pp.create_circ_pump_const_pressure(net, back[0], supply[0], 7.0, 3.0, 363.15, name="热源厂")
    laid = {}
    for ends in ((0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (1, 5)):
        laid[ends], _ = both(net, supply, back, ends, 0.3, 125.0 if ends[0] < 2 else 80.0, f"{ends}", **more)
    if valve:
        pp.create_valve(net, supply[1], laid[1, 2], "pi", 60.0, name="窄阀", loss_coefficient=2.0)
    for node in range(2, 6):
        pp.create_heat_consumer(net, supply[node], back[node], qext_w=1e5, treturn_k=318.15, name=f"站{node}")
    pp.set_user_pf_options(net, friction_model="colebrook")
    pp.pipeflow(net, **SOLVE)
    return net


def alike():
    """The ring without the valve: nothing tells its two ways apart."""
    return ring(valve=False)


def hills():
    """The ring over hills: the weight of the water, warmer here and colder there, drives flows too."""
    return ring([0.0, 10.0, 30.0, 12.0, 4.0, 8.0], sections=1, loss_coefficient=0.0, u_w_per_m2k=1.0)


def long_pipe():
    """One long pipe to one consumer: a quarter of the temperature is lost on the way, so its flow is hard to settle."""
    net = pp.create_empty_network("长管", fluid="water")
    supply, back = sides(net, 2)
    pp.create_circ_pump_const_pressure(net, back[0], supply[0], 6.0, 2.0, 363.15, name="热源厂")
    both(net, supply, back, (0, 1), 1.0, 80.0, "管", u_w_per_m2k=1.0, outer_diameter_mm=140.0, text_k=283.15)
    pp.create_heat_consumer(net, supply[1], back[1], qext_w=26e3, treturn_k=318.15, name="站")
    pp.set_user_pf_options(net, friction_model="colebrook")
    pp.pipeflow(net, **SOLVE)
    return net


def one_sided():
    """A grid feeds sinks along a supply side alone."""
    net = pp.create_empty_network(fluid="water")
    supply = [pp.create_junction(net, 6, 353.15, name=f"j{n}") for n in range(4)]
    pp.create_ext_grid(net, supply[0], 5.0, 353.15, name="grid")
    for a, b in ((0, 1), (1, 2), (1, 3)):
        pipe(net, supply[a], supply[b], 0.5, 100.0, f"p{a}{b}")
    pp.create_sink(net, supply[2], 2.0, name="s2")
    pp.create_sink(net, supply[3], 1.0, scaling=1.5, name="s3")
    pp.pipeflow(net, **SOLVE)
    return net


def hundred(bench):
    """The benchmark's 100 consumers with two loops; nothing has a name of its own."""
    spec = importlib.util.spec_from_file_location("pandapipes_season", bench)
    module = importlib.util.module_from_spec(spec)
    sys.modules["pandapipes_season"] = module
    spec.loader.exec_module(module)
    net = module.to_pandapipes(module.build_network(100, 2, 2), None)
    pp.set_user_pf_options(net, friction_model="colebrook")
    pp.pipeflow(net, **SOLVE)
    return net


if __name__ == "__main__":
    made = globals()[sys.argv[1]](*sys.argv[3:])
    made["std_types"] = {}  # pandapipes' catalogue of pipes, which nothing here uses
    pp.to_json(made, sys.argv[2])
