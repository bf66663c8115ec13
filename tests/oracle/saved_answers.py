"""How far our answer to a network saved by pandapipes is from the answer that the file holds; no pandapipes needed."""

import json


def tables(path):
    """Return a saved network's tables: name -> rows."""
    held = json.loads(path.read_text("utf-8"))["_object"]
    found = {}
    for name, value in held.items():
        if isinstance(value, dict) and value.get("_class") == "DataFrame":
            frame = json.loads(value["_object"])
            found[name] = [dict(zip(frame["columns"], row, strict=True)) for row in frame["data"]]
    return found


def differences(path, document):
    """Return the largest differences [K], [bar], [kg/s], and how many junctions and pipes were compared.

    Elements are found by their own names, or by table and index where they have none; what lies on the supply side is
    sought there first.
    """
    saved = tables(path)
    nodes, pipes = ({}, {})
    for ours, rows in ((nodes, document["nodes"]), (pipes, document["pipes"])):
        for row in rows:
            ours.setdefault(row["id"], row)
    found = {"temperature_k": 0.0, "pressure_bar": 0.0, "flow_kg_s": 0.0, "junctions": 0, "pipes": 0}
    for number, (junction, answer) in enumerate(zip(saved["junction"], saved["res_junction"], strict=True)):
        ours = nodes.get(junction["name"] or f"junction {number}")
        if ours is not None and answer["t_k"] is not None:
            found["junctions"] += 1
            for what, value in (
                ("temperature_k", ours["temperature_c"] + 273.15 - answer["t_k"]),
                ("pressure_bar", ours["pressure_bar"] - answer["p_bar"]),
            ):
                found[what] = max(found[what], abs(value))
    for number, (pipe, answer) in enumerate(zip(saved["pipe"], saved["res_pipe"], strict=True)):
        ours = pipes.get(pipe["name"] or f"pipe {number}")
        if ours is not None and answer["mdot_from_kg_per_s"] is not None:
            found["pipes"] += 1
            start = saved["junction"][pipe["from_junction"]]["name"] or f"junction {pipe['from_junction']}"
            along = 1.0 if ours["from"] == start else -1.0
            apart = along * ours["mass_flow_kg_s"] - answer["mdot_from_kg_per_s"]
            found["flow_kg_s"] = max(found["flow_kg_s"], abs(apart))
    return found
