"""What policies see: right today, less right the further ahead, and never the future."""

import numpy as np
import pytest
from heatseason.scenarios.chance import stream
from heatseason.scenarios.weather.forecast import LEADS, Forecast, forecast


def errors(specification, days=4_000):
    truth = np.zeros(days + LEADS - 1)
    u = stream(3, 0, "test").random((days + LEADS - 1, LEADS - 1))
    return forecast(specification, truth, u)


def test_errors_grow_with_the_lead():
    sd = errors(Forecast()).std(axis=0)
    assert sd[0] == 0.0
    assert sd[1] == pytest.approx(1.0, abs=0.06)
    assert sd[10] == pytest.approx(3.0, abs=0.25)
    assert np.all(np.diff(sd) > 0)


def test_revisions_have_no_direction():
    seen = errors(Forecast())
    for lead in (2, 5, 9):
        today, tomorrow = seen[:-1, lead], seen[1:, lead - 1]  # of the same target day
        revision = tomorrow - today
        assert abs(revision.mean()) < 4 * revision.std() / np.sqrt(len(revision) / 8)
        correlation = np.corrcoef(revision, tomorrow)[0, 1]
        assert abs(correlation) < 0.1  # what is left to learn is not foreseen


def test_neighbouring_targets_err_alike():
    seen = errors(Forecast())
    assert np.corrcoef(seen[:, 5], seen[:, 6])[0, 1] > 0.5


def test_no_error_is_the_truth():
    truth = np.sin(np.arange(60.0))
    u = stream(3, 0, "test").random((60, LEADS - 1))
    seen = forecast(Forecast(error_first_k=0.0, error_tenth_k=0.0), truth, u)
    assert np.allclose(seen[10], truth[10 : 10 + LEADS])
