"""The plan's search against Optuna and pymoo, given the same seasons, on a town whose optimum is known.

``python -m pytest tests/bench/test_bench_optimisers.py --benchmark-only -s``

Everybody plays the same winters of the same policies from the same stored enumeration. The peers are used as people
use them: a policy's objective is its mean cost over so many common winters, its constraint the share of them that it
keeps, and their answer is the cheapest policy that kept the target in its own winters. What a policy is worth in truth
is known exactly, so what is printed is what each answer costs above the optimum, how many answers miss the target in
truth, and by how much the worst of them does. A policy that a peer asks for twice costs nothing the second time.
"""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from heatseason.sim.study.search import Search

_SPEC = importlib.util.spec_from_file_location(
    "enumerated", Path(__file__).parents[1] / "sim" / "study" / "enumerated.py"
)
enumerated = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(enumerated)

BUDGET = 5_000
REPETITIONS = 30


class Purse:
    """Seasons of a repetition for a peer: mean cost and share kept of a policy over its first winters, till spent."""

    def __init__(self, town, repetition, winters):
        self.play, self.share = town.evaluate(repetition), town.asked.share
        self.winters, self.seasons = winters, 0
        self.known = {}

    def __call__(self, policy):
        policy = tuple(int(row) for row in policy)
        if policy not in self.known:
            if self.seasons + self.winters > BUDGET:
                return None
            self.seasons += self.winters
            values = self.play([policy], range(self.winters))[0]
            self.known[policy] = float(values[:, 0].mean()), float((values[:, 1:] >= 0).all(axis=1).mean())
        return self.known[policy]

    def answer(self):
        """Return the cheapest policy that kept the target in the winters it was played in, or None."""
        fits = {policy: cost for policy, (cost, kept) in self.known.items() if kept >= self.share}
        return min(fits, key=fits.get) if fits else None


def optuna_answer(town, repetition, winters):
    optuna = pytest.importorskip("optuna", reason="optuna is not installed: it is of this bench only")
    import warnings

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    purse = Purse(town, repetition, winters)

    def objective(trial):
        found = purse([trial.suggest_int(str(lever), 0, count - 1) for lever, count in enumerate(town.shape)])
        if found is None:
            trial.study.stop()
            raise optuna.TrialPruned
        trial.set_user_attr("lacking", town.asked.share - found[1])
        return found[0]

    sampler = optuna.samplers.TPESampler(
        seed=repetition, constraints_func=lambda trial: (trial.user_attrs.get("lacking", 1.0),)
    )
    study = optuna.create_study(sampler=sampler)
    study.optimize(objective, n_trials=2 * BUDGET // winters)
    return purse


def pymoo_answer(town, repetition, winters):
    pytest.importorskip("pymoo", reason="pymoo is not installed: it is of this bench only")
    from pymoo.algorithms.soo.nonconvex.ga import GA
    from pymoo.core.problem import ElementwiseProblem
    from pymoo.operators.crossover.sbx import SBX
    from pymoo.operators.mutation.pm import PM
    from pymoo.operators.repair.rounding import RoundingRepair
    from pymoo.operators.sampling.rnd import IntegerRandomSampling
    from pymoo.optimize import minimize

    purse = Purse(town, repetition, winters)

    class Problem(ElementwiseProblem):
        def _evaluate(self, x, out, *args, **kwargs):
            cost, kept = purse(x) or (1e12, 0.0)
            out["F"], out["G"] = [cost], [town.asked.share - kept]

    problem = Problem(n_var=len(town.shape), n_obj=1, n_ieq_constr=1, xl=0, xu=np.array(town.shape) - 1, vtype=int)
    rounded = {"vtype": float, "repair": RoundingRepair()}
    algorithm = GA(pop_size=20, sampling=IntegerRandomSampling(), crossover=SBX(prob=1.0, eta=3.0, **rounded),
                   mutation=PM(prob=1.0, eta=3.0, **rounded), eliminate_duplicates=True)  # fmt: skip
    minimize(problem, algorithm, ("n_eval", 2 * BUDGET // winters), seed=repetition, verbose=False)
    return purse


def told(town, name, answers, seasons):
    """Print what a method's answers are worth in truth."""
    given = [policy for policy in answers if policy is not None]
    rows = [town.row(policy) for policy in given]
    missed = [1.0 - town.true_share[row] for row in rows if town.true_share[row] < town.asked.share]
    worse = np.array([town.worse(policy) for policy in given])
    honest = worse[[town.true_share[row] >= town.asked.share for row in rows]]
    middle, worst = (float(of(honest)) if len(honest) else np.nan for of in (np.median, np.max))
    print(
        f"{name:28} {len(given):3} answers, {len(missed):3} miss the target in truth (worst: fails in "
        f"{max(missed, default=0.0):.0%} of winters); the others cost {middle:+.0%} (median), {worst:+.0%} (worst); "
        f"{np.median(seasons):.0f} seasons"
    )


@pytest.mark.parametrize("name", list(enumerated.TOWNS))
def test_cost_and_true_failure_rate_against_optuna_and_pymoo(benchmark, name):
    town = enumerated.Town(name)

    def ours():
        return [Search(town.problem(), town.evaluate(n), budget=BUDGET, seed=n).run() for n in range(REPETITIONS)]

    found = benchmark.pedantic(ours, rounds=1, iterations=1)
    print(f"\n{name}: target in {town.asked.share:.0%} of winters; {REPETITIONS} repetitions, {BUDGET} seasons at most")
    certified = [each.policy if each.certified else None for each in found]
    told(town, "heatseason plan", certified, [each.seasons for each in found])
    for peer, ask in (("Optuna TPE", optuna_answer), ("pymoo GA", pymoo_answer)):
        for winters in (25, 50, 100):
            purses = [ask(town, repetition, winters) for repetition in range(REPETITIONS)]
            for repetition, purse in enumerate(purses):
                assert purse.seasons <= BUDGET
                policy, (cost, kept) = next(iter(purse.known.items()))
                again = town.evaluate(repetition)([policy], range(winters))[0]  # what we would have seen of it
                assert (cost, kept) == (again[:, 0].mean(), (again[:, 1:] >= 0).all(axis=1).mean())
            told(town, f"{peer}, {winters} winters each", [purse.answer() for purse in purses],
                 [purse.seasons for purse in purses])  # fmt: skip
    assert all(each.seasons <= BUDGET for each in found)
